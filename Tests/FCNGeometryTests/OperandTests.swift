import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// Operands that tie a network to the place or the size of the image.
@Suite struct OperandTests {
  private func causes(
    _ shape: Shape, larger: Shape? = nil, axis: Int, _ make: (inout GraphBuilder, ValueID) throws -> ValueID
  ) throws -> [GeometryCause] {
    var builder = GraphBuilder(seed: 7)
    let x = try builder.input(shape.dims)
    let y = try make(&builder, x)
    let graph = try builder.graph(outputs: [y])
    func sized(_ shape: Shape) throws(GraphError) -> SizedGraph {
      try SizedGraph(graph, inputs: [shape], evaluator: ReferenceEvaluator())
    }
    let geometry = GraphGeometry(try sized(shape), other: try larger.map(sized), axes: [0: [axis]])
    return try #require(geometry.dependence(0, y).local).anchors.map(\.cause)
  }

  /// The size along axis 2, as a number.
  private func width(_ builder: inout GraphBuilder, _ x: ValueID) -> ValueID {
    builder.node(.cast(.float32), builder.node(.shape(start: 2, end: 3), x))
  }

  /// x / width, and x / a list of widths as long as the image.
  @Test func numbersOfTheSize() throws {
    let divided = try causes([1, 1, 8], larger: [1, 1, 9], axis: 2) { builder, x in
      builder.node(.binary(.divide), x, width(&builder, x))
    }
    #expect(divided == [.imageSize])
    let spread = try causes([1, 1, 8], larger: [1, 1, 9], axis: 2) { builder, x in
      let list = builder.node(.expand, width(&builder, x), builder.node(.shape(start: 2, end: 3), x))
      return builder.node(.binary(.divide), x, list)
    }
    #expect(spread == [.imageSize])
  }

  /// The number of channels does not follow the image, and a shape is no number that enters.
  @Test func othersOfTheSize() throws {
    let channels = try causes([1, 4, 8], larger: [1, 4, 9], axis: 2) { builder, x in
      let count = builder.node(.cast(.float32), builder.node(.shape(start: 1, end: 2), x))
      return builder.node(.binary(.divide), x, count)
    }
    #expect(channels.isEmpty)
    let doubled = try causes([1, 1, 8], larger: [1, 1, 9], axis: 2) { builder, x in
      let size = builder.node(
        .binary(.multiply), builder.node(.shape(start: 2, end: 3), x), try builder.list([2]))
      let payload = Resize(interpolation: .nearest(.floor), coordinates: .asymmetric, axes: [2])
      return builder.node(.resize(payload), x, nil, nil, size)
    }
    #expect(doubled.isEmpty)
  }

  /// Parameters along axis 1, where that is an axis of the image: channels last.
  @Test(arguments: [true, false], [true, false])
  func parametersOfPositions(_ isBatch: Bool, _ vary: Bool) throws {
    let found = try causes([1, 8, 6, 3], axis: 1) { builder, x in
      let list = builder.constant(try HostTensor((0..<8).map { vary ? Float($0) : 2 }, shape: [8]))
      let ones = builder.constant(try HostTensor([Float](repeating: 1, count: 8), shape: [8]))
      return isBatch
        ? builder.node(.normalize(.batch(epsilon: 1e-5)), x, list, ones, ones, ones)
        : builder.node(.normalize(.instance(epsilon: 1e-5)), x, list, ones)
    }
    #expect(found == (vary ? [.position] : []))
  }

  /// A layer's scale that varies along an axis before those it normalises.
  @Test func layerScale() throws {
    let found = try causes([1, 8, 6, 3], axis: 2) { builder, x in
      let scale = builder.constant(try HostTensor((0..<18).map(Float.init), shape: [6, 3]))
      return builder.node(.normalize(.layer(axis: 3, epsilon: 1e-5)), x, scale)
    }
    #expect(found == [.position])
  }

  /// What follows from a node that could not be sized names that node, not itself.
  @Test func failuresAreHandedOn() throws {
    var builder = GraphBuilder(seed: 7)
    let x = try builder.input([1, 1, 8])
    let broken = builder.node(.unsupported(UnsupportedOperator(reason: "a wavelet")), x)
    let y = builder.node(.unary(.relu), broken)
    let graph = try builder.graph(outputs: [y])
    let sized = try SizedGraph(
      graph, inputs: [[1, 1, 8]], evaluator: ReferenceEvaluator(), toleratesUnsupported: true)
    let reasons = GraphGeometry(sized).dependence(0, y).reasons
    #expect(reasons == [GeometryReason(node: 0, .unsupported, "a wavelet")])
  }
}
