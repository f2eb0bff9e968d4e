import CFCNKernels
import FCNRuntime
import FCNTensor

/// Where the lattice positions of a convolution are stored, blocked or planar, and where their residuals lie.
struct ConvolutionTarget {
  let h, w, d, n: Range<Int>
  private let output: Place
  private let residual: Place?
  let isPlanar: Bool

  init(_ output: BufferView, _ residual: BufferView?) {
    self.output = Place(output)
    self.residual = residual.map { Place($0) }
    isPlanar = output.layout == .planar
    let spatial = Array(repeating: 0..<1, count: 5 - output.region.rank) + output.region.ranges[2...]
    n = output.region[0]
    (d, h, w) = (spatial[0], spatial[1], spatial[2])
  }

  /// Offsets of rows and columns: positions q at q·step + phase.
  struct Tables {
    fileprivate var row: [Int]
    fileprivate var column: [Int]
    fileprivate var residual: (row: [Int], column: [Int])?

    /// Where positions `range` of a slice lie, and their residuals.
    func fill(
      _ places: UnsafeMutablePointer<Int>, _ residualPlaces: UnsafeMutablePointer<Int>, _ range: Range<Int>,
      _ table: KernelTable
    ) {
      Tables.fill(places, row, column, range, table)
      if let residual { Tables.fill(residualPlaces, residual.row, residual.column, range, table) }
    }

    private static func fill(
      _ places: UnsafeMutablePointer<Int>, _ row: [Int], _ column: [Int], _ range: Range<Int>, _ table: KernelTable
    ) {
      var origin = 0
      row.withUnsafeBufferPointer { row in
        column.withUnsafeBufferPointer { column in
          withUnsafePointer(to: &origin) { origin in
            var lattice = fcn_lattice(
              rows: row.count, columns: column.count, depth_taps: 1, row_taps: 1, column_taps: 1, depth: origin,
              row: row.baseAddress, column: column.baseAddress)
            table.pointee.f32_offsets(&lattice, range.lowerBound, range.count, places, range.count)
          }
        }
      }
    }
  }

  func tables(_ axes: [LatticeAxis], _ rows: Range<Int>, _ columns: Range<Int>) -> Tables {
    func offsets(_ positions: Range<Int>, _ axis: LatticeAxis, _ low: Int, _ stride: Int) -> [Int] {
      positions.map { ($0 * axis.outputStep + axis.phase - low) * stride }
    }
    let pixel = isPlanar ? 1 : Layout.block
    func table(_ h: Range<Int>, _ w: Range<Int>) -> (row: [Int], column: [Int]) {
      (offsets(rows, axes[1], h.lowerBound, w.count * pixel), offsets(columns, axes[2], w.lowerBound, pixel))
    }
    let (row, column) = table(h, w)
    return Tables(row: row, column: column, residual: residual.map { table($0.h, $0.w) })
  }

  /// Points `target` at a block's slice of an image.
  func aim(_ target: inout fcn_store_target, image: Int, block: Int, z: Int, channels: Int) {
    (target.dst, target.block_stride, target.channel_stride) = output(image, block, z)
    if let residual {
      let (pointer, blockStride, channelStride) = residual(image, block, z)
      target.residual = UnsafePointer(pointer)
      (target.residual_block_stride, target.residual_channel_stride) = (blockStride, channelStride)
    }
    target.channels = channels - block * Layout.block
  }

  /// Where the Winograd cells of a run of blocks are stored in a slice of an image.
  func cellTarget(image: Int, block: Int, z: Int, channels: Int, wide: Int) -> fcn_cell_target {
    var target = fcn_cell_target()
    let pixel = isPlanar ? 1 : Layout.block
    (target.dst, target.block_stride, target.channel_stride) = output(image, block, z)
    target.h_stride = w.count * pixel
    if let residual {
      let (pointer, blockStride, channelStride) = residual(image, block, z)
      let held = residual
      target.residual_h_stride = held.w.count * pixel
      target.residual = UnsafePointer(
        pointer + (h.lowerBound - held.h.lowerBound) * target.residual_h_stride
          + (w.lowerBound - held.w.lowerBound) * pixel)
      (target.residual_block_stride, target.residual_channel_stride) = (blockStride, channelStride)
    }
    (target.h_lo, target.h_hi, target.w_lo, target.w_hi) = (h.lowerBound, h.upperBound, w.lowerBound, w.upperBound)
    target.is_planar = isPlanar ? 1 : 0
    target.channels = min(wide * Layout.block, channels - block * Layout.block)
    return target
  }

  /// Where the blocks of a buffer lie.
  private struct Place {
    private let base: UnsafeMutablePointer<Float>
    private let planar: Box?
    private let blocked: BlockedBox?
    /// Held rows and columns.
    let h, w: Range<Int>

    init(_ view: BufferView) {
      base = view.floats
      planar = view.layout == .planar ? Box(view) : nil
      blocked = view.layout == .blocked ? BlockedBox(view) : nil
      let ranges = view.region.ranges
      h = ranges.count > 3 ? ranges[ranges.count - 2] : 0..<1
      w = ranges[ranges.count - 1]
    }

    func callAsFunction(
      _ image: Int, _ block: Int, _ z: Int
    ) -> (UnsafeMutablePointer<Float>, blockStride: Int, channelStride: Int) {
      if let box = planar {
        let offset =
          box.plane(image: image) + (block * Layout.block - box.c.lowerBound) * box.channelStride
          + (z - box.d.lowerBound) * box.depthStride
        return (base + offset, Layout.block * box.channelStride, box.channelStride)
      }
      let box = blocked!
      return (base + box.offset(image: image, block: block, z: z), box.blockStride, 0)
    }
  }
}
