import CVulkan
import FCNRuntime

/// The descriptor sets of a program in one session's buffers: one for each dispatch, written once.
final class ProgramBinding {
  let program: VulkanProgram
  let device: VulkanDevice
  private var pool: VkDescriptorPool?
  private(set) var sets: [VkDescriptorSet?] = []
  private var views: [ViewKey: VkBufferView] = [:]

  /// - Parameter memory: weights, device arena, host arena, in the order of `BufferKind`; `spare` fills unused slots.
  init(
    _ program: VulkanProgram, _ device: VulkanDevice, memory: [DeviceSlabs], spare: DeviceBuffer
  ) throws(RuntimeError) {
    self.program = program
    self.device = device
    let count = program.dispatches.count
    if count == 0 { return }
    let slots = ShaderInterface.bindingCount
    let texels = program.dispatches.reduce(0) { $0 + $1.form.texels }
    try check(
      fcn_vk_create_descriptor_pool(
        device.functions, device.handle, UInt32(count), UInt32(texels), UInt32(count * slots), &pool),
      "vkCreateDescriptorPool of \(count) sets")
    for dispatch in program.dispatches {
      var set: VkDescriptorSet?
      try check(
        fcn_vk_allocate_set(device.functions, device.handle, pool, device.layouts[dispatch.form]!.set, &set),
        "vkAllocateDescriptorSets", node: dispatch.node)
      let places = dispatch.bindings.map { binding in
        guard let binding else { return Place(buffer: spare, offset: 0, range: 256) }
        let place = memory[binding.buffer.rawValue].place(binding.offset, binding.range)
        return Place(buffer: place.buffer, offset: UInt64(place.offset), range: UInt64(binding.range))
      }
      var bound: [VkBufferView?] = []
      for place in places.prefix(dispatch.form.texels) { bound.append(try view(place, dispatch.node)) }
      let infos = places.dropFirst(bound.count).map {
        VkDescriptorBufferInfo(buffer: $0.buffer.handle, offset: $0.offset, range: $0.range)
      }
      fcn_vk_write_set(
        device.functions, device.handle, set, bound, UInt32(bound.count), infos, UInt32(places.count))
      sets.append(set)
    }
  }

  private struct Place {
    var buffer: DeviceBuffer
    var offset, range: UInt64
  }

  private struct ViewKey: Hashable {
    var buffer: ObjectIdentifier
    var offset, range: UInt64
  }

  private func view(_ place: Place, _ node: String) throws(RuntimeError) -> VkBufferView? {
    let key = ViewKey(buffer: ObjectIdentifier(place.buffer), offset: place.offset, range: place.range)
    if let known = views[key] { return known }
    var made: VkBufferView?
    try check(
      fcn_vk_create_view(device.functions, device.handle, place.buffer.handle, place.offset, place.range, &made),
      "vkCreateBufferView of \(place.range) bytes", node: node)
    views[key] = made
    return made
  }

  deinit {
    if let pool { device.functions.pointee.DestroyDescriptorPool(device.handle, pool, nil) }
    for view in views.values { device.functions.pointee.DestroyBufferView(device.handle, view, nil) }
  }
}
