import FCNAnalysis
import FCNBackendCPU
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// Networks of two images that move together.
@Suite struct SeveralInputsTests {
  private func analysis(_ build: (inout GraphBuilder, ValueID, ValueID) throws -> ValueID) throws -> GeometryAnalysis {
    var builder = GraphBuilder(seed: 5)
    let a = try builder.input([1, 1, 32, 32])
    let b = try builder.input([1, 1, 32, 32])
    let output = try build(&builder, a, b)
    return try GeometryAnalysis(try builder.graph(outputs: [output]))
  }

  @Test func theDeeperBorderCounts() throws {
    let analysis = try analysis { builder, a, b in
      let window = Window(kernel: [5, 5], padding: .explicit(low: [2, 2], high: [2, 2]))
      let weights = try builder.weights([1, 1, 5, 5])
      let y = builder.node(.convolution(Convolution(window: window)), b, weights)
      return builder.node(.binary(.add), a, y)
    }
    #expect(analysis.facts[0].map(\.depth.low) == [0, 0, 2, 2])
    #expect(analysis.joint[0].map(\.depth) == [BorderDepth(low: 2, high: 2), BorderDepth(low: 2, high: 2)])
    #expect(analysis.tiling.axes.map(\.low) == [2, 2])
  }

  @Test func aGlobalSecondImageForbidsTiles() throws {
    let analysis = try analysis { builder, a, b in
      let mean = builder.node(.reduce(Reduce(function: .mean, axes: .spatial)), b)
      return builder.node(.binary(.add), a, mean)
    }
    #expect(analysis.joint[0].map(\.verdict) == [.global, .global])
    #expect(!analysis.tiling.isExact)
  }

  /// A channel a hundred thousand times smaller is held against its own values.
  @Test func aSmallChannelIsNotHidden() throws {
    var builder = GraphBuilder(seed: 6)
    let x = try builder.input([1, 1, 32, 32])
    let window = Window(kernel: [3, 3], padding: .explicit(low: [1, 1], high: [1, 1]))
    let weights = try builder.weights([1, 1, 3, 3], in: -1e-6...1e-6)
    let small = builder.node(.convolution(Convolution(window: window)), x, weights)
    let both = builder.node(.concat(axis: 1), x, small)
    let graph = try builder.graph(outputs: [both])
    // A rule that says nothing of the neighbours.
    let rule: (Node, NodeSizing) -> SpatialRule = { node, sizing in
      guard case .convolution = node.op else { return sizing.rule }
      var rule = sizing.rule
      for axis in 2..<4 { rule.inputs[0][axis] = AxisDependence(axis, .pointwise) }
      return rule
    }
    let analysis = try GeometryAnalysis(graph, rule: rule)
    let result = try GeometryExperiments(
      analysis, optimized: graph, backend: CPUBackend(pool: ThreadPool(threadCount: 1)), samples: 1, seed: 1,
      rule: rule,
      canvas: { (index, size) throws(ExperimentError) in
        do throws(TensorError) { return try Canvas(noise: 1, grid: analysis.grid, size: size) } catch {
          throw .tensor(error)
        }
      })
    let borders = result.claims.filter { $0.statement.hasPrefix("borders") }
    #expect(borders.contains { $0.status == .contradicted }, "\(result.claims)")
  }
}
