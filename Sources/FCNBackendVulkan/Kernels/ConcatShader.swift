import FCNGraph
import FCNRuntime
import FCNTensor

/// Concat along channels: one copy for each input that its producer does not write in place.
enum ConcatShader: VulkanKernel {
  static let name = "concat"
  private static let width = 256

  static func absorbs(_ code: Int) -> Bool { false }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    let inputs = candidate.sizing.rule.inputs
    let computed = inputs.indices.filter { candidate.constant($0) == nil }
    if let reason = candidate.refusal(inputs: computed) { return .notOnDevice(name, reason) }
    for rule in inputs {
      guard rule.count > 1, case .placed = rule[1].rule else { return .notOnDevice(name, "not along channels") }
    }
    if hasLargeConstant(candidate) { return .notOnDevice(name, "a constant part is too large") }
    var offer = KernelOffer.onDevice(name, inputs: inputs.count)
    offer.packsInputs = Set(inputs.indices).subtracting(computed)
    return offer
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let y = step.output() else { return }
    let origin = y.blocks.lowerBound * 4
    for (index, rule) in candidate.sizing.rule.inputs.enumerated() where !step.step.placedInputs.contains(index) {
      guard case .placed(let offset) = rule[1].rule,
        let x = step.input(index) ?? constant(candidate, index, &step)
      else { continue }
      let whole = offset..<offset + x.imageChannels
      let written = whole.clamped(to: y.channels)
      if written.isEmpty { continue }
      let first = written.lowerBound - origin
      let blocks = (first + written.count).dividedUp(by: 4) - first / 4
      var push = PushBlock(y, source: x)
      push[1] = blocks
      push.countBlocksFromFirst(y, source: x)
      push.setExtra(
        first, written.count, written.lowerBound - offset - x.blocks.lowerBound * 4, y.blocks.count, x.channels.count)
      var dispatch = Dispatch("channels", push, groups: [y.positions.dividedUp(by: width), blocks, y.n.count])
      dispatch.bindings[1] = x.binding
      dispatch.bindings[4] = y.binding
      dispatch.readsOutput = true
      try step.add(dispatch, activates: false)
    }
  }

  /// Whether a constant part is beyond a binding.
  static func hasLargeConstant(_ candidate: VulkanCandidate) -> Bool {
    candidate.sizing.rule.inputs.indices.contains { index in
      guard let constant = candidate.constant(index) else { return false }
      return PackedMap(constant, rank: constant.shape.rank).count * 4 > candidate.facts.largestRange
    }
  }

  /// A constant part, packed.
  static func constant(
    _ candidate: VulkanCandidate, _ index: Int, _ step: inout StepBuilder
  ) -> DeviceTensor? {
    guard let constant = candidate.constant(index), constant.count > 0 else { return nil }
    let packed = PackedMap(constant, rank: constant.shape.rank)
    return DeviceTensor(step.pack("part \(index)", count: packed.count) { packed.write(to: $0) }, of: constant.shape)
  }
}
