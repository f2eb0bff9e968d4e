import FCNGraph
import FCNRuntime
import Synchronization

/// Where the rows and columns of a region read, and with which weights.
struct ResizeTables: Sendable {
  let source, target: BlockedBox
  /// Of every slice and of every row.
  private let depth, rows: [ResizeTaps.Taps]
  /// Nil where columns keep their size.
  let columns: ResizeTaps.Columns?
  /// For planes, where they pay.
  let runs: ResizeRuns?

  struct Key: Equatable {
    let source, target: BlockedBox
    let isPlanar: Bool
  }

  init(_ taps: ResizeTaps, _ key: Key) {
    let (source, target) = (key.source, key.target)
    depth = target.d.map { taps.along(0, $0, held: source.d) }
    rows = target.h.map { taps.along(1, $0, held: source.h) }
    columns = taps.columns(target.w, held: source.w)
    runs = key.isPlanar ? columns.flatMap { ResizeRuns($0) } : nil
    (self.source, self.target) = (source, target)
  }

  /// Floats of a held row before the target's first column.
  var skipped: Int { (target.w.lowerBound - source.w.lowerBound) * Layout.block }

  /// What a row of a slice reads, as offsets from the block's first pixel.
  func taps(z: Int, row: Int) -> (offsets: [Int], weights: [Float]) {
    depth[z - target.d.lowerBound].crossed(
      rows[row - target.h.lowerBound], outer: source.depthStride, inner: source.rowStride)
  }
}

/// The tables of the region that was run last, made when it is run first: a kernel sees a region only then. Making them
/// takes as long as some rows.
final class LastResizeTables: Sendable {
  private let taps: ResizeTaps
  private let last = Mutex<(key: ResizeTables.Key, tables: ResizeTables)?>(nil)

  init(_ taps: ResizeTaps) { self.taps = taps }

  func callAsFunction(_ key: ResizeTables.Key) -> ResizeTables {
    if let tables = last.withLock({ $0.flatMap { $0.key == key ? $0.tables : nil } }) { return tables }
    let tables = ResizeTables(taps, key)
    last.withLock { $0 = (key, tables) }
    return tables
  }
}
