import FCNGraph
import FCNRuntime
import FCNTensor

/// Elementwise functions of two arguments: one has the output's shape, the other is broadcast to it.
enum BinaryShader: VulkanKernel {
  static let name = "binary"
  private static let width = 256
  /// Elements of a constant that is packed.
  private static let largestConstant = 1 << 26

  private static func code(_ function: BinaryFunction) -> Int? {
    switch function {
    case .add: 0
    case .subtract: 1
    case .multiply: 2
    case .divide: 3
    case .maximum: 4
    case .minimum: 5
    case .prelu: 6
    case .power: 7
    case .modulo, .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or, .xor, .bitwiseAnd, .bitwiseOr,
      .bitwiseXor, .shiftLeft, .shiftRight:
      nil
    }
  }

  /// The index of the operand that has the output's shape and is computed.
  private static func full(_ candidate: VulkanCandidate) -> Int? {
    [0, 1].first { candidate.type($0)?.shape == candidate.output.shape && candidate.constant($0) == nil }
  }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    func refused(_ reason: String) -> KernelOffer { .notOnDevice(name, reason) }
    guard case .binary(let function) = candidate.node.op else { return refused("not binary") }
    if code(function) == nil { return refused("no shader for \(function)") }
    guard let full = full(candidate) else { return refused("both operands are broadcast, or constant") }
    if let reason = candidate.refusal(inputs: [full]) { return refused(reason) }
    var offer = KernelOffer.onDevice(name, inputs: 2)
    if let constant = candidate.constant(1 - full) {
      if constant.elementType != .float32 || constant.shape.rank > candidate.output.shape.rank {
        return refused("the other operand is \(constant.elementType.rawValue) \(constant.shape)")
      }
      if constant.count > largestConstant || constant.count * 16 > candidate.facts.largestRange {
        return refused("the constant operand is too large")
      }
      offer.packsInputs = [1 - full]
    } else if let reason = candidate.refusal(inputs: [1 - full]) {
      return refused(reason)
    } else if candidate.type(1 - full)!.shape.rank != candidate.output.shape.rank {
      return refused("the other operand is of another rank")
    }
    offer.isInPlace = full == 0
    offer.absorbsActivation = true
    return offer
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard case .binary(let function) = candidate.node.op, let full = full(candidate), let x = step.input(full),
      let y = step.output()
    else { return }
    let other = try other(candidate, 1 - full, y, &step)
    let isSame = other.isSame && x.holdsSame(as: y)
    var push = PushBlock(y, source: x)
    if isSame { push.flatten() }
    for (index, stride) in other.strides.enumerated() { push[24 + index] = stride }
    var dispatch = Dispatch(name, push, groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    dispatch.constants = [
      ShaderConstant.op: code(function)!,
      ShaderConstant.flags: (isSame ? 1 : 0) + (full == 1 ? 2 : 0) + (other.isSingle ? 4 : 0),
    ]
    dispatch.bindings[1] = x.binding
    dispatch.bindings[3] = other.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch)
  }

  /// The operand that is broadcast: start and strides over n, block, d, h, w in quads.
  private struct Other {
    var binding: Binding
    var strides: [Int]
    var isSame = false
    /// Its one channel serves all.
    var isSingle = false
  }

  private static func other(
    _ candidate: VulkanCandidate, _ index: Int, _ y: DeviceTensor, _ step: inout StepBuilder
  ) throws(RuntimeError) -> Other {
    if let constant = candidate.constant(index) {
      let packed = PackedMap(constant, rank: candidate.output.shape.rank)
      let place = step.pack("operand", count: packed.count) { packed.write(to: $0) }
      return Other(binding: place, strides: quadStrides(packed.dims, origin: y.origin, wide: packed.dims))
    }
    let z = step.input(index)!
    let whole = candidate.type(index)!.shape.dims
    let wide = [whole[0], whole[1]] + Array(repeating: 1, count: 5 - whole.count) + whole[2...]
    return Other(
      binding: z.binding, strides: z.strides(from: y, wide: wide), isSame: z.holdsSame(as: y),
      isSingle: z.imageChannels == 1 && y.imageChannels > 1)
  }
}
