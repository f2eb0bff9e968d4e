import FCNGraph
import FCNTensor
import FCNTestKit
import Testing

/// Requests of every rule equal the hull of the taps, counted one by one.
@Suite struct AxisRuleTests {
  /// A rule at an input size with the taps that define it (GEOMETRY §3.3, ONNX operator formulas).
  private struct Sample: CustomStringConvertible {
    let rule: AxisRule
    let inputSize: Int
    let outputSize: Int
    /// Input indices inside `0..<inputSize` that output o reads.
    let taps: (Int) -> [Int]
    var description: String { "\(rule), n = \(inputSize), m = \(outputSize)" }
  }

  /// The hull of the taps of every range of outputs is requested: nothing missing, nothing more.
  private func check(_ sample: Sample, _ generator: inout SeededGenerator, isTight: Bool = true) {
    guard sample.outputSize > 0 else { return }
    for _ in 0..<12 {
      let low = generator.integer(in: 0...sample.outputSize - 1)
      let range = low..<generator.integer(in: low + 1...sample.outputSize)
      let taps = range.flatMap(sample.taps)
      let request = sample.rule.request(range, inputSize: sample.inputSize)
      #expect(request.lowerBound >= 0 && request.upperBound <= sample.inputSize)
      #expect(taps.allSatisfy { request.contains($0) }, "\(sample): \(range) requests \(request)")
      if isTight {
        let hull = taps.isEmpty ? 0..<0 : taps.min()!..<taps.max()! + 1
        #expect(request.count == hull.count, "\(sample): \(range) requests \(request), reads \(hull)")
      }
    }
    #expect(sample.rule.request(0..<0, inputSize: sample.inputSize).isEmpty)
  }

  private func window(_ generator: inout SeededGenerator) -> WindowAxis {
    WindowAxis(
      kernel: generator.integer(in: 1...5), stride: generator.integer(in: 1...4),
      dilation: generator.integer(in: 1...3), low: generator.integer(in: -2...5), high: generator.integer(in: -2...5))
  }

  /// Windows with gaps may read less at the border than is requested, never more.
  @Test(arguments: 0..<80)
  func windows(_ seed: Int) {
    var generator = SeededGenerator(UInt64(seed))
    let w = window(&generator)
    let n = generator.integer(in: 1...23)
    let sample = Sample(rule: .window(w), inputSize: n, outputSize: w.size(n)) { o in
      (0..<w.kernel).map { w.stride * o - w.low + w.dilation * $0 }.filter { (0..<n).contains($0) }
    }
    check(sample, &generator, isTight: w.dilation == 1 && w.stride <= w.kernel)
  }

  @Test(arguments: 0..<80)
  func transposedWindows(_ seed: Int) {
    var generator = SeededGenerator(UInt64(seed) + 1000)
    let w = window(&generator)
    let n = generator.integer(in: 1...13)
    let extra = generator.integer(in: 0...2)
    let sample = Sample(
      rule: .transposedWindow(w), inputSize: n, outputSize: max(0, w.transposedSize(n, outputPadding: extra))
    ) { o in
      (0..<w.kernel).compactMap { t in
        let position = o + w.low - w.dilation * t
        guard position.isMultiple(of: w.stride) else { return nil }
        let index = position.dividedDown(by: w.stride)
        return (0..<n).contains(index) ? index : nil
      }
    }
    check(sample, &generator, isTight: w.dilation == 1 && w.stride == 1)
  }

  @Test(arguments: 0..<60)
  func strides(_ seed: Int) {
    var generator = SeededGenerator(UInt64(seed) + 2000)
    let n = generator.integer(in: 1...30)
    let step = [-4, -3, -2, -1, 1, 2, 3, 5][generator.integer(in: 0...7)]
    let start = generator.integer(in: 0...n - 1)
    let m = step > 0 ? (n - start).dividedUp(by: step) : (start + 1).dividedUp(by: -step)
    check(
      Sample(rule: .strided(start: start, step: step), inputSize: n, outputSize: m) { [start + step * $0] },
      &generator)
  }

  @Test(arguments: 0..<60)
  func padding(_ seed: Int) {
    var generator = SeededGenerator(UInt64(seed) + 3000)
    let n = generator.integer(in: 1...12)
    for border in [Border.constant, .edge, .reflect, .wrap] {
      let most = border == .reflect ? n - 1 : 9
      let (low, high) = (generator.integer(in: -2...most), generator.integer(in: -2...most))
      guard n + low + high > 0 else { continue }
      let sample = Sample(
        rule: .padded(low: low, border: border), inputSize: n, outputSize: n + low + high
      ) { o in
        AxisRule.resolve(o - low, size: n, border: border).map { [$0] } ?? []
      }
      check(sample, &generator, isTight: border == .constant || border == .edge)
    }
  }

