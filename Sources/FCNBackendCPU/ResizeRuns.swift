import CFCNKernels
package import FCNGraph

/// Outputs of an enlarged row that lie between the same two inputs, run by run.
package struct ResizeRuns: Sendable {
  /// Where runs begin, and their end; what each reads first and second.
  private let places: [Int32]
  /// Of what is read first by every output, then of what is read second.
  private let weights: [Float]
  private let count: Int

  /// Outputs of a run, on the average, from which runs are worth while.
  private static let shortest = 4

  /// Nil for other than two taps, and where runs are short.
  package init?(_ columns: ResizeTaps.Columns) {
    guard columns.count == 2 else { return nil }
    let outputs = columns.indices.count / 2
    var (starts, first, second): ([Int32], [Int32], [Int32]) = ([], [], [])
    for output in 0..<outputs {
      let (a, b) = (columns.indices[2 * output], columns.indices[2 * output + 1])
      if first.last == a && second.last == b { continue }
      starts.append(Int32(output))
      first.append(a)
      second.append(b)
    }
    guard outputs >= ResizeRuns.shortest * starts.count else { return nil }
    count = starts.count
    places = starts + [Int32(outputs)] + first + second
    weights = (0..<2).flatMap { tap in (0..<outputs).map { columns.weights[2 * $0 + tap] } }
  }

  /// Rows `[channels][stride]` to `[channels][dstStride]`.
  func spread(
    _ table: KernelTable, _ src: UnsafePointer<Float>, stride: Int, channels: Int, _ dst: UnsafeMutablePointer<Float>,
    dstStride: Int
  ) {
    places.withUnsafeBufferPointer { places in
      weights.withUnsafeBufferPointer { weights in
        let (starts, first) = (places.baseAddress!, places.baseAddress! + count + 1)
        var runs = fcn_runs(
          count: count, starts: starts, first: first, second: first + count,
          weights: (weights.baseAddress!, weights.baseAddress! + weights.count / 2))
        table.pointee.f32_spread_runs(src, stride, &runs, channels, dst, dstStride)
      }
    }
  }
}
