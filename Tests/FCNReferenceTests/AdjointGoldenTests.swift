import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// Adjoints by hand: kinks, ties, refusals, and the receptive field of a chain.
@Suite struct AdjointGoldenTests {
  /// The gradients at the inputs of one node.
  private func gradients(_ op: Operator, _ inputs: HostTensor?..., flow: [Double]) throws -> [[Double]?] {
    let example = OperatorCase("by hand") { builder in
      let ids = inputs.enumerated().map { index, tensor in
        tensor.map { op.parameterInputs.contains(index) ? builder.constant($0) : builder.input($0) }
      }
      return builder.nodes(op, ids, outputs: 1)
    }
    return try AdjointProbe.all(example)[0].gradients(flow)
  }

  @Test(
    arguments: [
      (.relu, 0, 0), (.absolute, 0, 0), (.relu, .nan, 0), (.clip(low: 0, high: 6), 6, 1),
      (.clip(low: 0, high: 6), 7, 0),
      (.leakyRelu(alpha: 0.1), -2, 0.1), (.swish(alpha: 1), -1000, 0), (.mish, 1000, 1), (.softplus, 1000, 1),
      (.gelu(tanh: true), -1000, 0), (.sqrt, 0, .infinity),
    ] as [(UnaryFunction, Float, Double)])
  func kinks(_ function: UnaryFunction, _ x: Float, _ expected: Double) throws {
    #expect(try gradients(.unary(function), floats([x], [1]), flow: [1])[0] == [expected])
  }

  @Test(arguments: [.sqrt, .log, .reciprocal, .asin] as [UnaryFunction])
  func noFlowStaysNoFlow(_ function: UnaryFunction) throws {
    let x = try floats([function == .asin ? 1 : 0], [1])
    #expect(try gradients(.unary(function), x, flow: [0])[0] == [0])
  }

  @Test func tiesGoToTheFirst() throws {
    let pool = Pool(function: .max(columnMajor: false), window: Window(kernel: [2], strides: [1]))
    let x = try floats([3, 3, 1, 3], [1, 1, 4])
    #expect(try gradients(.pool(pool), x, flow: [1, 10, 100])[0] == [1, 10, 0, 100])
    #expect(try gradients(.reduce(Reduce(function: .max, axes: .spatial)), x, flow: [5])[0] == [5, 0, 0, 0])
    #expect(try gradients(.reduce(Reduce(function: .min, axes: .spatial)), x, flow: [5])[0] == [0, 0, 5, 0])
    let pair = try gradients(.binary(.maximum), floats([2], [1]), floats([2], [1]), flow: [7])
    #expect(pair == [[7], [0]])
  }

  @Test func laterUnpooledValueWins() throws {
    let unpool = MaxUnpool(window: Window(kernel: [2], strides: [2]))
    let indices = try integers([1, 3, 1], .int64, [1, 1, 3])
    let flow = try gradients(
      .maxUnpool(unpool), floats([1, 2, 3], [1, 1, 3]), indices, flow: [1, 2, 3, 4, 5, 6])
    #expect(flow == [[0, 4, 2], nil])
  }

  @Test func zerosHaveFiniteGradients() throws {
    let x = try floats([0, 0], [1, 2])
    #expect(try gradients(.normalize(.lp(axis: 1, p: 2)), x, flow: [1, 2])[0] == [0, 0])
    #expect(try gradients(.normalize(.meanVariance(axes: [1])), x, flow: [1, 1])[0] == [0, 0])
    #expect(try gradients(.reduce(Reduce(function: .l2, axes: .attribute([1]))), x, flow: [1])[0] == [0, 0])
    let product = Reduce(function: .product, axes: .attribute([1]))
    #expect(try gradients(.reduce(product), floats([0, 5], [1, 2]), flow: [2])[0] == [10, 0])
  }

  @Test func foldedPadding() throws {
    let x = try floats([1, 2, 3], [3])
    let flow: [Double] = [1, 10, 100, 1000, 10_000]
    #expect(try gradients(.pad(.edge), x, list([1, 1]), flow: flow)[0] == [11, 100, 11_000])
    #expect(try gradients(.pad(.reflect), x, list([1, 1]), flow: flow)[0] == [10, 10_101, 1000])
    #expect(try gradients(.pad(.wrap), x, list([1, 1]), flow: flow)[0] == [10_010, 100, 1001])
    #expect(try gradients(.pad(.constant), x, list([1, 1]), flow: flow)[0] == [10, 100, 1000])
    #expect(try gradients(.pad(.constant), x, list([-1, 0]), flow: [1, 10])[0] == [0, 1, 10])
  }

  @Test func nothingArrives() throws {
    let x = try floats([1, 2], [2])
    let example = OperatorCase("relu") { builder in [builder.node(.unary(.relu), builder.input(x))] }
    let probe = try AdjointProbe.all(example)[0]
    let flows = try AdjointEvaluator().gradients(
      probe.node, sizing: probe.sizing, operands: probe.operands, results: probe.results, gradients: [nil])
    #expect(flows == [nil])
    #expect(throws: GraphError.self) { try probe.gradients([1, 2, 3]) }
  }

  @Test func unsupportedIsNamed() throws {
    let node = Node(
      name: "nms", op: .unsupported(UnsupportedOperator(reason: "no such operator")), inputs: [], outputs: [],
      origin: NodeOrigin(operatorName: "NonMaxSuppression"))
    let sizing = NodeSizing([], SpatialRule([]))
    let error = #expect(throws: GraphError.self) {
      try AdjointEvaluator().gradients(node, sizing: sizing, operands: [], results: [], gradients: [])
    }
    #expect(error?.code == .unsupported && error?.node == "nms (NonMaxSuppression)")
  }

  /// The gradient of one output of n convolutions 3×3 with equal weights spreads like a sum of n uniform steps of
  /// −1, 0, 1: standard deviation √(2n/3) along each axis (Luo et al. 2016).
  @Test(arguments: [1, 5, 10])
  func receptiveFieldOfEqualWeights(_ n: Int) throws {
    let size = 2 * n + 3
    let padding = Padding.explicit(low: [1, 1], high: [1, 1])
    let convolution = Operator.convolution(Convolution(window: Window(kernel: [3, 3], padding: padding)))
    let shape: Shape = [1, 1, size, size]
    let x = try HostTensor([Float](repeating: 1, count: size * size), shape: shape)
    let weights = try HostTensor([Float](repeating: 1, count: 9), shape: [1, 1, 3, 3])
    var flow = [Double](repeating: 0, count: size * size)
    flow[(n + 1) * size + n + 1] = 1
    for _ in 0..<n { flow = try #require(try gradients(convolution, x, weights, flow: flow)[0]) }
    let mass = flow.reduce(0, +)
    for stride in [1, size] {
      var (mean, squares) = (0.0, 0.0)
      for (index, value) in flow.enumerated() {
        let position = Double(index / stride % size - n - 1)
        mean += value * position
        squares += value * position * position
      }
      #expect(mean == 0)
      #expect(abs((squares / mass).squareRoot() - (2 * Double(n) / 3).squareRoot()) < 1e-12)
    }
  }
}
