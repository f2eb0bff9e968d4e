import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// Networks that no image needs: numbers near the limits, thousands of phases, thousands of nodes.
@Suite struct LimitTests {
  private func dependence(
    _ n: Int, _ make: (inout GraphBuilder, ValueID) throws -> ValueID
  ) throws -> Dependence {
    var builder = GraphBuilder(seed: 5)
    let x = try builder.input([1, 1, n])
    let y = try make(&builder, x)
    let graph = try builder.graph(outputs: [y])
    let sized = try SizedGraph(graph, inputs: [[1, 1, n]], evaluator: ReferenceEvaluator())
    let geometry = GraphGeometry(sized)
    #expect(geometry.depths(0)[y.index] != nil)
    return geometry.dependence(0, y)
  }

  private func pool(_ builder: inout GraphBuilder, _ x: ValueID, stride: Int) -> ValueID {
    builder.node(.pool(Pool(function: .max(columnMajor: false), window: Window(kernel: [1], strides: [stride]))), x)
  }

  private func sparse(_ builder: inout GraphBuilder, _ x: ValueID, stride: Int) throws -> ValueID {
    let payload = ConvTranspose(window: Window(strides: [stride]))
    return builder.node(.convTranspose(payload), x, try builder.weights([1, 1, 1]), nil)
  }

  private func wide(_ builder: inout GraphBuilder, _ x: ValueID, dilation: Int, kernel: Int) throws -> ValueID {
    let pad = dilation * (kernel - 1) / 2
    let window = Window(dilations: [dilation], padding: .explicit(low: [pad], high: [pad]))
    return builder.node(
      .convolution(Convolution(window: window)), x, try builder.weights([1, 1, kernel]), nil)
  }

  /// Strides of 2⁴⁰ in all, then windows 2²⁹ wide: bounds would leave 64 bits.
  @Test func hugeStrides() throws {
    let result = try dependence(64) { builder, x in
      var y = pool(&builder, pool(&builder, x, stride: 1 << 20), stride: 1 << 20 - 3)
      for _ in 0..<7 { y = try wide(&builder, y, dilation: 1 << 29, kernel: 2) }
      return y
    }
    guard case .all(let reasons) = result else { throw Unexpected(result) }
    #expect(reasons.contains { $0.cause == .imageSize && $0.text.contains("reaches too far") })
  }

  @Test func boundsOfIntervals() {
    let limit = PeriodicIntervals.longestReach
    func step(_ period: Int, _ bound: Int) -> PeriodicIntervals {
      PeriodicIntervals(inputPeriod: period, intervals: [bound...bound])
    }
    #expect(step(limit, 0).composed(with: .identity) != nil && step(1, -limit).composed(with: .identity) != nil)
    #expect(PeriodicIntervals.identity.composed(with: step(2, 7)) == step(2, 7))
    for beyond in [step(limit + 1, 0), step(1, limit + 1), step(1, .min), step(.max, .max)] {
      #expect(beyond.composed(with: .identity) == nil && PeriodicIntervals.identity.composed(with: beyond) == nil)
      #expect(beyond.composed(with: step(2, 1)) == nil && step(2, 1).composed(with: beyond) == nil)
      #expect(beyond.lifted(toMultipleOf: 1) == nil && beyond.lifted(toMultipleOf: 3) == nil)
    }
    #expect(step(1, limit).composed(with: step(2, 0)) == nil && step(limit / 2, 0).lifted(toMultipleOf: 3) == nil)
  }

  /// Many phases that nothing changes are shared; where every one is scanned again it is given up.
  @Test func manyPhases() throws {
    let kept = try dependence(8) { builder, x in
      var y = try sparse(&builder, x, stride: 1 << 14)
      for _ in 0..<2000 { y = builder.node(.unary(.relu), y) }
      return y
    }
    #expect(kept.local?.intervals.outputPeriod == 1 << 14)
    let scanned = try dependence(8) { builder, x in
      try wide(&builder, sparse(&builder, x, stride: 1 << 14), dilation: 1 << 13, kernel: 3)
    }
    guard case .all(let reasons) = scanned else { throw Unexpected(scanned) }
    #expect(reasons.contains { $0.text.contains("too many phases to follow") })
  }

