import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Linear and cubic Resize over the spatial axes on blocked feature maps: rows are blended with the weights of depth
/// and row taps, then pixels of the blended row.
struct BlockedResizeKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let tables: LastResizeTables

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_resize_blocked__\(candidate.table.isa)"
    if let reason = candidate.blockedRefusal { return .refused(name, reason) }
    guard let taps = ResizeTaps(candidate.sizing.rule.inputs[0]),
      candidate.sizing.rule.inputs[0].prefix(2).allSatisfy({ $0.rule == .pointwise })
    else { return .refused(name, "resizes other axes than the spatial") }
    if taps.extrapolates { return .refused(name, "extrapolates") }
    var offer = KernelOffer(name)
    let shape = candidate.output.shape
    // A blended row, and the pixels made of it or the row channel by channel.
    let (held, made) = (candidate.type(0)!.shape.dims.last!, shape.dims.last!)
    offer.scratchBytes = (held + max(held, made)) * Layout.block * 4 + 128
    offer.inputLayouts = [.blocked]
    offer.outputLayout = .blocked
    offer.canStorePlanar = true
    // Channels of a block are made together.
    offer.grain = [1, Layout.block] + Array(repeating: 1, count: shape.rank - 2)
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    BlockedResizeKernel(
      table: candidate.table, tables: LastResizeTables(ResizeTaps(candidate.sizing.rule.inputs[0])!))
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    // A planar output holds whole blocks too, channel by channel.
    let (source, target, planes) = (BlockedBox(x), BlockedBox(y), Box(y))
    let isPlanar = y.layout == .planar
    let tables = tables(ResizeTables.Key(source: source, target: target, isPlanar: isPlanar))
    let parts = RowParts(target.h, columns: target.w.count)
    context.run(BlockLoop.count(target) * parts.count) { index, worker in
      let at = BlockLoop(index / parts.count, in: target)
      let src = x.floats + source.offset(image: at.image, block: at.block, z: source.d.lowerBound)
      let work = context.scratch(worker: worker).assumingMemoryBound(to: Float.self)
      for row in parts[index % parts.count] {
        if isPlanar {
          let first = at.block * Layout.block
          let place =
            planes.plane(image: at.image) + (first - planes.c.lowerBound) * planes.channelStride
            + (at.z - planes.d.lowerBound) * planes.depthStride + (row - planes.h.lowerBound) * planes.rowStride
          let channels = min(Layout.block, planes.c.upperBound - first)
          storePlanes(tables, src, at.z, row, work, y.floats + place, channels, planes.channelStride)
        } else {
          let place =
            target.offset(image: at.image, block: at.block, z: at.z)
            + target.offset(row: row, column: target.w.lowerBound)
          store(tables, src, at.z, row, work, y.floats + place)
        }
      }
    }
  }

  /// A row of pixels of 16 lanes.
  private func store(
    _ tables: ResizeTables, _ src: UnsafePointer<Float>, _ z: Int, _ row: Int, _ work: UnsafeMutablePointer<Float>,
    _ dst: UnsafeMutablePointer<Float>
  ) {
    let (offsets, weights) = tables.taps(z: z, row: row)
    if let columns = tables.columns {
      table.pointee.f32_blend_rows(src, offsets, weights, weights.count, work, tables.source.rowStride)
      gather(work, columns, 0..<tables.target.w.count, dst)
    } else {
      table.pointee.f32_blend_rows(
        src + tables.skipped, offsets, weights, weights.count, dst, tables.target.rowStride)
    }
  }

  /// A row of `channels` planes, `stride` floats apart.
  private func storePlanes(
    _ tables: ResizeTables, _ src: UnsafePointer<Float>, _ z: Int, _ row: Int, _ work: UnsafeMutablePointer<Float>,
    _ dst: UnsafeMutablePointer<Float>, _ channels: Int, _ stride: Int
  ) {
    let (offsets, weights) = tables.taps(z: z, row: row)
    let (held, count) = (tables.source.w.count, tables.target.w.count)
    let made = work + tables.source.rowStride
    table.pointee.f32_blend_rows(src, offsets, weights, weights.count, work, tables.source.rowStride)
    if let runs = tables.runs {
      table.pointee.f32_to_planar(work, made, held, channels, held)
      runs.spread(table, made, stride: held, channels: channels, dst, dstStride: stride)
      return
    }
    // A few pixels at a time: they are still in the first cache when they go to the planes.
    for column in Swift.stride(from: 0, to: count, by: BlockedResizeKernel.pixels) {
      let part = column..<min(column + BlockedResizeKernel.pixels, count)
      if let columns = tables.columns { gather(work, columns, part, made) }
      let pixels = tables.columns == nil ? work + tables.skipped + column * Layout.block : made
      table.pointee.f32_to_planar(pixels, dst + column, stride, channels, part.count)
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
