import FCNGraph
import FCNRuntime
import FCNTensor

/// Resize over the spatial axes by tables of taps and weights, which the processor's kernels share.
enum ResizeShader: VulkanKernel {
  static let name = "resize"
  private static let width = 64
  /// Taps of an axis that the shader's table has room for.
  private static let largestCount = 4

  static func absorbs(_ code: Int) -> Bool { false }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .resize = candidate.node.op else { return .notOnDevice(name, "no resize") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    let rule = candidate.sizing.rule.inputs[0]
    guard let taps = ResizeTaps(rule), rule.prefix(2).allSatisfy({ $0.rule == .pointwise }) else {
      return .notOnDevice(name, "resizes other axes than the spatial")
    }
    if taps.extrapolates { return .notOnDevice(name, "extrapolates") }
    if let count = (0..<3).map(taps.largestCount).first(where: { $0 > largestCount }) {
      return .notOnDevice(name, "\(count) taps along an axis: expected at most \(largestCount)")
    }
    return .onDevice(name)
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let taps = ResizeTaps(candidate.sizing.rule.inputs[0]), let x = step.input(0), let y = step.output() else {
      return
    }
    let ranges = [y.d, y.h, y.w]
    var dispatch = Dispatch(
      name, PushBlock(y, source: x), groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    for axis in 0..<3 {
      dispatch.constants[ShaderConstant.tapsD + UInt32(axis)] = taps.axes[axis] == nil ? 0 : taps.largestCount(axis)
    }
    let count = ranges.reduce(0) { $0 + $1.count } * 8
    dispatch.bindings[1] = x.binding
    dispatch.bindings[2] = step.pack("taps of \(ranges)", count: count) { target in
      // [d + h + w][2] vectors: indices in the image, weights.
      var place = 0
      for (axis, range) in ranges.enumerated() {
        for o in range {
          let held = 0..<(taps.axes[axis]?.inputSize ?? 1)
          let one = taps.axes[axis] == nil ? nil : taps.along(axis, o, held: held)
          for t in 0..<4 {
            target[place + t] = one.map { Float($0.indices[min(t, $0.indices.count - 1)]) } ?? 0
            target[place + 4 + t] = one.map { t < $0.weights.count ? $0.weights[t] : 0 } ?? 0
          }
          place += 8
        }
      }
    }
    dispatch.bindings[4] = y.binding
    try step.add(dispatch, flops: 4 * y.positions * y.channels.count * y.n.count, activates: false)
  }
}