  /// Stride 16384 with dilation 2: every second phase meets the taps of one residue.
  @Test func longTransposedWindow() {
    let stride = 1 << 14
    let rule = AxisRule.transposedWindow(WindowAxis(kernel: stride, stride: stride, dilation: 2, low: 3))
    guard case .local(let f, nil) = rule.geometry(inputSize: 4) else { return #expect(Bool(false)) }
    for o in [0, 1, 2, 3, 5, stride - 4, stride - 3, stride - 2, stride - 1] {
      let read = (-4...4).filter { i in
        let tap = o + 3 - stride * i
        return tap % 2 == 0 && (0..<stride).contains(tap / 2)
      }
      #expect(f.intervals[o] == read.first.map { $0...read.last! }, "\(o)")
    }
  }

  /// Phases that read nothing are followed back to a border that copies; once, not for every node.
  @Test func manyNodesOnNothing() throws {
    let result = try dependence(16) { builder, x in
      let padded = builder.node(.pad(.reflect), x, try builder.list([0, 0, 1, 0, 0, 1]))
      let y = try sparse(&builder, padded, stride: 2)
      var odd = builder.node(
        .slice, y, try builder.list([1]), try builder.list([1 << 40]), try builder.list([2]),
        try builder.list([2]))
      for _ in 0..<5000 { odd = builder.node(.unary(.relu), odd) }
      return odd
    }
    #expect(result.local?.intervals.isEmpty == true)
  }

  @Test func manyAnchors() throws {
    let result = try dependence(16) { builder, x in
      let payload = Resize(interpolation: .linear, coordinates: .alignCorners, axes: [2])
      let sizes = [try builder.list([31]), try builder.list([16])]
      var y = builder.node(.binary(.add), x, builder.constant(try HostTensor((0..<16).map(Float.init), shape: [16])))
      for step in 0..<1000 { y = builder.node(.resize(payload), y, nil, nil, sizes[step % 2]) }
      return y
    }
    let anchors = try #require(result.local).anchors
    #expect(anchors.count == 12 && Set(anchors.map(\.cause)) == [.position, .imageSize])
  }

  /// Of each cause the first reason stays, however many of another come before it.
  @Test func everyCauseStays() throws {
    let result = try dependence(16) { builder, x in
      var y = x
      for _ in 0..<20 {
        y = builder.node(.binary(.add), y, builder.constant(try HostTensor([0, 1] as [Float], shape: [2, 1])))
        let ramp = builder.constant(try HostTensor((0..<16).map(Float.init), shape: [16]))
        y = builder.node(.binary(.add), y, ramp)
      }
      let payload = Resize(interpolation: .linear, coordinates: .alignCorners, axes: [2])
      return builder.node(.resize(payload), y, nil, nil, try builder.list([31]))
    }
    #expect(result.reasons.contains { $0.cause == .imageSize })
  }

  /// A constant of one odd sample at the end repeats nowhere; one that repeats is told at once.
  @Test func longConstants() throws {
    let n = 1 << 16
    func joined(_ value: (Int) -> Float) throws -> Dependence {
      try dependence(n) { builder, x in
        let constant = builder.constant(try HostTensor((0..<n).map(value), shape: [n]))
        return builder.node(.binary(.add), x, constant)
      }
    }
    #expect(try joined { $0 == n - 1 ? 1 : 0 }.local?.anchors.map(\.cause) == [.position])
    let even = try joined { Float($0 % 4 / 2) }
    #expect(even.local?.anchors.isEmpty == true && even.local?.intervals.outputPeriod == 4)
    #expect(try joined { _ in 2 }.local?.intervals == .identity)
  }

  private struct Unexpected: Error {
    var dependence: Dependence
    init(_ dependence: Dependence) { self.dependence = dependence }
  }
}
