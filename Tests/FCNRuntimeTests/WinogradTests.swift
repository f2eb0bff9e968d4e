import FCNBackendCPU
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// Which cells a Winograd convolution takes, and how far rounding carries through layers of them.
@Suite struct WinogradTests {
  private static let window = Window(kernel: [3, 3], padding: .explicit(low: [1, 1], high: [1, 1]))

  private func layers(_ channels: [Int], _ size: [Int]) throws -> (graph: Graph, inputs: [HostTensor]) {
    var builder = GraphBuilder(seed: 11)
    var x = try builder.input([1, channels[0]] + size)
    for (c, m) in zip(channels, channels.dropFirst()) {
      let reach = (6 / Double(9 * c)).squareRoot()
      let w = try builder.weights([m, c, 3, 3], in: -reach...reach)
      x = builder.node(.convolution(Convolution(window: Self.window)), x, w)
      if m == channels.last { break }
      x = builder.node(.unary(.relu), x)
    }
    return (try builder.graph(outputs: [x]), builder.inputs.map(\.tensor))
  }

  /// 6×6 cells where they fit the image and few channels keep patches and weights in the caches, 4×4 elsewhere, and
  /// direct where cells are mostly border.
  @Test(arguments: [
    (32, [36, 42], "winograd6x6"), (192, [24, 24], "winograd6x6"), (208, [24, 24], "winograd4x4"),
    (32, [16, 16], "winograd4x4"), (32, [2, 40], "blocked"),
  ])
  func cells(_ channels: Int, _ size: [Int], _ name: String) throws {
    let (graph, inputs) = try layers([channels, 32], size)
    let plan = try Planner.plan(try SizedGraph(graph, for: inputs), backend: Backends.choices[0].backend)
    #expect(plan.steps.contains { $0.offer.name.contains("conv_\(name)__") }, "\(plan.text())")
  }

  /// Eight layers of 6×6 cells and twelve of both sizes stay within 2e-5 of the largest output in double precision.
  @Test(arguments: [
    [16, 32, 32, 32, 32, 32, 32, 32, 32, 20],
    [24, 32, 48, 64, 96, 128, 192, 256, 192, 128, 96, 64, 48, 20],
  ])
  func accuracy(_ channels: [Int]) throws {
    let (graph, inputs) = try layers(channels, [24, 30])
    let sized = try SizedGraph(graph, for: inputs)
    let double = try PlannedRun(sized, ReferenceBackend(pool: Backends.pool, storesDouble: true)).outputs(inputs)[0]
    let exact = try HostTensor(doubles: double.doubles(), elementType: .float32, shape: double.shape)
    for choice in Backends.choices where choice.family == .auto {
      let run = try PlannedRun(sized, choice.backend)
      #expect(run.plan.steps.contains { $0.offer.name.contains("winograd6x6") })
      #expect(try run.outputs(inputs)[0].relativeError(to: exact) < 2e-5, "\(choice)")
    }
  }
}
