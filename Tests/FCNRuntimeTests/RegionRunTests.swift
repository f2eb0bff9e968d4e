import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// A region of an output, planned alone, has the bits that it has within the whole.
@Suite struct RegionRunTests {
  @Test(arguments: OperatorCase.all)
  func caseRegions(_ example: OperatorCase) throws {
    let (graph, inputs) = try example.make()
    let backends: [any Backend] = Backends.families + Backends.choices.map(\.backend)
    try check(try SizedGraph(graph, for: inputs), inputs, seed: 11, rounds: 8, backends)
  }

  @Test(arguments: Network.all)
  func networkRegions(_ network: Network) throws {
    let inputs = try network.inputs()
    try check(try SizedGraph(try network.graph(), for: inputs), inputs, seed: 5, rounds: 6, Backends.families)
  }

  private func check(
    _ sized: SizedGraph, _ inputs: [HostTensor], seed: UInt64, rounds: Int, _ backends: [any Backend]
  ) throws {
    for backend in backends {
      var generator = SeededGenerator(seed)
      let whole = try PlannedRun(sized, backend).outputs(inputs)
      let isSlow = backend is ReferenceBackend && sized.graph.nodes.count > 20
      for _ in 0..<(isSlow ? 1 : rounds) {
        let regions = whole.map { RandomRegion.inside($0.shape, &generator) }
        let run = try PlannedRun(sized, backend, outputs: regions)
        for (index, part) in try run.outputs(inputs).enumerated() {
          let expected = try whole[index].cropped(to: regions[index])
          #expect(
            part.hasBits(of: expected),
            "\(backend.name): output \(index) over \(regions[index]): off by \(part.relativeError(to: expected))")
        }
      }
    }
  }

  /// Random networks of windows, resizing, padding, moves and skip connections.
  @Test(arguments: 0..<300)
  func randomGraphs(_ seed: Int) throws {
    var random = RandomGraph(seed: UInt64(seed))
    let (graph, inputs) = try random.make()
    let sized = try SizedGraph(graph, for: inputs)
    try check(sized, inputs, seed: UInt64(seed), rounds: 5, Backends.families)
    let expected = try PlannedRun(sized, Backends.families[2]).outputs(inputs)
    for backend in Backends.families.dropLast() {
      for (result, wanted) in zip(try PlannedRun(sized, backend).outputs(inputs), expected) {
        #expect(result.relativeError(to: wanted) < 1e-4, "\(backend.name): \(graph.text())")
      }
    }
  }

  /// A cubic kernel has one tap where the coordinate is whole, four beside it.
  @Test(arguments: [CoordinateTransform.asymmetric, .alignCorners, .tfHalfPixelForNN], [7, 9, 12, 18, 27])
  func cubicAtWholeCoordinates(_ transform: CoordinateTransform, _ size: Int) throws {
    var builder = GraphBuilder(seed: 3)
    let x = try builder.input([1, 2, 9, 9])
    let payload = Resize(interpolation: .cubic(a: -0.75), coordinates: transform)
    let y = builder.node(.resize(payload), x, nil, nil, try builder.list([1, 2, size, size + 4]))
    let inputs = builder.inputs.map(\.tensor)
    let graph = try builder.graph(outputs: [y])
    try check(try SizedGraph(graph, for: inputs), inputs, seed: 2, rounds: 40, Backends.families)
  }

  /// One output wanted whole, the other nowhere: nothing is computed for it alone.
  @Test func emptyRegionOfOneOutput() throws {
    var builder = GraphBuilder(seed: 3)
    let x = try builder.input([1, 2, 6, 6])
    let outputs = [builder.node(.unary(.relu), x), builder.node(.unary(.tanh), x)]
    let graph = try builder.graph(outputs: outputs)
    let inputs = builder.inputs.map(\.tensor)
    let sized = try SizedGraph(graph, for: inputs)
    let whole = sized.type(outputs[0]).shape.region
    for backend in Backends.families {
      let run = try PlannedRun(sized, backend, outputs: [whole, Region([0..<1, 0..<2, 3..<3, 0..<6])])
      let results = try run.outputs(inputs)
      #expect(results.count == 2 && results[1].count == 0)
      #expect(results[0].hasBits(of: try PlannedRun(sized, backend).outputs(inputs)[0]))
    }
  }

  @Test func regionOutsideIsRefused() throws {
    let (graph, inputs) = try OperatorCase.all[0].make()
    let sized = try SizedGraph(graph, for: inputs)
    let shape = sized.type(graph.outputs[0]).shape
    var beyond = shape.region
    beyond[3] = 0..<shape[3] + 1
    for wanted in [beyond, Region(Array(shape.region.ranges.dropLast()))] {
      #expect { try Planner.plan(sized, backend: Backends.families[0], outputs: [wanted]) } throws: {
        ($0 as? RuntimeError)?.code == .input
      }
    }
  }
}
