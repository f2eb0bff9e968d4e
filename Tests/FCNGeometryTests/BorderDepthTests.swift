import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// How far a border reaches through one operator, by the closed forms of GEOMETRY §5.1 and by counting.
@Suite struct BorderDepthTests {
  /// A network of one node over `[1, 1, n]`.
  private struct Step: CustomStringConvertible {
    let sized: SizedGraph
    let geometry: GraphGeometry

    init(_ n: Int, _ make: (inout GraphBuilder, ValueID) throws -> ValueID) throws {
      var builder = GraphBuilder(seed: 1)
      let x = try builder.input([1, 1, n])
      let y = try make(&builder, x)
      let graph = try builder.graph(outputs: [y])
      sized = try SizedGraph(graph, inputs: [[1, 1, n]], evaluator: ReferenceEvaluator())
      geometry = GraphGeometry(sized)
    }

    var outputSize: Int { sized.type(sized.graph.outputs[0]).shape[2] }
    var description: String { sized.graph.text() }

    func depth(_ low: Int, _ high: Int) throws -> BorderDepth {
      try #require(geometry.depths(0, initial: BorderDepth(low: low, high: high))[sized.graph.outputs[0].index])
    }

    func intervals() throws -> PeriodicIntervals {
      try #require(geometry.dependence(0, sized.graph.outputs[0]).local).intervals
    }

    /// The last output that reads a sample below `low`, the first that reads one from n − `high` on.
    func counted(_ n: Int, _ low: Int, _ high: Int) throws -> BorderDepth {
      let intervals = try intervals()
      let spoiledLow = (0..<outputSize).last { o in intervals[o].map { $0.lowerBound < low } ?? false }
      let spoiledHigh = (0..<outputSize).first { o in intervals[o].map { $0.upperBound >= n - high } ?? false }
      return BorderDepth(low: spoiledLow.map { $0 + 1 } ?? 0, high: spoiledHigh.map { outputSize - $0 } ?? 0)
    }

    func expect(_ low: Int, _ high: Int, _ wanted: (low: Int, high: Int)) throws {
      let clamped = BorderDepth(low: min(max(0, wanted.low), outputSize), high: min(max(0, wanted.high), outputSize))
      #expect(try depth(low, high) == clamped, "\(self) from \(low), \(high)")
    }
  }

  private func slice(_ builder: inout GraphBuilder, _ x: ValueID, _ start: Int, _ end: Int, _ step: Int) throws
    -> ValueID
  {
    builder.node(
      .slice, x, try builder.list([start]), try builder.list([end]), try builder.list([2]), try builder.list([step]))
  }

  /// a' = ⌈(a + pb)/s⌉, b' = m − 1 − ⌊(n − 1 − b + pb − d(k − 1))/s⌋
  @Test(arguments: 0..<120)
  func windows(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let n = generator.integer(in: 14...30)
    let (k, s, d) = (generator.integer(in: 1...4), generator.integer(in: 1...3), generator.integer(in: 1...2))
    let (pb, pe) = (generator.integer(in: 0...3), generator.integer(in: 0...3))
    let (a, b) = (generator.integer(in: 0...4), generator.integer(in: 0...4))
    let step = try Step(n) { builder, x in
      let window = Window(strides: [s], dilations: [d], padding: .explicit(low: [pb], high: [pe]))
      return builder.node(.convolution(Convolution(window: window)), x, try builder.weights([1, 1, k]), nil)
    }
    let high = step.outputSize - 1 - (n - 1 - b + pb - d * (k - 1)).dividedDown(by: s)
    try step.expect(a, b, ((a + pb).dividedUp(by: s), high))
  }

