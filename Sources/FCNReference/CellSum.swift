/// Sums over space in an order that a streamed evaluation can repeat: cells of 64 columns anchored to column 0, each
/// summed as eight interleaved partial sums added in lane order; cells are added in raster order.
struct CellSum {
  private(set) var total = 0.0

  /// Adds one row of the last axis.
  mutating func add(row: some RandomAccessCollection<Double>) {
    var position = row.startIndex
    while position < row.endIndex {
      let end = row.index(position, offsetBy: 64, limitedBy: row.endIndex) ?? row.endIndex
      var lanes = SIMD8<Double>(repeating: 0)
      var lane = 0
      while position < end {
        lanes[lane & 7] += row[position]
        lane += 1
        position = row.index(after: position)
      }
      total += ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    }
  }

  /// Rows of `count` elements one after the other.
  static func sum(_ values: [Double], row count: Int) -> Double {
    var sum = CellSum()
    var start = 0
    while start < values.count {
      sum.add(row: values[start..<min(values.count, start + max(1, count))])
      start += max(1, count)
    }
    return sum.total
  }
}
