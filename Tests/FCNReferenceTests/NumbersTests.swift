import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// NaN, infinities, overflow and indices from data.
@Suite struct NumbersTests {
  private func unary(_ function: UnaryFunction, _ x: Float) throws -> Double {
    try reals(.unary(function), floats([x], [1]))[0]
  }

  @Test(
    arguments: [
      .relu, .leakyRelu(alpha: 0.1), .elu(alpha: 1), .clip(low: 0, high: 6), .sigmoid,
      .hardSigmoid(alpha: 0.2, beta: 0.5),
      .tanh, .sign, .softplus, .gelu(tanh: false), .round, .absolute,
    ] as [UnaryFunction])
  func functionsKeepNaN(_ function: UnaryFunction) throws { #expect(try unary(function, .nan).isNaN) }

  @Test func extremes() throws {
    #expect(try unary(.sigmoid, -1000) == 0)
    #expect(try unary(.softplus, 1000) == 1000)
    #expect(try unary(.round, 2.5) == 2)
    #expect(try unary(.round, -1.5) == -2)
    #expect(try unary(.reciprocal, -0.0) == -.infinity)
  }

  @Test func maximaPropagateNaN() throws {
    let (a, b) = (try floats([1, .nan, 2], [3]), try floats([.nan, 1, 3], [3]))
    for function in [BinaryFunction.maximum, .minimum] {
      let y = try reals(.binary(function), a, b)
      #expect(y[0].isNaN && y[1].isNaN && !y[2].isNaN)
    }
    let x = try floats([1, .nan, 9, 2], [1, 1, 4])
    #expect(try reals(.reduce(Reduce(function: .max, axes: .spatial)), x)[0].isNaN)
    let pool = Pool(function: .max(columnMajor: false), window: Window(kernel: [2], strides: [2]))
    let y = try reals(.pool(pool), x)
    #expect(y[0].isNaN && y[1] == 9)
  }

  @Test func argumentOfFirst() throws {
    let x = try floats([1, 7, 7, 3], [1, 4])
    #expect(try reals(.argReduce(ArgReduce(isMaximum: true, axis: 1)), x) == [1])
    #expect(try reals(.argReduce(ArgReduce(isMaximum: true, axis: 1, selectsLast: true)), x) == [2])
  }

  @Test(
    arguments: [
      (.uint8, [0, 255, 3, 0]), (.int8, [-128, 127, 3, 0]), (.int32, [-300, 300, 3, 0]), (.bool, [1, 1, 1, 1]),
    ] as [(ElementType, [Int64])])
  func castsSaturate(_ type: ElementType, _ expected: [Int64]) throws {
    let y = try evaluate(.cast(type), floats([-300, 300, 3.9, .nan], [4]))[0]
    #expect(y.elementType == type)
    #expect(y.integers() == expected)
  }

  @Test func infinitiesSaturate() throws {
    let y = try evaluate(.cast(.int64), floats([.infinity, -.infinity, 1e30], [3]))[0]
    #expect(y.integers() == [.max, .min, .max])
  }

  @Test func roundsOnce() throws {
    let x = try HostTensor(doubles: [1 + 0x1p-24 + 0x1p-40, 1 + 0x1p-24], elementType: .float64, shape: [2])
    #expect(try evaluate(.cast(.float32), x)[0].doubles() == [1 + 0x1p-23, 1])
    #expect(try evaluate(.cast(.float16), floats([65519, 65520], [2]))[0].doubles() == [65504, .infinity])
  }

  @Test func integersNeverTrap() throws {
    let a = try integers([.min, 7, -7, .max], .int64)
    let b = try integers([-1, 0, 2, 2], .int64)
    #expect(try evaluate(.binary(.divide), a, b)[0].integers() == [.min, 0, -3, .max / 2])
    #expect(try evaluate(.binary(.modulo(fmod: false)), a, b)[0].integers() == [0, 0, 1, 1])
    #expect(try evaluate(.binary(.multiply), a, b)[0].integers() == [.min, 0, -14, -2])
    #expect(try evaluate(.unary(.negate), a)[0].integers() == [.min, -7, 7, -.max])
    let bits = try integers([1, 1, 1, 1], .uint64)
    let shifts = try integers([63, 64, -1, 0], .uint64)
    #expect(try evaluate(.binary(.shiftLeft), bits, shifts)[0].integers() == [.min, 0, 0, 1])
  }

  @Test func narrowIntegersWrap() throws {
    let sum = try evaluate(.binary(.add), integers([200, 255], .uint8), integers([100, 1], .uint8))[0]
    #expect(sum.integers() == [44, 0])
  }

  @Test(arguments: [[5], [-6], [.max], [.min]] as [[Int64]])
  func gatherRefusesIndices(_ indices: [Int64]) throws {
    let x = try floats([1, 2, 3, 4, 5], [5])
    #expect(throws: GraphError.self) { try reals(.gather(axis: 0), x, list(indices)) }
  }

  @Test(arguments: [4, -1, .max, .min] as [Int64])
  func unpoolRefusesIndices(_ index: Int64) throws {
    let unpool = MaxUnpool(window: Window(kernel: [2], strides: [2]))
    let indices = try integers([0, index], .int64, [1, 1, 2])
    #expect(throws: GraphError.self) { try reals(.maxUnpool(unpool), floats([1, 2], [1, 1, 2]), indices) }
  }

  @Test func gridOfNaN() throws {
    let x = try floats([1, 2, 3, 4], [1, 1, 2, 2])
    let grid = try floats([.nan, 0, .infinity, 1e30], [1, 1, 2, 2])
    for padding in [GridPadding.zeros, .border, .reflection] {
      let payload = GridSample(interpolation: .linear, padding: padding, alignCorners: false)
      #expect(try reals(.gridSample(payload), x, grid).count == 2)
    }
  }

  @Test func doublePrecisionIsNotRounded() throws {
    var builder = GraphBuilder(seed: 0)
    let x = builder.input(try floats([3], [1]))
    let y = builder.node(.unary(.reciprocal), x)
    let graph = try builder.graph(outputs: [y])
    let inputs = builder.inputs.map(\.tensor)
    let double = try ReferenceRun(graph, inputs: inputs, evaluator: ReferenceEvaluator(precision: .double))
    #expect(double.outputs[0].values.doubles == [1.0 / 3])
    #expect(try ReferenceRun(graph, inputs: inputs).outputs[0].values.doubles == [Double(Float(1.0 / 3))])
  }
}
