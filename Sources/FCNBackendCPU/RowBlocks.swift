import FCNGraph

/// Blocks whose panels keep whole rows of the input, read at an offset per tap; for windows that overlap and step 1.
struct RowBlocks {
  let rows: Int
  let columns: Int
  let halo: (rows: Int, columns: Int)

  /// Floats that a panel, and the accumulators, may take.
  private static let limit = 1 << 19
  /// Positions that a block should have, so that weights are read for many columns at once.
  private static let wanted = 512

  /// Nil where too few taps overlap, or rows with their halo would cost more than they save.
  init?(_ phases: [[LatticeAxis]], channels: (input: Int, output: Int), rows: Int, columns: Int) {
    let taps = phases.map { $0[1].taps.count * $0[2].taps.count }.max() ?? 0
    guard taps >= 3, phases.allSatisfy({ $0[1].inputStep == 1 && $0[2].inputStep == 1 }) else { return nil }
    halo = (phases.map { $0[1].span }.max() ?? 0, phases.map { $0[2].span }.max() ?? 0)
    let width = RowBlocks.columns(of: columns, atMost: 320)
    self.columns = width
    let pitch = width + halo.columns
    let planes = channels.input * (phases.map { $0[0].taps.count }.max() ?? 1)
    let reach = halo.rows
    // Far taps share no rows, and the products below stay in range.
    guard max(reach, halo.columns, planes, channels.output) <= RowBlocks.limit else { return nil }
    func fits(_ count: Int) -> Bool {
      planes * (count + reach) * pitch <= RowBlocks.limit && channels.output * count * pitch <= RowBlocks.limit
        && rows.dividedUp(by: count) * count * 16 <= rows * 17
    }
    let fitting = [16, 8, 4, 2, 1].filter(fits)
    self.rows = fitting.last { $0 * width >= RowBlocks.wanted } ?? fitting.first ?? 1
    // Columns computed too many, and rows copied against the taps that they serve.
    let computed = (self.rows * pitch).dividedUp(by: 32) * 32
    guard computed * 5 <= self.rows * self.columns * 6, (self.rows + reach) * 2 <= self.rows * taps else { return nil }
  }

  /// The split of a row into equal blocks that computes the fewest columns too many, blocks being multiples of 32.
  static func columns(of columns: Int, atMost limit: Int) -> Int {
    if columns <= limit { return max(1, columns) }
    let fewest = columns.dividedUp(by: limit)
    let candidates = (fewest...fewest + 4).map { count in
      (width: columns.dividedUp(by: count).dividedUp(by: 32) * 32, count: count)
    }
    return candidates.min { $0.width * $0.count < $1.width * $1.count }?.width ?? limit
  }
}
