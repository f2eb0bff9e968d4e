import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Nearest-neighbour Resize: a copy by tables.
enum NearestKernel: KernelFactory {
  static func offer(_ candidate: Candidate) -> KernelOffer { CopyKernel.offer(candidate) }
  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    try CopyKernel.make(candidate, step)
  }
}

/// Linear and cubic Resize over the last three axes at most: rows are blended with the weights of depth and row taps,
/// then columns are gathered; taps and weights come from `ResampleAxis`, exact in the global index.
struct ResizeKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let axes: [ResampleAxis?]

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_resize__\(candidate.table.isa)"
    if !candidate.isFloat32 { return .refused(name, "element type \(candidate.output.elementType.rawValue)") }
    guard let axes = axes(candidate) else { return .refused(name, "resizes an axis before the last three") }
    if axes.contains(where: { $0?.coordinates == .tfCropAndResize }) { return .refused(name, "extrapolates") }
    var offer = KernelOffer(name)
    offer.scratchBytes = (candidate.type(0)?.shape.dims.last ?? 0) * 4 + 64
    return offer
  }

  /// The resampling of depth, row and column; nil for an axis that keeps its size.
  private static func axes(_ candidate: Candidate) -> [ResampleAxis?]? {
    let rule = candidate.sizing.rule.inputs[0]
    guard rule.count >= 1 else { return nil }
    var result: [ResampleAxis?] = [nil, nil, nil]
    for (axis, dependence) in rule.enumerated() {
      guard case .resample(let resampling) = dependence.rule else { continue }
      let position = axis - (rule.count - 3)
      if position < 0 { return nil }
      result[position] = resampling
    }
    return result
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    ResizeKernel(table: candidate.table, axes: axes(candidate)!)
  }

  private struct Taps {
    var indices: [Int]
    var weights: [Float]
  }

  private struct Columns {
    var indices: [Int32]
    var weights: [Float]
    var count: Int
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let pad = max(0, 3 - y.region.rank)
    func three(_ region: Region) -> [Range<Int>] { Array(repeating: 0..<1, count: pad) + region.ranges.suffix(3) }
    let (source, target) = (three(x.region), three(y.region))
    let depth = target[0].map { taps(axes[0], $0, held: source[0]) }
    let rows = target[1].map { taps(axes[1], $0, held: source[1]) }
    let columns = columns(target[2], held: source[2])
    let planes = Region(Array(y.region.ranges.dropLast(3)))
    let planeStrides = Array(x.region.shape.strides.dropLast(3))
    let planeCount = planes.ranges.reduce(1) { $0 * $1.count }
    let perPlane = depth.count * rows.count
    let sourceRow = source[2].count
    context.run(planeCount * depth.count) { task, worker in
      var rest = task / depth.count
      var base = 0
      for axis in planes.ranges.indices.reversed() {
        let position = planes[axis].lowerBound + rest % planes[axis].count - x.region[axis].lowerBound
        rest /= planes[axis].count
        base += position * planeStrides[axis]
      }
      let z = task % depth.count
      for (row, taps) in rows.enumerated() {
        let dst = y.floats + (task / depth.count * perPlane + z * rows.count + row) * target[2].count
        blend(
          x.floats + base, depth[z], taps, rowsPerSlice: source[1].count, rowStride: sourceRow, columns,
          shift: target[2].lowerBound - source[2].lowerBound, dst, target[2].count,
          context.scratch(worker: worker).assumingMemoryBound(to: Float.self))
      }
    }
  }

  private func blend(
    _ plane: UnsafePointer<Float>, _ depth: Taps, _ rows: Taps, rowsPerSlice: Int, rowStride: Int, _ columns: Columns?,
    shift: Int, _ dst: UnsafeMutablePointer<Float>, _ count: Int, _ work: UnsafeMutablePointer<Float>
  ) {
    var offsets: [Int] = []
    var weights: [Float] = []
    for (z, a) in zip(depth.indices, depth.weights) {
      for (y, b) in zip(rows.indices, rows.weights) {
        offsets.append((z * rowsPerSlice + y) * rowStride)
        weights.append(a * b)
      }
    }
    guard let columns else {
      table.pointee.f32_blend_rows(plane + shift, offsets, weights, weights.count, dst, count)
      return
    }
    table.pointee.f32_blend_rows(plane, offsets, weights, weights.count, work, rowStride)
    table.pointee.f32_gather_taps(work, columns.indices, columns.weights, columns.count, dst, count)
  }

  /// Taps of one output index, clamped to the edge, relative to the held range.
  private func taps(_ axis: ResampleAxis?, _ o: Int, held: Range<Int>) -> Taps {
    guard let axis else { return Taps(indices: [o - held.lowerBound], weights: [1]) }
    return Taps(
      indices: axis.taps(o).map { min(max($0, 0), axis.inputSize - 1) - held.lowerBound },
      weights: axis.weights(o).map { Float($0) })
  }

  private func columns(_ range: Range<Int>, held: Range<Int>) -> Columns? {
    guard let axis = axes[2] else { return nil }
    let all = range.map { taps(axis, $0, held: held) }
    // Of the whole axis, so that the operations of an element do not depend on the region.
    let count = (0..<axis.outputSize).map { axis.taps($0).count }.max() ?? 1
    var result = Columns(indices: [], weights: [], count: count)
    for taps in all {
      for t in 0..<count {
        result.indices.append(Int32(taps.indices[min(t, taps.indices.count - 1)]))
        result.weights.append(t < taps.weights.count ? taps.weights[t] : 0)
      }
    }
    return result
  }
}
