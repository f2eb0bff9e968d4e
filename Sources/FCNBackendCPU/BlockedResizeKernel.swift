import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Linear and cubic Resize over the spatial axes on blocked feature maps: rows are blended with the weights of depth
/// and row taps, then pixels of the blended row.
struct BlockedResizeKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let taps: ResizeTaps
  private let lastTables = LastResizeTables()

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_resize_blocked__\(candidate.table.isa)"
    if let reason = candidate.blockedRefusal { return .refused(name, reason) }
    guard let taps = ResizeTaps(candidate.sizing.rule.inputs[0]),
      candidate.sizing.rule.inputs[0].prefix(2).allSatisfy({ $0.rule == .pointwise })
    else { return .refused(name, "resizes other axes than the spatial") }
    if taps.extrapolates { return .refused(name, "extrapolates") }
    var offer = KernelOffer(name)
    let shape = candidate.output.shape
    offer.scratchBytes = (candidate.type(0)!.shape.dims.last! + shape.dims.last!) * Layout.block * 4 + 128
    offer.inputLayouts = [.blocked]
    offer.outputLayout = .blocked
    offer.canStorePlanar = true
    // Channels of a block are made together.
    offer.grain = [1, Layout.block] + Array(repeating: 1, count: shape.rank - 2)
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    BlockedResizeKernel(table: candidate.table, taps: ResizeTaps(candidate.sizing.rule.inputs[0])!)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    // A planar output holds whole blocks too, channel by channel.
    let (source, target, planes) = (BlockedBox(x), BlockedBox(y), Box(y))
    let isPlanar = y.layout == .planar
    let tables = lastTables(taps, ResizeTables.Key(source: source, target: target, isPlanar: isPlanar))
    let columns = tables.columns
    let parts = RowParts(target.h, columns: target.w.count)
    context.run(BlockLoop.count(target) * parts.count) { index, worker in
      let at = BlockLoop(index / parts.count, in: target)
      let src = x.floats + source.offset(image: at.image, block: at.block, z: source.d.lowerBound)
      let skipped = (target.w.lowerBound - source.w.lowerBound) * Layout.block
      let work = context.scratch(worker: worker).assumingMemoryBound(to: Float.self)
      for row in parts[index % parts.count] {
        let (offsets, weights) = tables.taps(z: at.z, row: row)
        guard isPlanar else {
          let dst =
            y.floats + target.offset(image: at.image, block: at.block, z: at.z)
            + target.offset(row: row, column: target.w.lowerBound)
          if let columns {
            table.pointee.f32_blend_rows(src, offsets, weights, weights.count, work, source.rowStride)
            gather(work, columns, 0..<target.w.count, dst)
          } else {
            table.pointee.f32_blend_rows(src + skipped, offsets, weights, weights.count, dst, target.rowStride)
          }
          continue
        }
        let first = at.block * Layout.block
        let place =
          planes.plane(image: at.image) + (first - planes.c.lowerBound) * planes.channelStride
          + (at.z - planes.d.lowerBound) * planes.depthStride + (row - planes.h.lowerBound) * planes.rowStride
        let channels = min(Layout.block, planes.c.upperBound - first)
        let made = work + source.rowStride
        table.pointee.f32_blend_rows(src, offsets, weights, weights.count, work, source.rowStride)
        if let runs = tables.runs {
          table.pointee.f32_to_planar(work, made, source.w.count, channels, source.w.count)
          runs.spread(
            table, made, stride: source.w.count, channels: channels, y.floats + place, dstStride: planes.channelStride)
          continue
        }
        // A few pixels at a time: they are still in the first cache when they go to the planes.
        for column in stride(from: 0, to: target.w.count, by: BlockedResizeKernel.pixels) {
          let part = column..<min(column + BlockedResizeKernel.pixels, target.w.count)
          if let columns { gather(work, columns, part, made) }
          table.pointee.f32_to_planar(
            columns == nil ? work + skipped + column * Layout.block : made, y.floats + place + column,
            planes.channelStride, channels, part.count)
        }
      }
    }
  }

  private static let pixels = 64

  /// Output pixels `part` of a row from the blended source row.
  private func gather(
    _ row: UnsafePointer<Float>, _ columns: ResizeTaps.Columns, _ part: Range<Int>, _ dst: UnsafeMutablePointer<Float>
  ) {
    let first = part.lowerBound * columns.count
    columns.indices.withUnsafeBufferPointer { indices in
      columns.weights.withUnsafeBufferPointer { weights in
        table.pointee.f32_gather_lanes(
          row, indices.baseAddress! + first, weights.baseAddress! + first, columns.count, dst, part.count)
      }
    }
  }
}