  /// numpy.pad's borders, written out.
  @Test func borders() {
    func row(_ border: Border) -> [Int?] { (-4..<7).map { AxisRule.resolve($0, size: 3, border: border) } }
    #expect(row(.edge) == [0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2])
    #expect(row(.reflect) == [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2])
    #expect(row(.wrap) == [2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
    #expect(row(.constant) == [nil, nil, nil, nil, 0, 1, 2, nil, nil, nil, nil])
    for border in [Border.edge, .reflect, .wrap] {
      #expect(AxisRule.resolve(5, size: 1, border: border) == 0 && AxisRule.resolve(0, size: 0, border: border) == nil)
    }
  }

  @Test(arguments: 0..<120)
  func resampling(_ seed: Int) {
    var generator = SeededGenerator(UInt64(seed) + 4000)
    let transforms: [CoordinateTransform] = [
      .halfPixel, .halfPixelSymmetric, .pytorchHalfPixel, .alignCorners, .asymmetric, .tfHalfPixelForNN,
    ]
    let interpolations: [Interpolation] = [
      .nearest(.floor), .nearest(.ceil), .nearest(.preferFloor), .nearest(.preferCeil), .nearest(.floorOrCeil), .linear,
      .cubic(a: -0.75),
    ]
    let n = generator.integer(in: 1...17)
    let (u, v) = (generator.integer(in: 1...9), generator.integer(in: 1...5))
    let m = max(1, n * u / v)
    let resize = Resize(
      interpolation: interpolations[seed % interpolations.count],
      coordinates: transforms[generator.integer(in: 0...transforms.count - 1)],
      antialias: generator.integer(in: 0...1) == 1)
    for ratio in [(u, v), nil] as [(Int, Int)?] {
      let axis = ResampleAxis(
        inputSize: n, outputSize: m, scale: Double(u) / Double(v), ratio: ratio.map { ($0.0, $0.1) }, resize: resize)
      let sample = Sample(rule: .resample(axis), inputSize: n, outputSize: m) { o in
        axis.taps(o).map { min(max($0, 0), n - 1) }
      }
      check(sample, &generator)
      for o in 0..<m {
        #expect(axis.weights(o).count == axis.taps(o).count)
        #expect(abs(axis.weights(o).reduce(0, +) - 1) < 1e-9, "\(sample): weights of \(o)")
      }
    }
  }

  /// ×2 half_pixel: x(o) = o/2 − 1/4, taps with weights 3/4 and 1/4.
  @Test func linearTimesTwo() {
    let axis = ResampleAxis(
      inputSize: 4, outputSize: 8, scale: 2, ratio: (2, 1),
      resize: Resize(interpolation: .linear, coordinates: .halfPixel))
    #expect(axis.taps(0) == -1...0 && axis.weights(0) == [0.25, 0.75])
    #expect(axis.taps(1) == 0...1 && axis.weights(1) == [0.75, 0.25])
    #expect(axis.taps(7) == 3...4)
  }

  @Test(arguments: 0..<30)
  func otherRules(_ seed: Int) {
    var generator = SeededGenerator(UInt64(seed) + 5000)
    let n = generator.integer(in: 1...12)
    let b = generator.integer(in: 1...4)
    check(Sample(rule: .pointwise, inputSize: n, outputSize: n) { [$0] }, &generator)
    check(Sample(rule: .spread(block: b), inputSize: n, outputSize: n * b) { [$0 / b] }, &generator)
    check(
      Sample(rule: .gathered(block: b), inputSize: n * b, outputSize: n) { o in (0..<b).map { o * b + $0 } },
      &generator)
    check(
      Sample(rule: .placed(offset: b), inputSize: n, outputSize: n + 2 * b) { o in
        (0..<n).contains(o - b) ? [o - b] : []
      }, &generator)
    check(Sample(rule: .repeated, inputSize: n, outputSize: n * b) { [$0 % n] }, &generator, isTight: false)
    check(Sample(rule: .broadcast, inputSize: 1, outputSize: n) { _ in [0] }, &generator)
    check(Sample(rule: .everything, inputSize: n, outputSize: b) { _ in Array(0..<n) }, &generator)
  }

  @Test func divisions() {
    for value in -20...20 {
      for divisor in 1...7 {
        let exact = Double(value) / Double(divisor)
        #expect(value.dividedDown(by: divisor) == Int(exact.rounded(.down)))
        #expect(value.dividedUp(by: divisor) == Int(exact.rounded(.up)))
      }
    }
  }
}
