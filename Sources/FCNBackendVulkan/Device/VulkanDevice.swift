import CVulkan
import FCNRuntime
import Synchronization

/// A logical device with one queue and the one descriptor layout of each form. Shared by threads.
final class VulkanDevice: @unchecked Sendable {
  /// Descriptor set and pipeline layout of a form of bindings.
  struct Layouts {
    var set: VkDescriptorSetLayout?
    var pipeline: VkPipelineLayout?
  }

  let facts: DeviceFacts
  private let instance: VulkanInstance
  /// Written while the device is made only.
  let functions: UnsafeMutablePointer<fcn_vk>
  let handle: VkDevice
  private let queue: VkQueue
  private let submission = Mutex<Void>(())
  private(set) var layouts: [BindingForm: Layouts] = [:]

  var info: DeviceInfo { facts.info }
  var options: VulkanOptions { facts.options }

  /// - Throws: `RuntimeError`.
  init(_ instance: VulkanInstance, _ facts: DeviceFacts) throws(RuntimeError) {
    self.instance = instance
    self.facts = facts
    functions = .allocate(capacity: 1)
    functions.initialize(to: instance.functions)
    do throws(RuntimeError) {
      (handle, queue) = try VulkanDevice.made(instance, facts, functions)
    } catch {
      functions.deallocate()
      throw error
    }
    for form in BindingForm.allCases where form == .buffers || facts.usesTexels {
      layouts[form] = Layouts()
      try check(
        fcn_vk_create_set_layout(
          functions, handle, UInt32(form.texels), UInt32(ShaderInterface.bindingCount), &layouts[form]!.set),
        "vkCreateDescriptorSetLayout")
      try check(
        fcn_vk_create_pipeline_layout(
          functions, handle, layouts[form]!.set, UInt32(ShaderInterface.pushBytes), &layouts[form]!.pipeline),
        "vkCreatePipelineLayout")
    }
  }

  /// Loads the device's functions too; nothing is left where it throws.
  private static func made(
    _ instance: VulkanInstance, _ facts: DeviceFacts, _ functions: UnsafeMutablePointer<fcn_vk>
  ) throws(RuntimeError) -> (VkDevice, VkQueue) {
    let (info, options) = (facts.info, facts.options)
    var made: VkDevice?
    let family = info.queueFamily ?? 0
    let result = fcn_vk_create_device(
      functions, instance.physical[info.index], family, options.robustBufferAccess && info.hasRobustBufferAccess, &made)
    try check(result, "vkCreateDevice of \(info.name)")
    guard let made else { throw RuntimeError(.device, "vkCreateDevice of \(info.name): expected a device, got none") }
    options.adjust?(&functions.pointee)
    var queue: VkQueue?
    functions.pointee.GetDeviceQueue(made, family, 0, &queue)
    guard let queue else {
      functions.pointee.DestroyDevice(made, nil)
      throw RuntimeError(.device, "vkGetDeviceQueue of \(info.name): expected a queue, got none")
    }
    return (made, queue)
  }

  /// Submits one command buffer; threads take turns.
  func submit(_ commands: VkCommandBuffer?, fence: VkFence?) throws(RuntimeError) {
    let result = submission.withLock { _ in fcn_vk_submit(functions, queue, commands, fence) }
    try check(result, "vkQueueSubmit to \(info.name)")
  }

  /// Bytes that new weights and arenas may take together, and whether the host's arena is among them.
  var memoryBudget: (bytes: Int, countsHost: Bool) {
    func heap(_ use: DeviceInfo.MemoryUse) -> Int? {
      info.memoryType(use, allowed: .max).map { info.memoryTypes[Int($0)].heap }
    }
    guard let own = heap(info.isUnified ? .unified : .device) else { return (.max, false) }
    let isShared = heap(.host) == own
    if let bytes = options.heapBudget { return (bytes, isShared) }
    let share = info.heaps[own].bytes / 5 * 4
    var free: UInt64 = 0
    let isKnown = fcn_vk_heap_budget(functions, instance.physical[info.index], UInt32(own), &free)
    return (isKnown ? min(share, Int(clamping: free)) : share, isShared)
  }

  deinit {
    for layout in layouts.values {
      if let pipeline = layout.pipeline { functions.pointee.DestroyPipelineLayout(handle, pipeline, nil) }
      if let set = layout.set { functions.pointee.DestroyDescriptorSetLayout(handle, set, nil) }
    }
    functions.pointee.DestroyDevice(handle, nil)
    functions.deinitialize(count: 1)
    functions.deallocate()
  }
}
