import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// BatchNormalization (inference) that no convolution took: one factor and addend per channel.
struct BatchNormalizationKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let factor: [Float]
  private let addend: [Float]

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_batchnorm__\(candidate.table.isa)"
    guard case .normalize(.batch) = candidate.node.op else { return .refused(name, "not a batch normalisation") }
    if !candidate.isFloat32 { return .refused(name, "element type \(candidate.output.elementType.rawValue)") }
    if (1...4).contains(where: { candidate.constant($0) == nil }) {
      return .refused(name, "parameters are computed at run time")
    }
    if candidate.output.shape.rank < 2 { return .refused(name, "rank below 2") }
    var offer = KernelOffer(name)
    offer.isInPlace = true
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    guard case .normalize(.batch(let epsilon)) = candidate.node.op else { preconditionFailure("made for an offer") }
    let values = (1...4).map { candidate.constant($0)!.doubles() }
    var factor: [Float] = []
    var addend: [Float] = []
    for c in values[0].indices {
      let a = values[0][c] / (values[3][c] + epsilon).squareRoot()
      factor.append(Float(a))
      addend.append(Float(values[1][c] - values[2][c] * a))
    }
    return BatchNormalizationKernel(table: candidate.table, factor: factor, addend: addend)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let channels = y.region[1]
    context.run(y.region[0].count * channels.count) { task, _ in
      let c = channels.lowerBound + task % channels.count
      let image = y.region[0].lowerBound + task / channels.count
      let (from, to) = (x.channel(image, c), y.channel(image, c))
      let nest = LoopNest([from], to)
      nest.runHere { offsets, target, count in
        table.pointee.f32_unary(FCN_AFFINE, factor[c], addend[c], from.floats + offsets[0], to.floats + target, count)
      }
    }
  }
}

extension BufferView {
  /// One channel of one image as a view of the trailing axes.
  func channel(_ image: Int, _ c: Int) -> BufferView {
    let strides = region.shape.strides
    let offset = (image - region[0].lowerBound) * strides[0] + (c - region[1].lowerBound) * strides[1]
    return BufferView(
      pointer: pointer + offset * elementType.size, elementType: elementType, shape: Shape(Array(shape.dims[2...])),
      region: Region(Array(region.ranges[2...])))
  }
}

/// InstanceNormalization: statistics of the whole plane, in Double over cells of 64 columns in raster order.
struct InstanceNormalizationKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let epsilon: Double

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_instancenorm__\(candidate.table.isa)"
    guard case .normalize(.instance) = candidate.node.op else { return .refused(name, "not an instance normalisation") }
    if !candidate.isFloat32 || (1...2).contains(where: { candidate.type($0)?.elementType != .float32 }) {
      return .refused(name, "element type \(candidate.output.elementType.rawValue)")
    }
    return KernelOffer(name)
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    guard case .normalize(.instance(let epsilon)) = candidate.node.op else { preconditionFailure("made for an offer") }
    return InstanceNormalizationKernel(table: candidate.table, epsilon: epsilon)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let scale = context.inputs[1], let bias = context.inputs[2],
      let y = context.outputs[0], !y.region.isEmpty
    else { return }
    let channels = y.region[1]
    context.run(y.region[0].count * channels.count) { task, _ in
      let c = channels.lowerBound + task % channels.count
      let image = y.region[0].lowerBound + task / channels.count
      let (from, to) = (x.channel(image, c), y.channel(image, c))
      let row = from.region.ranges.last!.count
      let rows = from.count / row
      var sum = 0.0
      for r in 0..<rows { sum = table.pointee.f32_cell_sum(from.floats + r * row, row, sum) }
      let mean = sum / Double(from.count)
      var squares = 0.0
      for r in 0..<rows { squares = table.pointee.f32_cell_squares(from.floats + r * row, row, mean, squares) }
      let factor = Double(scale.floats[c]) / (squares / Double(from.count) + epsilon).squareRoot()
      LoopNest([from], to).runHere { offsets, target, count in
        let dst = to.floats + target
        table.pointee.f32_unary(FCN_AFFINE, 1, Float(-mean), from.floats + offsets[0], dst, count)
        table.pointee.f32_unary(FCN_AFFINE, Float(factor), bias.floats[c], dst, dst, count)
      }
    }
  }
}

