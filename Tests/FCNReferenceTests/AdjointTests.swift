import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// The adjoint of every operator against its forward run, on every case.
@Suite struct AdjointTests {
  static let cases =
    OperatorCase.all.filter { example in !OperatorCase.infinite.contains { $0.name == example.name } }
    + OperatorCase.adjoints

  /// ⟨(f(x + hu) − f(x − hu))/2h, v⟩ = ⟨u, VJP(v)⟩. Zeros that ReLU leaves to a maximum are ties: they stay.
  @Test(arguments: cases)
  func agreesWithDifferences(_ example: OperatorCase) throws {
    var generator = SeededGenerator(example.seed &+ 5)
    for probe in try AdjointProbe.all(example) {
      let v = generator.direction(probe.sizing.outputs[0].shape.count)
      let flows = try probe.gradients(v)
      #expect(flows.count == probe.operands.count)
      for index in probe.operands.indices {
        let label: Comment = "\(probe.node.label) input \(index)"
        switch probe.input(index) {
        case .data:
          let flow = try #require(flows[index], label)
          for _ in 0..<3 {
            var u = generator.direction(flow.count)
            if case .pool(let pool) = probe.node.op, case .max = pool.function {
              let x = try #require(probe.operands[index]).values.doubles
              for (position, value) in x.enumerated() where value == 0 { u[position] = 0 }
            }
            let slopes = try difference(probe, index, u, h: 1e-6)
            let (expected, actual) = (product(slopes, v).sum, product(u, flow))
            #expect(flow.count == probe.operands[index]?.values.count, label)
            #expect(abs(expected - actual.sum) <= 1e-5 * actual.scale, label)
          }
        case .flat:
          #expect(flows[index] == nil, label)
          if probe.sizing.outputs[0].elementType.isFloat {
            let u = generator.direction(probe.operands[index]?.values.count ?? 0)
            #expect(try difference(probe, index, u, h: 1e-6).allSatisfy { $0 == 0 }, label)
          }
        case .integer, .missing: #expect(flows[index] == nil, label)
        case .parameter: break
        }
      }
    }
  }

  private func difference(_ probe: AdjointProbe, _ index: Int, _ u: [Double], h: Double) throws -> [Double] {
    let x = try #require(probe.operands[index]).values.doubles
    let above = try probe.output(index, zip(x, u).map { $0 + h * $1 })
    let below = try probe.output(index, zip(x, u).map { $0 - h * $1 })
    return zip(above, below).map { ($0 - $1) / (2 * h) }
  }

  /// ⟨A u, v⟩ = ⟨u, Aᵀ v⟩ for every input in which the operator is affine.
  @Test(arguments: cases)
  func isExactTranspose(_ example: OperatorCase) throws {
    var generator = SeededGenerator(example.seed &+ 6)
    for probe in try AdjointProbe.all(example) {
      let v = generator.direction(probe.sizing.outputs[0].shape.count)
      let flows = try probe.gradients(v)
      for index in probe.operands.indices where probe.isAffine(index) {
        let flow = try #require(flows[index])
        let u = generator.direction(flow.count)
        let origin = try probe.output(index, u.map { _ in 0 })
        let image = zip(try probe.output(index, u), origin).map { $0 - $1 }
        let actual = product(u, flow)
        #expect(abs(product(image, v).sum - actual.sum) <= 1e-12 * actual.scale, "\(probe.node.label) input \(index)")
      }
    }
  }

  /// A whole graph in reverse: gradients of several consumers add up.
  @Test(arguments: cases.filter { $0.name.hasPrefix("chain") || $0.name.hasPrefix("maxUnpool") })
  func chainsAgreeWithDifferences(_ example: OperatorCase) throws {
    let (graph, inputs) = try example.make()
    var generator = SeededGenerator(example.seed &+ 7)
    let evaluator = ReferenceEvaluator(precision: .double)
    let run = try ReferenceRun(graph, inputs: inputs, evaluator: evaluator)
    let v = generator.direction(run.outputs[0].values.count)
    var flows: [ValueID: [Double]] = [graph.outputs[0]: v]
    for (node, sizing) in zip(graph.nodes, run.sized.sizings).reversed() {
      guard let sizing else { continue }
      let arriving = try AdjointEvaluator().gradients(
        node, sizing: sizing, operands: node.inputs.map { $0.flatMap { run.values[$0] } },
        results: node.outputs.map { run.values[$0!]! }, gradients: node.outputs.map { $0.flatMap { flows[$0] } })
      for case (let input?, let flow?) in zip(node.inputs, arriving) {
        flows[input] = flows[input].map { zip($0, flow).map { $0 + $1 } } ?? flow
      }
    }
    let (input, tensor) = (graph.inputs[0], inputs[0])
    let flow = try #require(flows[input])
    let u = generator.direction(flow.count)
    func output(_ h: Double) throws -> [Double] {
      let moved = try HostTensor(
        doubles: zip(tensor.doubles(), u).map { $0 + h * $1 }, elementType: .float64, shape: tensor.shape)
      return try ReferenceRun(graph, inputs: [moved], evaluator: evaluator).outputs[0].values.doubles
    }
    let slopes = zip(try output(1e-6), try output(-1e-6)).map { ($0 - $1) / 2e-6 }
    let actual = product(u, flow)
    #expect(abs(product(slopes, v).sum - actual.sum) <= 1e-5 * actual.scale)
  }

  /// Every case with an input of a float type has a gradient to check, but for functions that are flat.
  @Test func onlyFlatCasesHaveNoGradient() throws {
    let flat = [
      "unary floor", "unary ceil", "unary round", "unary sign", "unary isNaN", "unary isInf", "binary less",
      "binary greater", "argM", "hardmax", "cast ",
    ]
    for example in Self.cases {
      let probes = try AdjointProbe.all(example)
      let inputs = probes.flatMap { probe in probe.operands.indices.map { probe.input($0) } }
      if inputs.contains(.data) || !inputs.contains(where: { $0 == .flat || $0 == .parameter }) { continue }
      #expect(flat.contains { example.name.hasPrefix($0) }, "\(example.name)")
    }
  }
}
