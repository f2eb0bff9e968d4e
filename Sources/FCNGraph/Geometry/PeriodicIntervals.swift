/// Which input samples an output sample depends on, along one axis, borders ignored: an interval for each of
/// `outputPeriod` phases that repeats `inputPeriod` further.
///
/// I(o) = intervals[o mod q] + p·⌊o/q⌋ with p = `inputPeriod` and q = `outputPeriod`, so that I(o + q) = I(o) + p: an
/// input shifted by p gives the output shifted by q. All integers are exact. Source: GEOMETRY §3.1, the periodic affine
/// interval function.
package struct PeriodicIntervals: Sendable, Hashable {
  /// p ≥ 1, in input samples.
  package let inputPeriod: Int
  /// The hull of each phase; nil: the outputs of this phase depend on no input (a transposed convolution's gaps).
  package let intervals: [ClosedRange<Int>?]
  /// The largest magnitude of a bound of `intervals`.
  private let reach: Int

  /// q ≥ 1, in output samples.
  package var outputPeriod: Int { intervals.count }

  /// Longest period that is followed.
  package static let longestPeriod = 1 << 14
  /// Largest input period, and largest magnitude of a bound, that `composed` and `lifted` give: products with a phase
  /// stay exact.
  package static let longestReach = 1 << 40

  /// - Parameter intervals: one per phase, at least one.
  package init(inputPeriod: Int, intervals: [ClosedRange<Int>?]) {
    precondition(inputPeriod >= 1 && !intervals.isEmpty)
    self.inputPeriod = inputPeriod
    self.intervals = intervals
    reach = intervals.reduce(0) { largest, interval in
      guard let interval else { return largest }
      return max(largest, Int(clamping: max(interval.lowerBound.magnitude, interval.upperBound.magnitude)))
    }
  }

  /// I(o) = [o, o]
  package static let identity = PeriodicIntervals(inputPeriod: 1, intervals: [0...0])

  /// Within one period of the input around the bounds, or |o·p| < 2⁶².
  package subscript(_ o: Int) -> ClosedRange<Int>? {
    let period = o.dividedDown(by: outputPeriod)
    guard let interval = intervals[o - period * outputPeriod] else { return nil }
    let shift = period * inputPeriod
    return interval.lowerBound + shift...interval.upperBound + shift
  }

  /// Whether no output depends on any input.
  package var isEmpty: Bool { intervals.allSatisfy { $0 == nil } }

  /// Samples in the interval of each phase, 0 for an empty one.
  package var widths: [Int] { intervals.map { $0?.count ?? 0 } }

  /// Intervals relative to ⌊o·p/q⌋, the input sample below output o.
  package var relative: [ClosedRange<Int>?] {
    intervals.enumerated().map { phase, interval in
      interval.map {
        let origin = phase * inputPeriod / outputPeriod
        return $0.lowerBound - origin...$0.upperBound - origin
      }
    }
  }

  /// The dependence of `self`'s outputs on the inputs of `inner`: o ↦ hull of inner over self(o).
  ///
  /// q = q₁·q₂/gcd(p₁, q₂), p = (q/q₁)·p₁·p₂/q₂. Of an interval [s, t] only the first and the last q₂ samples matter,
  /// since inner(j + q₂) = inner(j) + p₂. Cost: `compositionCost`. Source: GEOMETRY §3.2.
  /// - Returns: nil where the period exceeds `longestPeriod`, or a bound may exceed `longestReach`.
  package func composed(with inner: PeriodicIntervals) -> PeriodicIntervals? {
    guard isBounded, inner.isBounded else { return nil }
    if inner == .identity { return self }
    if self == .identity { return inner }
    let steps = inner.outputPeriod / greatestCommonDivisor(inputPeriod, inner.outputPeriod)
    let (q, overflow) = outputPeriod.multipliedReportingOverflow(by: steps)
    guard !overflow, q <= PeriodicIntervals.longestPeriod else { return nil }
    // inner advances by p₂ for every q₂ of the steps·p₁ samples that one period passes.
    let (samples, samplesOverflow) = steps.multipliedReportingOverflow(by: inputPeriod)
    guard !samplesOverflow else { return nil }
    let (p, periodOverflow) = (samples / inner.outputPeriod).multipliedReportingOverflow(by: inner.inputPeriod)
    guard !periodOverflow, p <= PeriodicIntervals.longestReach else { return nil }
    // Of one period: the samples read are within ±(reach + samples), of the input of inner one period more.
    let turns = (reach + samples) / inner.outputPeriod + 1
    guard inner.isBounded(after: turns) else { return nil }
    return PeriodicIntervals(inputPeriod: p, intervals: (0..<q).map { self[$0].flatMap(inner.hull) })
  }

  private var isBounded: Bool { isBounded(after: 0) }

  /// Whether the period and the bounds of `turns` periods further stay within `longestReach`.
  private func isBounded(after turns: Int) -> Bool {
    let (shift, overflow) = inputPeriod.multipliedReportingOverflow(by: turns)
    let limit = PeriodicIntervals.longestReach
    return !overflow && inputPeriod <= limit && reach <= limit && shift <= limit - reach
  }

  /// Phases, and samples scanned, that `composed` works through; 0 where it shares what is there.
  package func compositionCost(with inner: PeriodicIntervals) -> Int {
    if self == .identity { return 0 }
    let steps = inner.outputPeriod / greatestCommonDivisor(inputPeriod, inner.outputPeriod)
    let (q, overflow) = outputPeriod.multipliedReportingOverflow(by: steps)
    if overflow || q > PeriodicIntervals.longestPeriod || reach > PeriodicIntervals.longestReach { return 0 }
    let scanned = inner == .identity ? 0 : 2 * min(widths.max() ?? 0, inner.outputPeriod)
    return q * (scanned + PeriodicIntervals.phaseCost)
  }

  /// Steps of work that keeping one phase is worth, for the memory it takes.
  package static let phaseCost = 8

  /// The hull over the outputs `range`.
  package func hull(_ range: ClosedRange<Int>) -> ClosedRange<Int>? {
    var low = Int.max
    var high = Int.min
    for o in range.lowerBound...min(range.upperBound, range.lowerBound + outputPeriod - 1) {
      if let interval = self[o] { low = min(low, interval.lowerBound) }
    }
    for o in max(range.lowerBound, range.upperBound - outputPeriod + 1)...range.upperBound {
      if let interval = self[o] { high = max(high, interval.upperBound) }
    }
    return low <= high ? low...high : nil
  }

  /// Both dependences together, over the common period.
  /// - Returns: nil where the slopes p/q differ, or the period exceeds `longestPeriod`.
  package func joined(with other: PeriodicIntervals) -> PeriodicIntervals? {
    if self == other { return self }
    guard hasSlope(of: other) else { return nil }
    guard let first = lifted(toMultipleOf: other.outputPeriod) else { return nil }
    guard let second = other.lifted(toMultipleOf: first.outputPeriod) else { return nil }
    let intervals = zip(first.intervals, second.intervals).map { a, b -> ClosedRange<Int>? in
      guard let a, let b else { return a ?? b }
      return min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound)
    }
    return PeriodicIntervals(inputPeriod: first.inputPeriod, intervals: intervals)
  }

  /// p₁/q₁ = p₂/q₂
  package func hasSlope(of other: PeriodicIntervals) -> Bool {
    let left = inputPeriod.multipliedFullWidth(by: other.outputPeriod)
    let right = other.inputPeriod.multipliedFullWidth(by: outputPeriod)
    return left == right
  }

  /// The same function with an output period that is a multiple of `period`.
  /// - Returns: nil where the period exceeds `longestPeriod`, or a bound may exceed `longestReach`.
  package func lifted(toMultipleOf period: Int) -> PeriodicIntervals? {
    let factor = period / greatestCommonDivisor(period, outputPeriod)
    if factor == 1 { return isBounded ? self : nil }
    let (q, overflow) = outputPeriod.multipliedReportingOverflow(by: factor)
    guard !overflow, q <= PeriodicIntervals.longestPeriod, isBounded(after: factor) else { return nil }
    return PeriodicIntervals(inputPeriod: inputPeriod * factor, intervals: (0..<q).map { self[$0] })
  }
}
