import FCNGraph
import FCNTensor
import FCNTestKit
import Testing

/// The algebra of intervals, against the definition evaluated place by place.
@Suite struct PeriodicIntervalsTests {
  private typealias Hull = ClosedRange<Int>?

  private func random(_ generator: inout SeededGenerator) -> PeriodicIntervals {
    let intervals = (0..<generator.integer(in: 1...5)).map { _ -> Hull in
      let low = generator.integer(in: -9...9)
      return generator.integer(in: 0...5) == 0 ? nil : low...low + generator.integer(in: 0...7)
    }
    return PeriodicIntervals(inputPeriod: generator.integer(in: 1...6), intervals: intervals)
  }

  private func union(_ parts: [Hull]) -> Hull {
    let parts = parts.compactMap { $0 }
    guard let low = parts.map(\.lowerBound).min(), let high = parts.map(\.upperBound).max() else { return nil }
    return low...high
  }

  @Test func places() {
    let f = PeriodicIntervals(inputPeriod: 3, intervals: [-1...1, nil])
    #expect((-2...3).map { f[$0] } == [-4 ... -2, nil, -1...1, nil, 2...4, nil])
    #expect(f.widths == [3, 0] && !f.isEmpty)
    #expect(PeriodicIntervals(inputPeriod: 2, intervals: [nil, nil]).isEmpty)
    #expect(PeriodicIntervals.identity[-7] == -7 ... -7)
  }

  /// Relative to the input sample below: ×2 linear reads one sample before or after it.
  @Test func relative() {
    let f = PeriodicIntervals(inputPeriod: 1, intervals: [-1...0, 0...1])
    #expect(f.relative == [-1...0, 0...1])
    let g = PeriodicIntervals(inputPeriod: 4, intervals: [0...1, 2...3])
    #expect(g.relative == [0...1, 0...1])
  }

  @Test(arguments: 0..<300)
  func composition(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let (f, g) = (random(&generator), random(&generator))
    let both = try #require(f.composed(with: g))
    #expect(both.outputPeriod * f.inputPeriod * g.inputPeriod == both.inputPeriod * f.outputPeriod * g.outputPeriod)
    for o in -2 * both.outputPeriod..<2 * both.outputPeriod {
      #expect(both[o] == union((f[o].map(Array.init) ?? []).map { g[$0] }), "\(f) after \(g) at \(o)")
    }
  }

  @Test(arguments: 0..<200)
  func join(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed &+ 1 << 20)
    let f = random(&generator)
    let g = random(&generator)
    let joined = f.joined(with: g)
    #expect((joined != nil) == (f.inputPeriod * g.outputPeriod == g.inputPeriod * f.outputPeriod))
    let same = PeriodicIntervals(
      inputPeriod: 2 * f.inputPeriod, intervals: (0..<2 * f.outputPeriod).map { $0 % 3 == 0 ? nil : $0 - 4...$0 })
    let both = try #require(f.joined(with: same))
    for o in -9...9 { #expect(both[o] == union([f[o], same[o]])) }
  }

  @Test(arguments: 0..<100)
  func hullsAndLifts(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed &+ 2 << 20)
    let f = random(&generator)
    let low = generator.integer(in: -20...20)
    let range = low...low + generator.integer(in: 0...12)
    #expect(f.hull(range) == union(range.map { f[$0] }))
    let lifted = try #require(f.lifted(toMultipleOf: generator.integer(in: 1...6)))
    for o in -13...13 { #expect(lifted[o] == f[o]) }
    #expect(lifted.hasSlope(of: f))
  }

  @Test func longestPeriod() {
    let longest = PeriodicIntervals.longestPeriod
    let fine = PeriodicIntervals(inputPeriod: 1, intervals: Array(repeating: 0...0, count: longest))
    let third = PeriodicIntervals(inputPeriod: 1, intervals: [0...0, 0...0, 0...0])
    #expect(fine.composed(with: third) == nil && fine.lifted(toMultipleOf: 3) == nil)
    #expect(fine.composed(with: .identity) == fine)
    #expect(fine.joined(with: third) == nil)
  }

  /// conv3, pool2, conv3, up2, conv3: widths 10 and 10 (GEOMETRY §7).
  @Test func chain() {
    let conv = PeriodicIntervals(inputPeriod: 1, intervals: [-1...1])
    let pool = PeriodicIntervals(inputPeriod: 2, intervals: [0...1])
    let up = PeriodicIntervals(inputPeriod: 1, intervals: [0...0, 0...0])
    let steps = [pool, conv, up, conv]
    let result = steps.reduce(Optional(conv)) { inner, outer in inner.flatMap(outer.composed) }
    #expect(result == PeriodicIntervals(inputPeriod: 2, intervals: [-5...4, -3...6]))
    #expect(result?.widths == [10, 10])
    #expect(pool.composed(with: conv) == PeriodicIntervals(inputPeriod: 2, intervals: [-1...2]))
  }

  /// A transposed convolution of stride 2, then a convolution of stride 2: every shift again.
  @Test func strideAfterTransposed() {
    let up = PeriodicIntervals(inputPeriod: 1, intervals: [-1...0, 0...0])
    let down = PeriodicIntervals(inputPeriod: 2, intervals: [-1...1])
    #expect(down.composed(with: up) == PeriodicIntervals(inputPeriod: 1, intervals: [-1...0]))
  }

  /// Only the outputs that meet no term are kept: nothing is left to depend on.
  @Test func emptyPhases() {
    let sparse = PeriodicIntervals(inputPeriod: 1, intervals: [0...0, nil])
    let odd = PeriodicIntervals(inputPeriod: 2, intervals: [1...1])
    #expect(odd.composed(with: sparse)?.isEmpty == true)
    // Dilation 2 over stride 2: even outputs see two samples, odd ones none.
    let dilated = AxisRule.transposedWindow(WindowAxis(kernel: 2, stride: 2, dilation: 2))
    #expect(
      dilated.geometry(inputSize: 9)
        == .local(PeriodicIntervals(inputPeriod: 1, intervals: [-1...0, nil]), anchor: nil))
  }
}
