import CFCNShaders
import CVulkan
import FCNRuntime
import Synchronization

/// Pipelines, made once each, and the driver's cache of them on disk.
final class PipelineStore: @unchecked Sendable {
  private let owner: VulkanDevice
  private let file: PipelineCacheFile?
  private let state = Mutex<Contents>(Contents())

  private var functions: UnsafeMutablePointer<fcn_vk> { owner.functions }
  private var device: VkDevice { owner.handle }

  private struct Contents: @unchecked Sendable {
    var cache: VkPipelineCache?
    var isOpen = false
    var made: [PipelineKey: VkPipeline] = [:]
    var shaders: [String: VkShaderModule] = [:]
    /// Made since the cache was last written.
    var unsaved = 0
  }

  private struct Made: @unchecked Sendable { let pipeline: VkPipeline }

  init(_ device: VulkanDevice) {
    owner = device
    file = device.options.cacheFolder.map { PipelineCacheFile(folder: $0, device.info) }
  }

  /// - Throws: `RuntimeError` naming shader and constants where the driver refuses it.
  func pipeline(_ key: PipelineKey, _ form: BindingForm, node: String) throws(RuntimeError) -> VkPipeline {
    try state.withLock { (state) throws(RuntimeError) in
      if let known = state.made[key] { return Made(pipeline: known) }
      open(&state)
      let shader = try shader(key.shader, &state, node)
      let constants = key.constants.sorted { $0.key < $1.key }
      var pipeline: VkPipeline?
      let result = fcn_vk_create_pipeline(
        functions, device, state.cache, owner.layouts[form]!.pipeline, shader, constants.map(\.key),
        constants.map(\.value),
        constants.count, &pipeline)
      try check(
        result, "vkCreateComputePipelines of \(key.shader) \(constants.map { "\($0.key): \($0.value)" })", node: node)
      state.made[key] = pipeline
      state.unsaved += 1
      return Made(pipeline: pipeline!)
    }.pipeline
  }

  private func open(_ state: inout Contents) {
    if state.isOpen { return }
    state.isOpen = true
    let data = file?.read() ?? []
    // Without a cache pipelines are made all the same.
    if fcn_vk_create_pipeline_cache(functions, device, data, data.count, &state.cache) != VK_SUCCESS {
      state.cache = nil
    }
  }

  private func shader(_ name: String, _ state: inout Contents, _ node: String) throws(RuntimeError) -> VkShaderModule {
    if let known = state.shaders[name] { return known }
    guard let code = fcn_shader_named(name) else {
      throw RuntimeError(.device, node: node, "shader \(name): expected one of this build's, got none")
    }
    var shader: VkShaderModule?
    let result = fcn_vk_create_shader(functions, device, code.pointee.words, code.pointee.byte_count, &shader)
    try check(result, "vkCreateShaderModule of \(name)", node: node)
    state.shaders[name] = shader
    return shader!
  }

  /// Writes the cache if there is something new in it. Failure costs time only.
  func save() {
    guard let file else { return }
    let data: [UInt8]? = state.withLock { state in
      guard state.unsaved > 0, let cache = state.cache else { return nil }
      var size = 0
      guard functions.pointee.GetPipelineCacheData(device, cache, &size, nil) == VK_SUCCESS, size > 0 else {
        return nil
      }
      var data = [UInt8](repeating: 0, count: size)
      guard functions.pointee.GetPipelineCacheData(device, cache, &size, &data) == VK_SUCCESS else { return nil }
      state.unsaved = 0
      return Array(data.prefix(size))
    }
    if let data { file.write(data) }
  }

  deinit {
    state.withLock { state in
      for pipeline in state.made.values { functions.pointee.DestroyPipeline(device, pipeline, nil) }
      for shader in state.shaders.values { functions.pointee.DestroyShaderModule(device, shader, nil) }
      if let cache = state.cache { functions.pointee.DestroyPipelineCache(device, cache, nil) }
    }
  }
}
