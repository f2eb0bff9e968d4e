/// What plans and kernels know of a device: what it is, its limits under the options, and what its driver refused.
struct DeviceFacts: Sendable {
  let info: DeviceInfo
  var options: VulkanOptions
  /// Shaders that are bound as buffers only.
  var refusedTexels: Set<String> = []

  init(_ info: DeviceInfo, _ options: VulkanOptions) {
    self.info = info
    self.options = options
  }

  /// Bytes that one binding may have.
  var largestRange: Int { min(info.largestRange, options.largestRange ?? .max, slabBytes) }
  /// Bytes that one buffer may have.
  var largestBuffer: Int { min(info.largestBuffer, info.largestAllocation, options.largestBuffer ?? .max) }
  /// Bytes of each buffer of an arena or of weights but the last: whole units of any alignment.
  var slabBytes: Int { max(256, largestBuffer / 256 * 256) }
  /// The first address from `address` on where `count` bytes lie in one slab.
  func fitting(_ address: Int, _ count: Int) -> Int {
    let isCut = count > 0 && address / slabBytes != (address + count - 1) / slabBytes
    return isCut ? (address / slabBytes + 1) * slabBytes : address
  }

  /// Groups along each axis.
  var largestGroupCounts: [Int] { info.largestGroupCounts.map { min($0, 65535, options.largestGroupCount ?? .max) } }
  /// Of where a binding begins.
  var offsetAlignment: Int { max(4, info.offsetAlignment) }

  /// Lanes that shaders may shuffle; nil: none.
  var shuffledLanes: Int? { info.canShuffle && !options.avoidsShuffles ? info.subgroupSize : nil }

  /// Whether shaders may read their inputs as texel buffers.
  var usesTexels: Bool { options.usesTexelBuffers ?? (info.kind == .cpu) }

  /// How a dispatch's shader is bound: as texel buffers where there is such a variant and they can be that large.
  func form(_ shader: String, _ bindings: [Binding?]) -> BindingForm {
    guard usesTexels, ShaderInterface.has(shader + BindingForm.texels.suffix), !refusedTexels.contains(shader) else {
      return .buffers
    }
    let isFit = bindings[..<BindingForm.texels.texels].allSatisfy { binding in
      guard let binding else { return true }
      return binding.range % 16 == 0 && binding.range / 16 <= info.largestTexelCount
        && binding.offset % max(16, info.texelAlignment) == 0
    }
    return isFit ? .texels : .buffers
  }
}
