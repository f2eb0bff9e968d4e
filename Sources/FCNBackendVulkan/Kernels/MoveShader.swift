import FCNGraph
import FCNRuntime
import FCNTensor

/// Pad, crop, strided slice, expansion and tiling over space.
enum MoveShader: VulkanKernel {
  static let name = "move"
  private static let width = 256

  /// Along d, h, w: input index = o·stride + offset, beyond the image by `border`.
  private struct Moves {
    var strides = [1, 1, 1]
    var offsets = [0, 0, 0]
    var border = Border.constant
    var isRepeated = false

    /// Below it the shader's quotients are exact.
    static let largestQuotient = 1 << 22

    /// As Shaders/move.comp numbers what lies beyond the image.
    var code: Int {
      if isRepeated { return 4 }
      return switch border {
      case .zero, .ignored, .constant: 0
      case .reflect: 1
      case .edge: 2
      case .wrap: 3
      }
    }
  }

  private static func moves(_ candidate: VulkanCandidate) -> Moves? {
    let rules = candidate.sizing.rule.inputs[0]
    let shape = candidate.output.shape
    guard rules.count == shape.rank, candidate.type(0)?.shape.dims[..<2] == shape.dims[..<2] else { return nil }
    var moves = Moves()
    var borders: Set<Border> = []
    for (axis, dependence) in rules.enumerated() {
      let place = axis + 3 - shape.rank
      switch dependence.rule {
      case .pointwise: continue
      case .strided(let start, let step):
        if axis < 2 && (start != 0 || step != 1) { return nil }
        if axis >= 2 { (moves.offsets[place], moves.strides[place]) = (start, step) }
      case .padded(let low, let border):
        let size = candidate.type(0)!.shape[axis]
        let isWide = low != 0 || size != shape[axis]
        // The shader wraps once.
        if border == .wrap, low > size || shape[axis] - low > 2 * size { return nil }
        if axis < 2 && isWide { return nil }
        if axis >= 2 && isWide {
          moves.offsets[place] = -low
          borders.insert(border)
        }
      case .broadcast:
        if axis >= 2 { moves.strides[place] = 0 }
      case .repeated:
        if axis < 2 && candidate.type(0)!.shape[axis] != shape[axis] { return nil }
        // The shader divides by the size.
        if axis >= 2 && shape[axis] / max(1, candidate.type(0)!.shape[axis]) >= Moves.largestQuotient { return nil }
        moves.isRepeated = true
      case .window, .transposedWindow, .resample, .spread, .gathered, .placed, .everything: return nil
      }
    }
    if borders.count > 1 { return nil }
    moves.border = borders.first ?? .constant
    return moves
  }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    if case .pad = candidate.node.op, candidate.node.input(2) != nil, candidate.constant(2)?.count != 1 {
      return .notOnDevice(name, "the fill value is computed at run time")
    }
    if moves(candidate) == nil { return .notOnDevice(name, "moves channels or images, or wraps more than once") }
    return .onDevice(name)
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let moves = moves(candidate), let x = step.input(0), let y = step.output() else { return }
    var push = PushBlock(y, source: x)
    push.setExtra(moves.offsets[0], moves.offsets[1], moves.offsets[2])
    if case .pad = candidate.node.op, let value = candidate.constant(2) {
      push.setParameters(Float(value.doubles()[0]), 0)
    }
    var dispatch = Dispatch(name, push, groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    dispatch.constants = [
      ShaderConstant.op: moves.code, ShaderConstant.strideD: moves.strides[0], ShaderConstant.strideH: moves.strides[1],
      ShaderConstant.strideW: moves.strides[2],
    ]
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, activates: false)
  }
}
