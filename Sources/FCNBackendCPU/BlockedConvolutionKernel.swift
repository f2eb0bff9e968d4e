import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Convolution and transposed convolution (one ordinary convolution for each output phase) on blocked feature maps:
/// register tiles of output positions by output channels, any stride and dilation, 1-D to 3-D, groups of whole blocks.
/// An output's sum runs over (block of channels, taps, channel) in order, wherever it lies. Few input channels are read
/// from planes. Cost: 2·terms·outputs operations; scratch for the offsets of a task's positions.
struct BlockedConvolutionKernel: KernelFactory, StepKernel {
  private let sums: BlockedSums

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let kind = if case .convTranspose = candidate.node.op { "convtranspose" } else { "conv" }
    let name = "fcn_f32_\(kind)_blocked__\(candidate.table.isa)"
    switch BlockedConvolution.of(candidate) {
    case .failure(let refusal): return .refused(name, refusal.reason)
    case .success(let form):
      var offer = convolutionOffer(name, form.scratchBytes(candidate.table))
      if form.stagesInput {
        offer.sharedBytes = candidate.type(0)!.shape.dims[2...].reduce(form.pixelFloats * 4) { $0 * $1 } + 64
      }
      offer.inputLayouts = [form.readsPlanes ? .planar : .blocked]
      let isNarrow = form.outputChannels * form.groups < BlockedConvolution.fewChannels
      offer.outputLayout = isNarrow ? .planar : .blocked
      offer.canStorePlanar = true
      // All channels of a position are made together.
      let shape = candidate.output.shape
      offer.grain = [1, shape[1]] + Array(repeating: 1, count: shape.rank - 2)
      return offer
    }
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    BlockedConvolutionKernel(sums: try BlockedSums(candidate, step))
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let target = ConvolutionTarget(y, context.residual)
    for phases in sums.form.phasesByLattice(target) {
      let axes = sums.form.phases[phases[0]]
      let (rows, columns) = (axes[1].positions(target.h), axes[2].positions(target.w))
      if rows.isEmpty || columns.isEmpty { continue }
      if sums.form.readsPlanes {
        PlaneRun(sums, context, x, target, phases[0], rows, columns).run()
      } else {
        BlockRun(sums, context, x, target, phases, rows, columns).run()
      }
    }
  }
}

extension BlockedConvolution {
  /// Phases that read the same pixels for the same positions together, where a task packs pixels: those of a transposed
  /// convolution whose kernel is no larger than its stride. Each other phase alone.
  fileprivate func phasesByLattice(_ target: ConvolutionTarget) -> [[Int]] {
    guard packsPixels else { return phases.indices.map { [$0] } }
    var places: [[[Int]]: Int] = [:]
    var lattices: [[Int]] = []
    for phase in phases.indices {
      let key = zip(phases[phase], [target.d, target.h, target.w]).map { axis, range in
        let positions = axis.positions(range)
        return axis.offsets + [positions.lowerBound, positions.upperBound]
      }
      if let place = places[key] {
        lattices[place].append(phase)
      } else {
        places[key] = lattices.count
        lattices.append([phase])
      }
    }
    return lattices
  }
}
