import FCNBackendCPU
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// Which cells a Winograd convolution takes, and how far rounding carries through layers of them.
@Suite struct WinogradTests {
  private func layers(_ channels: [Int], _ size: [Int], dilation: Int = 1) throws -> (
    graph: Graph, inputs: [HostTensor]
  ) {
    let pads = [dilation, dilation]
    let window = Window(kernel: [3, 3], dilations: pads, padding: .explicit(low: pads, high: pads))
    var builder = GraphBuilder(seed: 11)
    var x = try builder.input([1, channels[0]] + size)
    for (index, (c, m)) in zip(channels, channels.dropFirst()).enumerated() {
      let reach = (6 / Double(9 * c)).squareRoot()
      let w = try builder.weights([m, c, 3, 3], in: -reach...reach)
      x = builder.node(.convolution(Convolution(window: window)), x, w)
      if index + 2 == channels.count { break }
      x = builder.node(.unary(.relu), x)
    }
    return (try builder.graph(outputs: [x]), builder.inputs.map(\.tensor))
  }

  /// 6×6 cells where they fit the image and few channels keep patches and weights in the caches, 4×4 elsewhere, and
  /// 3×3 in the small phase images of far taps, direct where cells are mostly border.
  @Test(arguments: [
    ([32, 32], [36, 42], 1, "winograd6x6"), ([192, 160], [24, 24], 1, "winograd6x6"),
    ([192, 192], [24, 24], 1, "winograd4x4"), ([208, 32], [24, 24], 1, "winograd4x4"),
    ([32, 32], [16, 16], 1, "winograd4x4"), ([208, 32], [30, 30], 5, "winograd3x3"),
    ([32, 32], [2, 40], 1, "blocked"),
  ])
  func cells(_ channels: [Int], _ size: [Int], _ dilation: Int, _ name: String) throws {
    let (graph, inputs) = try layers(channels, size, dilation: dilation)
    let plan = try Planner.plan(try SizedGraph(graph, for: inputs), backend: Backends.choices[0].backend)
    #expect(plan.steps.contains { $0.offer.name.contains("conv_\(name)__") }, "\(plan.text())")
  }

  /// Nine layers of 6×6 cells, and thirteen of both sizes, stay within 2e-5 of the largest output in double precision.
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
      let names = run.plan.steps.map(\.offer.name)
      #expect(names.count { $0.contains("winograd6x6") } >= 8)
      #expect(channels.count < 12 || names.contains { $0.contains("winograd4x4") })
      #expect(try run.outputs(inputs)[0].relativeError(to: exact) < 2e-5, "\(choice)")
    }
  }

  /// Far taps in cells of 3×3 stay near double precision, in patches of a task's own and in stages that threads share.
  @Test(arguments: [(208, false), (720, true)]) func smallCells(_ channels: Int, _ isStaged: Bool) throws {
    let (graph, inputs) = try layers([channels, 32], [30, 30], dilation: 5)
    let sized = try SizedGraph(graph, for: inputs)
    let double = try PlannedRun(sized, ReferenceBackend(pool: Backends.pool, storesDouble: true)).outputs(inputs)[0]
    let exact = try HostTensor(doubles: double.doubles(), elementType: .float32, shape: double.shape)
    for choice in Backends.choices where choice.family == .auto {
      let run = try PlannedRun(sized, choice.backend)
      let offer = try #require(run.plan.steps.map(\.offer).first { $0.name.contains("winograd3x3") })
      #expect((offer.sharedBytes > 0) == isStaged)
      #expect(try run.outputs(inputs)[0].relativeError(to: exact) < 8e-6, "\(choice)")
    }
  }

  /// Weights of 256 channels serve large tasks of a large map, and stages of a small one.
  @Test(arguments: [(128, false), (48, true)]) func manyWeights(_ size: Int, _ isStaged: Bool) throws {
    let (graph, inputs) = try layers([256, 256], [size, size], dilation: 1)
    let sized = try SizedGraph(graph, for: inputs)
    for choice in Backends.choices where choice.family == .auto {
      let run = try PlannedRun(sized, choice.backend)
      let offer = try #require(run.plan.steps.map(\.offer).first { $0.name.contains("winograd") })
      #expect((offer.sharedBytes > 0) == isStaged, "\(choice)")
    }
  }

  /// Sums of 256 terms in 6×6 cells of a large map, where the processor's caches are small, stay near double precision.
  @Test func manyTerms() throws {
    let (graph, inputs) = try layers([256, 256, 24], [60, 58])
    let sized = try SizedGraph(graph, for: inputs)
    let double = try PlannedRun(sized, ReferenceBackend(pool: Backends.pool, storesDouble: true)).outputs(inputs)[0]
    let exact = try HostTensor(doubles: double.doubles(), elementType: .float32, shape: double.shape)
    for choice in Backends.choices where choice.family == .auto {
      let run = try PlannedRun(sized, choice.backend)
      let cell = choice.set == .avx512 ? "4x4" : "6x6"
      #expect(run.plan.steps.count { $0.offer.name.contains("winograd\(cell)") } == 2, "\(choice)")
      #expect(try run.outputs(inputs)[0].relativeError(to: exact) < 2e-5, "\(choice)")
    }
  }
}
