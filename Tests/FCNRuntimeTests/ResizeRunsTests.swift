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
}