  /// a' = s(a − 1) + k − pb, b' = s(b − 1) + opad + k − pe
  @Test(arguments: 0..<120)
  func transposedWindows(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed &+ 1 << 20)
    let n = generator.integer(in: 8...16)
    let s = generator.integer(in: 1...3)
    let k = generator.integer(in: s...s + 3)
    let (pb, pe) = (generator.integer(in: 0...k - 1), generator.integer(in: 0...k - 1))
    let extra = generator.integer(in: 0...s - 1)
    let (a, b) = (generator.integer(in: 0...3), generator.integer(in: 0...3))
    let step = try Step(n) { builder, x in
      let window = Window(strides: [s], padding: .explicit(low: [pb], high: [pe]))
      return builder.node(
        .convTranspose(ConvTranspose(window: window, outputPadding: [extra])), x, try builder.weights([1, 1, k]), nil)
    }
    try step.expect(a, b, (s * (a - 1) + k - pb, s * (b - 1) + extra + k - pe))
  }

  @Test(arguments: [(0, 0), (1, 0), (0, 2), (3, 4)])
  func others(_ a: Int, _ b: Int) throws {
    let padded = try Step(12) { builder, x in
      builder.node(.pad(.edge), x, try builder.list([0, 0, 2, 0, 0, 5]))
    }
    try padded.expect(a, b, (a + 2, b + 5))
    let cropped = try Step(12) { builder, x in
      builder.node(.pad(.constant), x, try builder.list([0, 0, -1, 0, 0, -2]))
    }
    try cropped.expect(a, b, (a - 1, b - 2))
    let sliced = try Step(20) { builder, x in try slice(&builder, x, 1, 20, 2) }
    try sliced.expect(a, b, ((a - 1).dividedUp(by: 2), (b + 1).dividedDown(by: 2)))
    for u in [2, 3] {
      let nearest = Resize(interpolation: .nearest(.floor), coordinates: .asymmetric)
      let step = try Step(12) { builder, x in
        builder.node(.resize(nearest), x, nil, try builder.reals([1, 1, Float(u)]))
      }
      try step.expect(a, b, (u * a, u * b))
    }
    let linear = Resize(interpolation: .linear, coordinates: .halfPixel)
    let step = try Step(12) { builder, x in builder.node(.resize(linear), x, nil, try builder.reals([1, 1, 2])) }
    try step.expect(a, b, (2 * a + 1, 2 * b + 1))
  }

  /// Where clean outputs come before spoiled ones the last spoiled one counts.
  @Test(arguments: 0..<120)
  func unevenOperators(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed &+ 2 << 20)
    let n = generator.integer(in: 10...20)
    let scales: [Float] = [3, 1.5, 2.5, 4 / 3, 0.5, 0.75]
    let scale = scales[generator.integer(in: 0...5)]
    let isResize = generator.integer(in: 0...1) == 0
    let transform = [CoordinateTransform.asymmetric, .halfPixel, .tfHalfPixelForNN][generator.integer(in: 0...2)]
    let (k, s, d) = (generator.integer(in: 1...4), generator.integer(in: 1...4), generator.integer(in: 1...3))
    let step = try Step(n) { builder, x in
      if isResize {
        let cubic = Resize(interpolation: .cubic(a: -0.75), coordinates: transform)
        return builder.node(.resize(cubic), x, nil, try builder.reals([1, 1, scale]))
      }
      let window = Window(strides: [s], dilations: [d], padding: .explicit(low: [1], high: [0]))
      return builder.node(
        .convTranspose(ConvTranspose(window: window)), x, try builder.weights([1, 1, k + 1]), nil)
    }
    for (a, b) in [(0, 0), (1, 2), (2, 0), (3, 3)] {
      let counted = try step.counted(n, a, b)
      #expect(try step.depth(a, b) == counted, "\(step) from \(a), \(b)")
    }
  }

  /// A border that is not counted spoils nothing itself, but passes on what is spoiled already.
  @Test func causes() throws {
    let step = try Step(12) { builder, x in
      let window = Window(padding: .explicit(low: [1], high: [1]))
      return builder.node(.convolution(Convolution(window: window)), x, try builder.weights([1, 1, 3]), nil)
    }
    let y = step.sized.graph.outputs[0].index
    let none = { (_: Int, _: Border) in false }
    #expect(step.geometry.depths(0, counting: none)[y] == BorderDepth())
    #expect(step.geometry.depths(0, initial: BorderDepth(low: 2), counting: none)[y] == BorderDepth(low: 3))
    #expect(step.geometry.depths(0)[y] == BorderDepth(low: 1, high: 1))
  }
}
