import FCNAnalysis
import FCNGraph
import FCNTestKit
import Testing

/// GEOMETRY §7: every row, exactly.
@Suite struct WorkedExampleTests {
  private func facts(
    _ size: Int, at analysed: Int? = nil, _ build: (inout Architecture) throws -> ValueID
  ) throws -> (facts: AxisFacts, analysis: GeometryAnalysis) {
    var network = try Architecture(size: [size, size])
    let output = try build(&network)
    let analysis = try GeometryAnalysis(try network.graph(output), size: [analysed ?? size, analysed ?? size])
    #expect(analysis.facts[0][0].intervals == analysis.facts[0][1].intervals)
    return (analysis.facts[0][0], analysis)
  }

  private func check(
    _ facts: AxisFacts, period: (Int, Int), widths: ClosedRange<Int>, first: ClosedRange<Int>, depth: (Int, Int),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let intervals = try #require(facts.intervals, sourceLocation: sourceLocation)
    #expect(intervals.inputPeriod == period.0, sourceLocation: sourceLocation)
    #expect(intervals.outputPeriod == period.1, sourceLocation: sourceLocation)
    #expect(intervals.widths.min() == widths.lowerBound, sourceLocation: sourceLocation)
    #expect(intervals.widths.max() == widths.upperBound, sourceLocation: sourceLocation)
    #expect(intervals[0] == first, sourceLocation: sourceLocation)
    #expect(facts.depth == BorderDepth(low: depth.0, high: depth.1), sourceLocation: sourceLocation)
  }

  @Test(arguments: [(1, 5), (3, 9), (8, 19)])
  func plain(hidden n: Int, width: Int) throws {
    let (facts, analysis) = try facts(64) { network in
      var x = network.input
      for _ in 0...n { x = try network.conv(x, 3) }
      return x
    }
    try check(facts, period: (1, 1), widths: width...width, first: -(n + 1)...n + 1, depth: (n + 1, n + 1))
    #expect(facts.verdict == .everyShift)
    #expect(analysis.runs == [1, 1].map { _ in CompatibleSizes(minimum: 1, step: 1, residues: [0]) })
  }

  @Test func vgg16() throws {
    let (facts, analysis) = try facts(512) { try $0.vgg16()[4] }
    try check(facts, period: (32, 1), widths: 212...212, first: -90...121, depth: (3, 3))
    #expect(facts.outputSize == 16)
    #expect(analysis.runs[0] == CompatibleSizes(minimum: 32, step: 1, residues: [0]))
  }

  @Test(arguments: [(512, 7, 6), (513, 7, 7), (533, 7, 7), (534, 7, 6), (543, 7, 6)])
  func resnet50(size: Int, low: Int, high: Int) throws {
    let (facts, analysis) = try facts(size) { try $0.resnet50() }
    try check(facts, period: (32, 1), widths: 427...427, first: -213...213, depth: (low, high))
    #expect(analysis.runs[0] == CompatibleSizes(minimum: 1, step: 1, residues: [0]))
  }

  @Test func unetSame() throws {
    for kind in [Architecture.Upsampling.deconv2, .nearest] {
      let (facts, analysis) = try facts(512) { try $0.unet(up: kind) }
      try check(facts, period: (16, 16), widths: 188...204, first: -94...93, depth: (94, 94))
      #expect(facts.verdict == .lattice)
      #expect(analysis.runs[0] == CompatibleSizes(minimum: 16, step: 16, residues: [0]))
      #expect(analysis.seamless[0] == analysis.runs[0])
      #expect(facts.breakers.map(\.to) == [2, 4, 8, 16])
      #expect(analysis.tiling.isExact)
      #expect(analysis.tiling.axes.map(\.originMultiple) == [16, 16])
      #expect(analysis.tiling.axes.map(\.low) == [94, 94])
    }
  }

  /// The 16 phases, relative to the output.
  @Test func unetPhases() throws {
    let (facts, _) = try facts(512) { try $0.unet() }
    let expected = [
      -94...93, -95...92, -96...107, -97...106, -98...105, -99...104, -100...103, -101...102, -102...101, -103...100,
      -104...99, -105...98, -106...97, -107...96, -92...95, -93...94,
    ]
    #expect(facts.intervals?.relative == expected)
  }

