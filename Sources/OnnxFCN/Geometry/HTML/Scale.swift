import Glibc

/// A linear scale from values to pixels.
struct LinearScale {
  var low: Double
  var high: Double
  var start: Double
  var end: Double

  init(_ low: Double, _ high: Double, to start: Double, _ end: Double) {
    let isUsable = low.isFinite && high.isFinite && high > low
    self.low = low.isFinite ? low : 0
    self.high = isUsable ? high : self.low + 1
    self.start = start
    self.end = end
  }

  func callAsFunction(_ value: Double) -> Double {
    let share = (value - low) / (high - low)
    return start + (share.isFinite ? min(2, max(-1, share)) : 0) * (end - start)
  }

  /// Round values, about `count` of them; whole numbers only where `isWhole`.
  func ticks(_ count: Int, isWhole: Bool = true) -> [Double] {
    let rough = (high - low) / Double(max(1, count))
    guard rough.isFinite, rough > 0, abs(low) < 1e15, abs(high) < 1e15 else { return [] }
    let decade = pow(10, log10(rough).rounded(.down))
    var step = ([1.0, 2, 5, 10].first { $0 * decade >= rough * 0.999 } ?? 10) * decade
    if isWhole { step = max(1, step.rounded()) }
    var ticks: [Double] = []
    var index = (low / step - 1e-9).rounded(.up)
    while index * step <= high + step * 1e-9, ticks.count < 64 {
      ticks.append(index * step)
      index += 1
    }
    return ticks
  }
}

/// A logarithmic scale with a band of its own for zero below and one for infinity above.
struct ErrorScale {
  /// Decades at the bottom and the top of the logarithmic part.
  private(set) var lowest: Int
  private(set) var highest: Int
  /// Pixels: of zero, and of the ends of the logarithmic part.
  let zero: Double
  let bottom: Double
  let top: Double

  /// At most `decades` below the largest value; smaller ones stand on the lower end.
  init(_ values: [Double], zero: Double, top: Double, decades: Int = 9) {
    let positive = values.filter { $0.isFinite && $0 > 0 }
    let largest = positive.max().map { Int(log10($0).rounded(.up)) } ?? 0
    let smallest = positive.min().map { Int(log10($0).rounded(.down)) } ?? -1
    highest = largest
    lowest = max(min(smallest, largest - 1), largest - decades)
    self.zero = zero
    bottom = zero - 22
    self.top = top
  }

  func callAsFunction(_ value: Double) -> Double {
    if value.isNaN || value == .infinity { return top - 8 }
    guard value > 0 else { return zero }
    let share = (log10(value) - Double(lowest)) / Double(highest - lowest)
    return bottom + min(1, max(0, share)) * (top - bottom)
  }

  var ticks: [(text: String, y: Double)] {
    let step = max(1, (highest - lowest + 5) / 6)
    let decades = stride(from: highest, through: lowest, by: -step)
    return [("0", zero)] + decades.map { (NumberText.power($0), self(pow(10, Double($0)))) }
  }
}
