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
  private let taps: ResizeTaps

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_resize__\(candidate.table.isa)"
    if !candidate.isFloat32 { return .refused(name, "element type \(candidate.output.elementType.rawValue)") }
    guard let taps = ResizeTaps(candidate.sizing.rule.inputs[0]) else {
      return .refused(name, "resizes an axis before the last three")
    }
    if taps.extrapolates { return .refused(name, "extrapolates") }
    var offer = KernelOffer(name)
    offer.scratchBytes = (candidate.type(0)?.shape.dims.last ?? 0) * 4 + 64
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    ResizeKernel(table: candidate.table, taps: ResizeTaps(candidate.sizing.rule.inputs[0])!)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let pad = max(0, 3 - y.region.rank)
    func three(_ region: Region) -> [Range<Int>] { Array(repeating: 0..<1, count: pad) + region.ranges.suffix(3) }
    let (source, target) = (three(x.region), three(y.region))
    let depth = target[0].map { taps.along(0, $0, held: source[0]) }
    let rows = target[1].map { taps.along(1, $0, held: source[1]) }
    let columns = taps.columns(target[2], held: source[2])
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
      for (row, rowTaps) in rows.enumerated() {
        let dst = y.floats + (task / depth.count * perPlane + z * rows.count + row) * target[2].count
        blend(
          x.floats + base, depth[z], rowTaps, rowsPerSlice: source[1].count, rowStride: sourceRow, columns,
          shift: target[2].lowerBound - source[2].lowerBound, dst, target[2].count,
          context.scratch(worker: worker).assumingMemoryBound(to: Float.self))
      }
    }
  }

  private func blend(
    _ plane: UnsafePointer<Float>, _ depth: ResizeTaps.Taps, _ rows: ResizeTaps.Taps, rowsPerSlice: Int, rowStride: Int,
    _ columns: ResizeTaps.Columns?,
    shift: Int, _ dst: UnsafeMutablePointer<Float>, _ count: Int, _ work: UnsafeMutablePointer<Float>
  ) {
    let (offsets, weights) = depth.crossed(rows, outer: rowsPerSlice * rowStride, inner: rowStride)
    guard let columns else {
      table.pointee.f32_blend_rows(plane + shift, offsets, weights, weights.count, dst, count)
      return
    }
    table.pointee.f32_blend_rows(plane, offsets, weights, weights.count, work, rowStride)
    table.pointee.f32_gather_taps(work, columns.indices, columns.weights, columns.count, dst, count)
  }
}
