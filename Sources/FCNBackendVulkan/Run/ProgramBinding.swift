import CVulkan
import FCNRuntime

/// The descriptor sets of a program in one session's buffers: one for each dispatch, written once.
final class ProgramBinding {
  let program: VulkanProgram
  let device: VulkanDevice
  private var pool: VkDescriptorPool?
  private(set) var sets: [VkDescriptorSet?] = []

  /// - Parameter buffers: weights, device arena, host arena, in the order of `BufferKind`; `spare` fills unused slots.
  init(
    _ program: VulkanProgram, _ device: VulkanDevice, buffers: [DeviceBuffer], spare: DeviceBuffer
  ) throws(RuntimeError) {
    self.program = program
    self.device = device
    let count = program.dispatches.count
    if count == 0 { return }
    try check(
      fcn_vk_create_descriptor_pool(
        device.functions, device.handle, UInt32(count), UInt32(count * VulkanDevice.bindingCount), &pool),
      "vkCreateDescriptorPool of \(count) sets")
    for dispatch in program.dispatches {
      var set: VkDescriptorSet?
      try check(
        fcn_vk_allocate_set(device.functions, device.handle, pool, device.setLayout, &set), "vkAllocateDescriptorSets",
        node: dispatch.node)
      let infos = dispatch.bindings.map { binding in
        guard let binding else { return VkDescriptorBufferInfo(buffer: spare.handle, offset: 0, range: 256) }
        let buffer = buffers[binding.buffer.rawValue]
        precondition(binding.offset + binding.range <= buffer.byteCount)
        return VkDescriptorBufferInfo(
          buffer: buffer.handle, offset: UInt64(binding.offset), range: UInt64(binding.range))
      }
      fcn_vk_write_set(device.functions, device.handle, set, infos, UInt32(infos.count))
      sets.append(set)
    }
  }

  deinit { if let pool { device.functions.pointee.DestroyDescriptorPool(device.handle, pool, nil) } }
}
