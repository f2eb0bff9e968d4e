import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Batch, instance and group normalisation of blocked feature maps: y = (x − μ)·a + b with one μ, a and b for each
/// channel. Statistics are summed in Double over cells of 64 columns in raster order, channels of a group one after the
/// other.
struct BlockedNormalizationKernel: KernelFactory, StepKernel {
  private enum Statistics {
    /// Known: μ = 0.
    case constant
    /// Of so many groups of channels of each image.
    case groups(Int, epsilon: Double)
  }

  private let table: KernelTable
  private let statistics: Statistics
  private let channels: Int
  /// Of each channel.
  private let scale: [Double]
  private let shift: [Double]
  private let epilogue: Epilogue

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_normalize_blocked__\(candidate.table.isa)"
    if let reason = candidate.blockedRefusal { return .refused(name, reason) }
    guard case .normalize(let normalization) = candidate.node.op else { return .refused(name, "no normalisation") }
    let parameters: Int
    switch normalization {
    case .batch: parameters = 4
    case .instance, .group: parameters = 2
    case .layer, .localResponse, .lp, .meanVariance: return .refused(name, "another normalisation")
    }
    if (1...parameters).contains(where: { candidate.constant($0) == nil }) {
      return .refused(name, "parameters are computed at run time")
    }
    var offer = KernelOffer(name)
    offer.inputLayouts = [.blocked]
    offer.outputLayout = .blocked
    offer.absorbsActivation = true
    offer.isInPlace = true
    offer.packsInputs = [1, 2, 3, 4]
    let shape = candidate.output.shape
    // Statistics take all channels together.
    offer.grain = [1, shape[1]] + Array(repeating: 1, count: shape.rank - 2)
    offer.sharedBytes = shape[0] * shape[1].dividedUp(by: Layout.block) * Layout.block * 8
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    try BlockedNormalizationKernel(candidate, step)
  }

  private init(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) {
    guard case .normalize(let normalization) = candidate.node.op else { preconditionFailure("made for an offer") }
    table = candidate.table
    channels = candidate.output.shape[1]
    var (scale, shift) = (candidate.constant(1)!.doubles(), candidate.constant(2)!.doubles())
    switch normalization {
    case .batch(let epsilon):
      statistics = .constant
      let (mean, variance) = (candidate.constant(3)!.doubles(), candidate.constant(4)!.doubles())
      for c in scale.indices {
        scale[c] /= (variance[c] + epsilon).squareRoot()
        shift[c] -= mean[c] * scale[c]
      }
    case .instance(let epsilon): statistics = .groups(channels, epsilon: epsilon)
    case .group(let groups, let epsilon, let perGroup):
      statistics = .groups(groups, epsilon: epsilon)
      if perGroup {
        let members = channels / max(1, groups)
        (scale, shift) = ((0..<channels).map { scale[$0 / members] }, (0..<channels).map { shift[$0 / members] })
      }
    case .layer, .localResponse, .lp, .meanVariance: preconditionFailure("was refused")
    }
    self.scale = scale
    self.shift = shift
    epilogue = try Epilogue(
      bias: [], channels: channels, activation: step.activation.flatMap(Activation.init) ?? .none)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let (source, target) = (BlockedBox(x), BlockedBox(y))
    var means = [Double](repeating: 0, count: source.n.count * channels)
    var factors = [Double](repeating: 1, count: source.n.count * channels)
    if case .groups(let groups, let epsilon) = statistics {
      measure(context, x, source, groups, epsilon, &means, &factors)
    }
    let parts = RowParts(target.h, columns: target.w.count)
    context.run(BlockLoop.count(target) * parts.count) { index, _ in
      let at = BlockLoop(index / parts.count, in: target)
      var lanes = [Float](repeating: 0, count: 3 * Layout.block)
      for c in at.block * Layout.block..<min(channels, (at.block + 1) * Layout.block) {
        let (lane, place) = (c % Layout.block, (at.image - source.n.lowerBound) * channels + c)
        lanes[lane] = Float(means[place])
        lanes[Layout.block + lane] = Float(factors[place] * scale[c])
        lanes[2 * Layout.block + lane] = Float(shift[c])
      }
      var finish = epilogue.from(block: at.block)
      for row in parts[index % parts.count] {
        table.pointee.f32_affine_lanes(
          x.floats + source.offset(image: at.image, block: at.block, z: at.z)
            + source.offset(row: row, column: target.w.lowerBound), lanes, target.w.count, &finish,
          y.floats + target.offset(image: at.image, block: at.block, z: at.z)
            + target.offset(row: row, column: target.w.lowerBound))
      }
    }
  }

  private func measure(
    _ context: StepContext, _ x: BufferView, _ source: BlockedBox, _ groups: Int, _ epsilon: Double,
    _ means: inout [Double], _ factors: inout [Double]
  ) {
    let members = channels / groups
    let count = Double(members * source.d.count * source.h.count * source.w.count)
    let sums = context.shared.assumingMemoryBound(to: Double.self)
    func total(_ shifts: [Double]) -> [Double] {
      context.run(source.n.count * source.blocks.count) { task, _ in
        let lanes = sums + task * Layout.block
        lanes.update(repeating: 0, count: Layout.block)
        let src = x.floats + task * source.blockStride
        var shift = [Double](repeating: 0, count: Layout.block)
        if !shifts.isEmpty {
          let image = task / source.blocks.count
          for lane in 0..<Layout.block {
            let c = task % source.blocks.count * Layout.block + lane
            if c < channels { shift[lane] = shifts[image * channels + c] }
          }
        }
        for row in 0..<source.d.count * source.h.count {
          if shifts.isEmpty {
            table.pointee.f32_cell_sum_lanes(src + row * source.rowStride, source.w.count, lanes)
          } else {
            table.pointee.f32_cell_squares_lanes(src + row * source.rowStride, source.w.count, shift, lanes)
          }
        }
      }
      var result: [Double] = []
      for image in 0..<source.n.count {
        let first = sums + image * source.blocks.count * Layout.block
        for group in 0..<groups {
          result.append((group * members..<(group + 1) * members).reduce(0) { $0 + first[$1] })
        }
      }
      return result
    }
    func spread(_ values: [Double]) -> [Double] { values.flatMap { Array(repeating: $0, count: members) } }
    means = spread(total([]).map { $0 / count })
    factors = spread(total(means).map { 1 / ($0 / count + epsilon).squareRoot() })
  }
}
