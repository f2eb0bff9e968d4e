/// How often each stored value occurs in one channel of a whole picture; sums run in Double in order of the values.
package struct ChannelStatistics: Sendable {
  /// Occurrences of 0…255 or 0…65535.
  package let histogram: [Int]
  package let count: Int
  package let mean: Double
  /// Population standard deviation.
  package let deviation: Double

  /// - Parameter histogram: at least one occurrence.
  init(histogram: [Int]) {
    self.histogram = histogram
    count = histogram.reduce(0, +)
    let count = Double(count)
    var sum = 0.0
    for (value, times) in histogram.enumerated() where times > 0 { sum += Double(value) * Double(times) }
    let mean = sum / count
    var squares = 0.0
    for (value, times) in histogram.enumerated() where times > 0 {
      squares += (Double(value) - mean) * (Double(value) - mean) * Double(times)
    }
    self.mean = mean
    deviation = (squares / count).squareRoot()
  }

  /// The value below which `percent` (0…100) of the samples lie, interpolated linearly between neighbours in order.
  package func percentile(_ percent: Double) -> Double {
    let position = percent / 100 * Double(count - 1)
    let rank = Int(position.rounded(.down))
    let lower = value(rank: rank)
    let upper = value(rank: min(rank + 1, count - 1))
    return Double(lower) + Double(upper - lower) * (position - Double(rank))
  }

  private func value(rank: Int) -> Int {
    var seen = 0
    for (value, times) in histogram.enumerated() {
      seen += times
      if seen > rank { return value }
    }
    return histogram.count - 1
  }
}

extension Picture {
  /// Statistics of every channel over the whole picture.
  package func statistics() -> [ChannelStatistics] {
    let histograms =
      bitDepth == 8 ? withSamples(UInt8.self, countValues) : withSamples(UInt16.self, countValues)
    return histograms.map(ChannelStatistics.init)
  }

  private func countValues<T: FixedWidthInteger & UnsignedInteger>(_ samples: UnsafeBufferPointer<T>) -> [[Int]] {
    (0..<channels).map { channel in
      var histogram = [Int](repeating: 0, count: maxValue + 1)
      histogram.withUnsafeMutableBufferPointer { histogram in
        for index in stride(from: channel, to: samples.count, by: channels) { histogram[Int(samples[index])] += 1 }
      }
      return histogram
    }
  }
}