/// Sum and mean over all axes after `[N, C]`.
struct SpatialReduceKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let isMean: Bool

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_spatialsum__\(candidate.table.isa)"
    guard case .reduce(let payload) = candidate.node.op, payload.function == .mean || payload.function == .sum else {
      return .refused(name, "not a sum or mean")
    }
    if !candidate.isFloat32 { return .refused(name, "element type \(candidate.output.elementType.rawValue)") }
    let rule = candidate.sizing.rule.inputs[0]
    let isSpatial = rule.count > 2 && rule.enumerated().allSatisfy { ($0 < 2) == ($1.outputAxis != nil) }
    return isSpatial ? KernelOffer(name) : .refused(name, "reduces other axes than the spatial")
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    guard case .reduce(let payload) = candidate.node.op else { preconditionFailure("made for an offer") }
    return SpatialReduceKernel(table: candidate.table, isMean: payload.function == .mean)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let channels = y.region[1]
    context.run(y.region[0].count * channels.count) { task, _ in
      let from = x.channel(y.region[0].lowerBound + task / channels.count, channels.lowerBound + task % channels.count)
      let row = from.region.ranges.last!.count
      var sum = 0.0
      for r in 0..<(row > 0 ? from.count / row : 0) {
        sum = table.pointee.f32_cell_sum(from.floats + r * row, row, sum)
      }
      y.floats[task] = Float(isMean ? sum / Double(from.count) : sum)
    }
  }
}

/// Softmax and LogSoftmax over one axis.
struct SoftmaxKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let axis: Int
  private let isLog: Bool

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_softmax__\(candidate.table.isa)"
    guard case .softmax(let payload) = candidate.node.op else { return .refused(name, "not a softmax") }
    if payload.function == .hardmax { return .refused(name, "Hardmax") }
    if !candidate.isFloat32 { return .refused(name, "element type \(candidate.output.elementType.rawValue)") }
    let rank = candidate.output.shape.rank
    let axis = payload.axis < 0 ? payload.axis + rank : payload.axis
    if rank == 0 || payload.flattens && axis != rank - 1 { return .refused(name, "flattens several axes") }
    var offer = KernelOffer(name)
    // Every element of the axis is written, whichever of them are wanted.
    offer.grain = candidate.output.shape.dims.enumerated().map { $0 == axis ? max(1, $1) : 1 }
    offer.scratchBytes = candidate.output.shape.dims.last! * 8 + 64
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    guard case .softmax(let payload) = candidate.node.op else { preconditionFailure("made for an offer") }
    let rank = candidate.output.shape.rank
    return SoftmaxKernel(
      table: candidate.table, axis: payload.axis < 0 ? payload.axis + rank : payload.axis,
      isLog: payload.function == .logSoftmax)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let rank = y.region.rank
    let (from, to) = (x.region.shape.strides, y.region.shape.strides)
    let isLast = axis == rank - 1
    let outer = (0..<rank).filter { $0 != axis && $0 != rank - 1 }
    let count = isLast ? 1 : y.region[rank - 1].count
    let rows = outer.reduce(1) { $0 * y.region[$1].count }
    context.run(rows) { task, worker in
      var rest = task
      var (source, target) = (0, 0)
      for index in outer.reversed() {
        let position = rest % y.region[index].count
        rest /= y.region[index].count
        source += (position + y.region[index].lowerBound - x.region[index].lowerBound) * from[index]
        target += position * to[index]
      }
      if !isLast { source += y.region[rank - 1].lowerBound - x.region[rank - 1].lowerBound }
      table.pointee.f32_softmax(
        x.floats + source, x.region[axis].count, from[axis], y.floats + target, to[axis], count, isLog ? 1 : 0,
        context.scratch(worker: worker).assumingMemoryBound(to: Float.self))
    }
  }
}
