import FCNBackendCPU
import FCNGraph
import FCNReference
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// Enlarging a blocked map into planes: outputs between the same two inputs are made run by run, others one by one,
/// with the same bits.
@Suite struct ResizeRunsTests {
  @Test(
    arguments: [CoordinateTransform.halfPixel, .alignCorners, .asymmetric], [(40, 48), (43, 51), (10, 13), (40, 6)])
  func regions(_ transform: CoordinateTransform, _ size: (Int, Int)) throws {
    var builder = GraphBuilder(seed: 5)
    let x = try builder.input([1, 9, 5, 6])
    let weights = try builder.weights([21, 9, 1, 1])
    let scores = builder.node(.convolution(Convolution(window: Window())), x, weights, nil)
    let payload = Resize(interpolation: .linear, coordinates: transform)
    let y = builder.node(.resize(payload), scores, nil, nil, try builder.list([1, 21, size.0, size.1]))
    let inputs = builder.inputs.map(\.tensor)
    let sized = try SizedGraph(try builder.graph(outputs: [y]), for: inputs)
    let expected = try PlannedRun(sized, ReferenceBackend(pool: Backends.pool)).outputs(inputs)[0]
    var generator = SeededGenerator(7)
    for choice in Backends.choices {
      let run = try PlannedRun(sized, choice.backend)
      let whole = try run.outputs(inputs)[0]
      #expect(whole.relativeError(to: expected) < 1e-5, "\(choice)")
      for _ in 0..<20 {
        let region = RandomRegion.inside(whole.shape, &generator)
        let part = try PlannedRun(sized, choice.backend, outputs: [region]).outputs(inputs)[0]
        #expect(part.hasBits(of: try whole.cropped(to: region)), "\(choice): \(region)")
      }
    }
    let plan = try PlannedRun(sized, Backends.families[0]).plan
    #expect(plan.steps.contains { $0.offer.name.hasPrefix("fcn_f32_resize_blocked") })
  }

  /// A volume of two images, whose map has a second reader.
  @Test func volume() throws {
    var builder = GraphBuilder(seed: 6)
    let x = try builder.input([2, 8, 3, 4, 6])
    let scores = builder.node(
      .convolution(Convolution(window: Window())), x, try builder.weights([18, 8, 1, 1, 1]), nil)
    let payload = Resize(interpolation: .linear, coordinates: .halfPixel)
    let y = builder.node(.resize(payload), scores, nil, nil, try builder.list([2, 18, 5, 9, 37]))
    let inputs = builder.inputs.map(\.tensor)
    let other = builder.node(.unary(.tanh), scores)
    let graph = try builder.graph(outputs: [y, other])
    let sized = try SizedGraph(graph, for: inputs)
    let expected = try PlannedRun(sized, ReferenceBackend(pool: Backends.pool)).outputs(inputs)
    let whole = try PlannedRun(sized, Backends.families[0]).outputs(inputs)
    #expect(whole[0].relativeError(to: expected[0]) < 1e-5)
    let regions = [Region([1..<2, 0..<18, 2..<4, 3..<8, 9..<13]), expected[1].shape.region]
    let part = try PlannedRun(sized, Backends.families[0], outputs: regions).outputs(inputs)[0]
    #expect(part.hasBits(of: try whole[0].cropped(to: regions[0])))
  }

  @Test func whereRunsPay() {
    func columns(_ pairs: [(Int32, Int32)], taps: Int = 2) -> ResizeTaps.Columns {
      ResizeTaps.Columns(
        indices: pairs.flatMap { [$0.0, $0.1] }, weights: pairs.flatMap { _ in [0.5, 0.5] }, count: taps)
    }
    let four = Array(repeating: (Int32(0), Int32(1)), count: 4) + Array(repeating: (Int32(1), Int32(2)), count: 4)
    #expect(ResizeRuns(columns(four)) != nil)
    #expect(ResizeRuns(columns(Array(four.dropLast()))) == nil)
    #expect(ResizeRuns(columns(four, taps: 4)) == nil)
  }
}