  @Test func unetVariants() throws {
    let bilinear = try facts(512) { try $0.unet(up: .bilinear) }.facts
    try check(bilinear, period: (16, 16), widths: 220...236, first: -110...109, depth: (109, 109))
    let deconv3 = try facts(512) { try $0.unet(up: .deconv3) }.facts
    try check(deconv3, period: (16, 16), widths: 204...220, first: -94...109, depth: (94, 109))
    let three = try facts(256) { try $0.unet(depth: 3) }
    try check(three.facts, period: (8, 8), widths: 92...100, first: -46...45, depth: (46, 46))
    #expect(three.analysis.runs[0] == CompatibleSizes(minimum: 8, step: 8, residues: [0]))
    let five = try facts(1024) { try $0.unet(depth: 5) }
    try check(five.facts, period: (32, 32), widths: 380...412, first: -190...189, depth: (190, 190))
    #expect(five.analysis.runs[0] == CompatibleSizes(minimum: 32, step: 32, residues: [0]))
  }

  @Test func unetValid() throws {
    let (facts, analysis) = try facts(572) { try $0.unet(valid: true) }
    try check(facts, period: (16, 16), widths: 188...204, first: 0...187, depth: (0, 0))
    #expect(facts.outputSize == 388)
    #expect(analysis.seamless[0] == CompatibleSizes(minimum: 188, step: 16, residues: [12]))
  }

  @Test func fcn() throws {
    let coarse = try facts(500) { try $0.fcn(32, size: 500) }.facts
    try check(coarse, period: (32, 32), widths: 436...436, first: -221...214, depth: (205, 231))
    let middle = try facts(500) { try $0.fcn(16, size: 500) }.facts
    try check(middle, period: (32, 32), widths: 436...468, first: -221...214, depth: (213, 239))
    let fine = try facts(500) { try $0.fcn(8, size: 500) }.facts
    try check(fine, period: (32, 32), widths: 436...468, first: -221...214, depth: (217, 243))
  }

  @Test func segnet() throws {
    let (facts, analysis) = try facts(512) { try $0.segnet() }
    try check(facts, period: (32, 32), widths: 372...404, first: -186...185, depth: (186, 186))
    #expect(analysis.runs[0] == CompatibleSizes(minimum: 32, step: 32, residues: [0]))
  }

  /// Entries of CSBDeep's table of tile overlaps: (depth, kernel, pool) and the exact halo.
  @Test(arguments: [(3, 3, 2, 46), (4, 3, 2, 94), (5, 3, 2, 190), (4, 5, 2, 188), (4, 3, 4, 938)])
  func csbdeep(depth: Int, kernel: Int, pool: Int, halo: Int) throws {
    let size = pool == 4 ? 4096 : 1024
    var network = try Architecture(size: [size])
    let output = try network.unet(depth: depth, kernel: kernel, pool: pool, up: .nearest)
    let analysis = try GeometryAnalysis(try network.graph(output), size: [size])
    #expect(analysis.tiling.axes.map { max($0.low, $0.high) } == [halo])
  }

  /// The depth at the output that the padding of one convolution alone reaches.
  @Test func unetShares() throws {
    let (facts, _) = try facts(512) { try $0.unet() }
    #expect(facts.nodes.map(\.depth.low) == [94, 94, 94, 94, 94, 94, 78, 78, 62, 46, 30, 22, 14, 10, 6, 4, 2, 1])
  }

  @Test func alignedCorners() throws {
    let (facts, analysis) = try facts(256) { try $0.unet(depth: 2, up: .alignCorners) }
    #expect(facts.verdict == .anchored)
    #expect(!analysis.tiling.isExact)
    let texts = analysis.tiling.refusals.map(\.text)
    #expect(texts.contains { $0.contains("aligned corners") }, "\(texts)")
  }

  /// Beyond the border of a tile lies not what lies beyond that of the image.
  @Test func wrappedBorders() throws {
    let (facts, analysis) = try facts(64) { network in
      let x = try network.padded(network.input, by: 2, .wrap)
      return try network.conv(x, 5, pad: 0)
    }
    #expect(facts.verdict == .everyShift)
    #expect(analysis.tiling.refusals.map(\.text).contains { $0.contains("wraps around") })
  }
}
