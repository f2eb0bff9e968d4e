import CVulkan
import FCNRuntime

/// A buffer with memory of its own, mapped where the host may touch it.
final class DeviceBuffer: @unchecked Sendable {
  let device: VulkanDevice
  let byteCount: Int
  private(set) var handle: VkBuffer?
  private var memory: VkDeviceMemory?
  private(set) var mapping: UnsafeMutableRawPointer?

  /// - Parameter use: `unified` becomes `device` where the two are not one.
  /// - Throws: `RuntimeError.memory` with the size.
  init(_ device: VulkanDevice, _ use: DeviceInfo.MemoryUse, bytes: Int, what: String) throws(RuntimeError) {
    self.device = device
    // A range is never a whole buffer's rest, and words are read by four.
    byteCount = max(256, (bytes + 255) / 256 * 256)
    let label = "of \(byteCount) bytes for \(what) on \(device.info.name)"
    guard byteCount <= device.facts.largestBuffer else {
      throw RuntimeError(.memory, "memory \(label): expected at most \(device.facts.largestBuffer) bytes")
    }
    try check(
      fcn_vk_create_buffer(device.functions, device.handle, UInt64(byteCount), &handle), "vkCreateBuffer \(label)")
    var needs = VkMemoryRequirements()
    device.functions.pointee.GetBufferMemoryRequirements(device.handle, handle, &needs)
    let use = use == .unified && !device.info.isUnified ? .device : use
    guard let type = device.info.memoryType(use, allowed: needs.memoryTypeBits) else {
      throw RuntimeError(.device, "memory \(label): expected a memory type for it, got none")
    }
    try check(
      fcn_vk_allocate(device.functions, device.handle, needs.size, type, &memory), "vkAllocateMemory \(label)")
    try check(
      device.functions.pointee.BindBufferMemory(device.handle, handle, memory, 0), "vkBindBufferMemory \(label)")
    if use == .device { return }
    try check(
      device.functions.pointee.MapMemory(device.handle, memory, 0, UInt64(byteCount), 0, &mapping),
      "vkMapMemory \(label)")
  }

  /// Fills it with NaN, where it is mapped.
  func fill() { mapping?.initializeMemory(as: UInt32.self, repeating: 0x7fc0_0000, count: byteCount / 4) }

  deinit {
    if mapping != nil { device.functions.pointee.UnmapMemory(device.handle, memory) }
    if let handle { device.functions.pointee.DestroyBuffer(device.handle, handle, nil) }
    if let memory { device.functions.pointee.FreeMemory(device.handle, memory, nil) }
  }
}
