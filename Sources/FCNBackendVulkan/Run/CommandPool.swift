import CVulkan
import FCNRuntime

/// Command buffers of one thread; they go with the pool.
final class CommandPool {
  let device: VulkanDevice
  private var handle: VkCommandPool?

  init(_ device: VulkanDevice) throws(RuntimeError) {
    self.device = device
    try check(
      fcn_vk_create_command_pool(device.functions, device.handle, device.info.queueFamily ?? 0, &handle),
      "vkCreateCommandPool")
  }

  /// A command buffer with what `record` puts into it.
  func record(
    _ what: String, _ record: (VkCommandBuffer) throws(RuntimeError) -> Void
  ) throws(RuntimeError) -> VkCommandBuffer {
    var made: VkCommandBuffer?
    try check(
      fcn_vk_allocate_commands(device.functions, device.handle, handle, &made), "vkAllocateCommandBuffers for \(what)")
    let commands = made!
    try check(fcn_vk_begin(device.functions, commands), "vkBeginCommandBuffer for \(what)")
    try record(commands)
    try check(device.functions.pointee.EndCommandBuffer(commands), "vkEndCommandBuffer for \(what)")
    return commands
  }

  deinit { if let handle { device.functions.pointee.DestroyCommandPool(device.handle, handle, nil) } }
}

/// Copies between buffers of a device, waiting for the end.
enum Transfer {
  static func copy(
    from source: DeviceBuffer, at first: Int, to target: DeviceBuffer, at start: Int, bytes: Int
  ) throws(RuntimeError) {
    let device = target.device
    let pool = try CommandPool(device)
    let flight = try Flight(device, limit: 1)
    flight.users = [pool, source, target]
    let commands = try pool.record("a copy") { commands in
      var region = VkBufferCopy(srcOffset: UInt64(first), dstOffset: UInt64(start), size: UInt64(bytes))
      // What shaders wrote is read; what is written, shaders and the host read.
      let (compute, host) = (VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT.rawValue, VK_PIPELINE_STAGE_HOST_BIT.rawValue)
      let transfer = VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue
      fcn_vk_barrier(
        device.functions, commands, VkPipelineStageFlags(compute), VkAccessFlags(VK_ACCESS_SHADER_WRITE_BIT.rawValue),
        VkPipelineStageFlags(transfer), VkAccessFlags(VK_ACCESS_TRANSFER_READ_BIT.rawValue))
      device.functions.pointee.CmdCopyBuffer(commands, source.handle, target.handle, 1, &region)
      fcn_vk_barrier(
        device.functions, commands, VkPipelineStageFlags(transfer),
        VkAccessFlags(VK_ACCESS_TRANSFER_WRITE_BIT.rawValue),
        VkPipelineStageFlags(compute | host),
        VkAccessFlags(VK_ACCESS_SHADER_READ_BIT.rawValue | VK_ACCESS_HOST_READ_BIT.rawValue))
    }
    try flight.submit(commands, what: "a copy of \(bytes) bytes")
    try flight.waitForAll()
  }
}
