import FCNGraph
import FCNRuntime
import FCNTensor

/// Concat along a spatial axis: each input is copied to its place.
enum SpatialConcatShader: VulkanKernel {
  static let name = "concat_space"
  private static let width = 256

  static func absorbs(_ code: Int) -> Bool { false }

  /// Of d, h and w by number, with where the input begins.
  private static func place(_ rule: [AxisDependence]) -> (axis: Int, offset: Int)? {
    for (axis, dependence) in rule.enumerated() where axis >= 2 {
      if case .placed(let offset) = dependence.rule { return (axis + 3 - rule.count, offset) }
    }
    return nil
  }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    let inputs = candidate.sizing.rule.inputs
    let computed = inputs.indices.filter { candidate.constant($0) == nil }
    if let reason = candidate.refusal(inputs: computed) { return .notOnDevice(name, reason) }
    if inputs.contains(where: { place($0) == nil }) { return .notOnDevice(name, "not along a spatial axis") }
    if ConcatShader.hasLargeConstant(candidate) { return .notOnDevice(name, "a constant part is too large") }
    var offer = KernelOffer.onDevice(name, inputs: inputs.count)
    offer.packsInputs = Set(inputs.indices).subtracting(computed)
    return offer
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let y = step.output() else { return }
    for (index, rule) in candidate.sizing.rule.inputs.enumerated() {
      guard let (axis, offset) = place(rule),
        let x = step.input(index) ?? ConcatShader.constant(candidate, index, &step)
      else { continue }
      let held = [y.d, y.h, y.w][axis]
      let written = (offset..<offset + [x.imageD, x.imageH, x.imageW][axis]).clamped(to: held)
      if written.isEmpty { continue }
      let box = y.narrowed(axis, to: written)
      let start = (written.lowerBound - held.lowerBound) * [y.h.count * y.w.count, y.w.count, 1][axis]
      var offsets = [0, 0, 0]
      offsets[axis] = -offset
      var push = PushBlock(box, source: x)
      push.setExtra(offsets[0], offsets[1], offsets[2], start, y.d.count, y.h.count, y.w.count)
      var dispatch = Dispatch(
        "move", push, groups: [box.positions.dividedUp(by: width), box.blocks.count, box.n.count])
      dispatch.constants = [ShaderConstant.flags: 1]
      dispatch.bindings[1] = x.binding
      dispatch.bindings[4] = y.binding
      try step.add(dispatch, activates: false)
    }
  }
}
