import CVulkan
import FCNRuntime
import Synchronization

/// A logical device with one queue, the one descriptor layout, and the pipelines made so far. Shared by threads.
final class VulkanDevice: @unchecked Sendable {
  /// Bindings of every shader: weights, input, bias or table, residual or second input, output, second output.
  static let bindingCount = 6
  static let pushBytes = 128

  /// Descriptor set and pipeline layout of a form of bindings.
  struct Layouts {
    var set: VkDescriptorSetLayout?
    var pipeline: VkPipelineLayout?
  }

  let info: DeviceInfo
  let variants: RefusedVariants
  private let given: VulkanOptions
  private let budget: Mutex<SegmentBudget>
  let instance: VulkanInstance
  /// Written while the device is made only.
  let functions: UnsafeMutablePointer<fcn_vk>
  let handle: VkDevice
  private let queue: VkQueue
  private let submission = Mutex<Void>(())
  private(set) var layouts: [BindingForm: Layouts] = [:]
  let pipelines: PipelineStore

  /// - Throws: `RuntimeError`.
  init(
    _ instance: VulkanInstance, _ info: DeviceInfo, _ options: VulkanOptions, _ variants: RefusedVariants,
    segments: SegmentBudget
  ) throws(RuntimeError) {
    self.instance = instance
    self.info = info
    self.variants = variants
    given = options
    budget = Mutex(segments)
    functions = .allocate(capacity: 1)
    functions.initialize(to: instance.functions)
    var made: VkDevice?
    let family = info.queueFamily ?? 0
    let result = fcn_vk_create_device(
      functions, instance.physical[info.index], family, options.robustBufferAccess && info.hasRobustBufferAccess, &made)
    options.adjust?(&functions.pointee)
    var queue: VkQueue?
    if result == VK_SUCCESS { functions.pointee.GetDeviceQueue(made, family, 0, &queue) }
    guard result == VK_SUCCESS, let made, let queue else {
      functions.deallocate()
      try check(result, "vkCreateDevice of \(info.name)")
      throw RuntimeError(.device, "vkCreateDevice of \(info.name): expected a queue, got none")
    }
    handle = made
    self.queue = queue
    pipelines = PipelineStore(functions, made, info, folder: options.cacheFolder)
    for form in BindingForm.allCases where form == .buffers || usesTexels {
      layouts[form] = Layouts()
      try check(
        fcn_vk_create_set_layout(
          functions, handle, UInt32(form.texels), UInt32(VulkanDevice.bindingCount), &layouts[form]!.set),
        "vkCreateDescriptorSetLayout")
      try check(
        fcn_vk_create_pipeline_layout(
          functions, handle, layouts[form]!.set, UInt32(VulkanDevice.pushBytes), &layouts[form]!.pipeline),
        "vkCreatePipelineLayout")
    }
  }

  func pipeline(_ key: PipelineKey, _ form: BindingForm, node: String) throws(RuntimeError) -> VkPipeline {
    try pipelines.pipeline(key, layout: layouts[form]!.pipeline!, node: node)
  }

  /// Without what the driver refused.
  var options: VulkanOptions { variants.applied(to: given) }

  /// Operations of a segment of commands.
  var segments: SegmentBudget { budget.withLock { $0 } }
  func note(flops: Int, milliseconds: Double) {
    budget.withLock { $0.note(flops: flops, milliseconds: milliseconds) }
  }

  private var usesTexels: Bool { given.usesTexelBuffers ?? (info.kind == .cpu) }

  /// How a dispatch's shader is bound here: as texel buffers where there is such a variant and they can be that large.
  func form(_ shader: String, _ bindings: [Binding?]) -> BindingForm {
    guard usesTexels, PipelineStore.hasShader(shader + BindingForm.texels.suffix), variants.allowsTexels(shader) else {
      return .buffers
    }
    let isFit = bindings[..<BindingForm.texels.texels].allSatisfy { binding in
      guard let binding else { return true }
      return binding.range % 16 == 0 && binding.range / 16 <= info.largestTexelCount
        && binding.offset % max(16, info.texelAlignment) == 0
    }
    return isFit ? .texels : .buffers
  }

  /// Submits one command buffer; threads take turns.
  func submit(_ commands: VkCommandBuffer?, fence: VkFence?) throws(RuntimeError) {
    let result = submission.withLock { _ in fcn_vk_submit(functions, queue, commands, fence) }
    try check(result, "vkQueueSubmit to \(info.name)")
  }

  /// Bytes that one binding may have.
  var largestRange: Int { min(info.largestRange, given.largestRange ?? .max) }
  /// Bytes that one buffer may have.
  var largestBuffer: Int { min(info.largestBuffer, info.largestAllocation, given.largestArena ?? .max) }
  /// Bytes that new weights and arenas may take together, and whether the host's arena is among them.
  var memoryBudget: (bytes: Int, countsHost: Bool) {
    func heap(_ use: DeviceInfo.MemoryUse) -> Int? {
      info.memoryType(use, allowed: .max).map { info.memoryTypes[Int($0)].heap }
    }
    guard let own = heap(info.isUnified ? .unified : .device) else { return (.max, false) }
    let isShared = heap(.host) == own
    if let bytes = given.heapBudget { return (bytes, isShared) }
    let share = info.heaps[own].bytes / 5 * 4
    var free: UInt64 = 0
    let isKnown = fcn_vk_heap_budget(functions, instance.physical[info.index], UInt32(own), &free)
    return (isKnown ? min(share, Int(clamping: free)) : share, isShared)
  }
  /// Groups along each axis.
  var largestGroupCounts: [Int] { info.largestGroupCounts.map { min($0, 65535, given.largestGroupCount ?? .max) } }

  deinit {
    pipelines.destroyAll()
    for layout in layouts.values {
      if let pipeline = layout.pipeline { functions.pointee.DestroyPipelineLayout(handle, pipeline, nil) }
      if let set = layout.set { functions.pointee.DestroyDescriptorSetLayout(handle, set, nil) }
    }
    functions.pointee.DestroyDevice(handle, nil)
    functions.deinitialize(count: 1)
    functions.deallocate()
  }
}

/// What the inputs of a shader are bound as.
enum BindingForm: Sendable, Hashable, CaseIterable {
  case buffers
  /// Slots 0 to 3 as texel buffers of four floats.
  case texels

  var texels: Int { self == .texels ? 4 : 0 }
  /// Of the shader's name.
  var suffix: String { self == .texels ? "_tex" : "" }
}
