import FCNBackendCPU
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// Every operator on every instruction set and family of kernels equals the reference.
@Suite struct CaseTests {
  @Test(arguments: OperatorCase.all)
  func equalsReference(_ example: OperatorCase) throws {
    let (graph, inputs) = try example.make()
    let sized = try SizedGraph(graph, for: inputs)
    let reference = ReferenceBackend(pool: Backends.pool)
    let expected = try PlannedRun(sized, reference).outputs(inputs)
    for choice in Backends.choices {
      let run = try PlannedRun(sized, choice.backend)
      let results = try run.outputs(inputs)
      #expect(results.count == expected.count)
      for (index, (result, wanted)) in zip(results, expected).enumerated() {
        let isExact = !wanted.elementType.isFloat || graph.nodes.allSatisfy(\.isExact)
        let error = result.relativeError(to: wanted)
        #expect(
          error <= (isExact ? 0 : example.tolerance),
          "\(choice): output \(index): \(run.plan.steps.map(\.offer.name))")
      }
    }
  }

  /// NaN, infinities and signed zeros outside convolutions follow the formula on every instruction set.
  @Test(arguments: Backends.choices)
  func specialNumbersPropagate(_ choice: Backends.Choice) throws {
    let special: [Float] = [
      .nan, .infinity, -.infinity, -0.0, 0, 1e38, -1e38, 0x1p-130, 0.5, -3, 88, -104, 2, 7, 13, -1,
    ]
    let values = (0..<83).map { special[$0 % special.count] }
    let functions: [UnaryFunction] = [
      .relu, .leakyRelu(alpha: 0.1), .clip(low: -1, high: 6), .sigmoid, .tanh, .hardSigmoid(alpha: 0.2, beta: 0.5),
      .exp, .absolute, .negate, .sqrt, .reciprocal, .elu(alpha: 1), .hardSwish, .swish(alpha: 1),
    ]
    for function in functions {
      var builder = GraphBuilder(seed: 1)
      let x = builder.input(try HostTensor(values, shape: [values.count]))
      let result = builder.node(.unary(function), x)
      let graph = try builder.graph(outputs: [result])
      try compare(graph, builder.inputs.map(\.tensor), choice, tolerance: 1e-6, "\(function)")
    }
    for function in [BinaryFunction.add, .subtract, .multiply, .divide, .maximum, .minimum] {
      var builder = GraphBuilder(seed: 1)
      let x = builder.input(try HostTensor(values, shape: [values.count]))
      let y = builder.input(try HostTensor(Array((values[3...] + values[..<3])), shape: [values.count]))
      let result = builder.node(.binary(function), x, y)
      let graph = try builder.graph(outputs: [result])
      try compare(graph, builder.inputs.map(\.tensor), choice, tolerance: 0, "\(function)")
    }
  }

  /// Element by element, unlike the cases: one huge value must not hide an error in another.
  private func compare(
    _ graph: Graph, _ inputs: [HostTensor], _ choice: Backends.Choice, tolerance: Double, _ what: String
  ) throws {
    let sized = try SizedGraph(graph, for: inputs)
    let expected = try PlannedRun(sized, ReferenceBackend(pool: Backends.pool)).outputs(inputs)[0].doubles()
    let result = try PlannedRun(sized, choice.backend).outputs(inputs)[0].doubles()
    for (index, (a, b)) in zip(result, expected).enumerated() where !(a.isNaN && b.isNaN) && a != b {
      // Denormal results may be flushed within a function's approximation.
      let isClose = abs(a - b) <= max(tolerance * abs(b), tolerance == 0 ? 0 : 0x1p-126)
      #expect(isClose, "\(what): element \(index): got \(a), expected \(b)")
    }
  }
}
