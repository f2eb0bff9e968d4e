import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// What random networks found, as small networks of their own.
@Suite struct NamedCaseTests {
  private func geometry(
    _ n: Int, other: Int? = nil, _ make: (inout GraphBuilder, ValueID) throws -> ValueID
  ) throws -> (dependence: Dependence, depth: BorderDepth?) {
    var builder = GraphBuilder(seed: 3)
    let x = try builder.input([1, 1, n])
    let y = try make(&builder, x)
    let graph = try builder.graph(outputs: [y])
    func sized(_ n: Int) throws(GraphError) -> SizedGraph {
      try SizedGraph(graph, inputs: [[1, 1, n]], evaluator: ReferenceEvaluator())
    }
    var proof = BruteForce(graph, input: [1, n], label: "case", seed: 1)
    try proof.prove()
    for text in proof.tally.failures { Issue.record("\(text)") }
    let larger = try other.map(sized)
    let geometry = GraphGeometry(try sized(n), other: larger)
    return (geometry.dependence(0, y), geometry.depths(0)[y.index])
  }

  private func smoothed(_ builder: inout GraphBuilder, _ x: ValueID) throws -> ValueID {
    let window = Window(padding: .explicit(low: [1], high: [1]))
    return builder.node(.convolution(Convolution(window: window)), x, try builder.weights([1, 1, 3]), nil)
  }

  private func isTiedToSize(_ dependence: Dependence) -> Bool {
    dependence.local?.anchors.contains { $0.cause == .imageSize } ?? false
  }

  /// The first half of an image ends elsewhere in a larger one; what pads it there is no border of the image.
  @Test func firstHalf() throws {
    let half = try geometry(24, other: 26) { builder, x in
      try smoothed(&builder, builder.node(.part(Part(axis: 2, index: 0, count: 2)), x))
    }
    #expect(isTiedToSize(half.dependence))
  }

  /// A cut of fixed size does not follow the image; one counted from the far end does.
  @Test(arguments: [(20, true), (-4, false)])
  func cuts(_ end: Int, _ isFixed: Bool) throws {
    let cut = try geometry(24, other: 25) { builder, x in
      let part = builder.node(
        .slice, x, try builder.list([2]), try builder.list([end]), try builder.list([2]), nil)
      return try smoothed(&builder, part)
    }
    #expect(isTiedToSize(cut.dependence) == isFixed)
    #expect(cut.depth == BorderDepth(low: 1, high: 1))
  }

  /// An output size that is written into the model.
  @Test func outputShape() throws {
    let fixed = try geometry(12, other: 13) { builder, x in
      let payload = ConvTranspose(window: Window(strides: [2]), outputShape: [26])
      return builder.node(.convTranspose(payload), x, try builder.weights([1, 1, 2]), nil)
    }
    #expect(isTiedToSize(fixed.dependence))
  }

  /// With aligned corners the place lies within the image, but of a cubic the outer taps do not.
  @Test(arguments: [(Interpolation.linear, 0), (.nearest(.floor), 0), (.cubic(a: -0.75), 2)])
  func alignedCorners(_ interpolation: Interpolation, _ depth: Int) throws {
    let resized = try geometry(13) { builder, x in
      let payload = Resize(interpolation: interpolation, coordinates: .alignCorners, axes: [2])
      return builder.node(.resize(payload), x, nil, nil, try builder.list([25]))
    }
    #expect(resized.depth == BorderDepth(low: depth, high: depth))
  }

  /// Every second output of a sparse transposed convolution meets no term, but the copy beyond the edge does.
  @Test(arguments: [(PadMode.edge, true), (.constant, false)])
  func copiedPhase(_ mode: PadMode, _ copies: Bool) throws {
    let odd = try geometry(8) { builder, x in
      let payload = ConvTranspose(window: Window(strides: [2]))
      let sparse = builder.node(.convTranspose(payload), x, try builder.weights([1, 1, 1]), nil)
      let padded = builder.node(.pad(mode), sparse, try builder.list([1, 0]), nil, try builder.list([2]))
      return builder.node(
        .slice, padded, try builder.list([0]), try builder.list([1 << 40]), try builder.list([2]),
        try builder.list([2]))
    }
    #expect((odd.dependence == .none) == !copies)
    #expect(odd.depth?.low == (copies ? 1 : nil))
  }

  /// In a small image a reflection at one end may mirror what the border of the other end has reached.
  @Test(arguments: [(3, 2), (4, 10)])
  func crossedReflection(_ low: Int, _ high: Int) throws {
    let small = try geometry(6) { builder, x in
      let window = Window(padding: .explicit(low: [0], high: [2]))
      let y = builder.node(.convolution(Convolution(window: window)), x, try builder.weights([1, 1, 3]), nil)
      return builder.node(.pad(.reflect), y, try builder.list([low, 0]), nil, try builder.list([2]))
    }
    #expect(small.depth == BorderDepth(low: low, high: high))
  }
}
