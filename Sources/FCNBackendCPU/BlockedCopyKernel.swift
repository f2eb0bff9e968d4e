import FCNGraph
import FCNRuntime
import FCNTensor

/// Operators that move pixels and leave channels where they are, on blocked feature maps: a pixel's block is the
/// element.
enum BlockedCopyKernel: KernelFactory {
  static func offer(_ candidate: Candidate) -> KernelOffer {
    var offer = CopyKernel.offer(candidate)
    offer.name = "fcn_b512_copy_blocked__c"
    if offer.refusal != nil { return offer }
    if let reason = candidate.blockedRefusal { return .refused(offer.name, reason) }
    let channels = candidate.sizing.rule.inputs[0][1]
    guard channels.outputAxis == 1, candidate.type(0)?.shape.rank == candidate.output.shape.rank,
      keeps(channels.rule, candidate)
    else { return .refused(offer.name, "moves channels") }
    offer.inputLayouts = [.blocked]
    offer.outputLayout = .blocked
    return offer
  }

  private static func keeps(_ rule: AxisRule, _ candidate: Candidate) -> Bool {
    let isSame = candidate.type(0)?.shape[1] == candidate.output.shape[1]
    switch rule {
    case .pointwise: return isSame
    case .strided(let start, let step): return start == 0 && step == 1 && isSame
    case .padded(let low, _): return low == 0 && isSame
    case .resample, .window, .transposedWindow, .spread, .gathered, .placed, .repeated, .broadcast, .everything:
      return false
    }
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    CopyKernel(candidate, isBlocked: true)
  }
}

/// Concat along channels in whole blocks, on blocked feature maps.
struct BlockedConcatKernel: KernelFactory, StepKernel {
  /// Of each input, in blocks.
  private let offsets: [Int]

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_b512_concat_blocked__c"
    if candidate.family == .blas { return .refused(name, "kernels blas are asked for") }
    if !candidate.isFloat32 || !Layout.canBlock(candidate.output) { return .refused(name, "not a feature map") }
    let inputs = candidate.sizing.rule.inputs
    if !inputs.indices.contains(where: { candidate.layout($0) == .blocked }) {
      return .refused(name, "its inputs are planar")
    }
    for rule in inputs {
      guard case .placed(let offset) = rule[1].rule else { return .refused(name, "not along channels") }
      if offset % Layout.block != 0 { return .refused(name, "a part begins at channel \(offset)") }
    }
    var offer = KernelOffer(name)
    offer.inputLayouts = inputs.map { _ in .blocked }
    offer.outputLayout = .blocked
    if inputs.indices.contains(where: { candidate.constant($0) != nil }) { return .refused(name, "a constant part") }
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    BlockedConcatKernel(
      offsets: candidate.sizing.rule.inputs.map {
        if case .placed(let offset) = $0[1].rule { offset / Layout.block } else { 0 }
      })
  }

  func run(_ context: StepContext) {
    guard let y = context.outputs[0]?.asBlocks, !y.region.isEmpty else { return }
    context.run(y.region[1].count) { task, _ in
      let block = y.region[1].lowerBound + task
      for (index, input) in context.inputs.enumerated() where !context.placedInputs.contains(index) {
        guard let x = input?.asBlocks, x.region[1].contains(block - offsets[index]) else { continue }
        var (part, held) = (y.region, x.region)
        part[1] = block..<block + 1
        held[1] = held[1].lowerBound + offsets[index]..<held[1].upperBound + offsets[index]
        // The held region of x covers what the output region needs of it.
        try? copyRegion(
          from: UnsafeRawBufferPointer(start: x.pointer, count: x.count * 64), sourceRegion: held,
          to: UnsafeMutableRawBufferPointer(start: y.pointer, count: y.count * 64), targetRegion: y.region,
          region: part, elementSize: 64)
      }
    }
  }
}
