import FCNAnalysis
import FCNBackendCPU
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Glibc
import Testing

@Suite struct MeasurementTests {
  private func experiments(
    _ graph: Graph, samples: Int = 1, rule: @escaping (Node, NodeSizing) -> SpatialRule = { $1.rule }
  ) throws -> GeometryExperiments {
    let analysis = try GeometryAnalysis(graph, rule: rule)
    return try GeometryExperiments(
      analysis, optimized: graph, backend: CPUBackend(pool: ThreadPool(threadCount: 2), family: .direct),
      samples: samples, seed: 1,
      rule: rule,
      canvas: { (index, size) throws(ExperimentError) in
        do throws(TensorError) {
          return try Canvas(noise: UInt64(index + 1), grid: analysis.grid, size: size)
        } catch { throw .tensor(error) }
      })
  }

  private func free(_ graph: Graph) throws -> Graph {
    var values = graph.values
    for input in graph.inputs {
      values[input.index].dimensions = values[input.index].dimensions?.enumerated().map {
        $0 < 2 ? $1 : .symbol("s\($0)")
      }
    }
    return try Graph(
      name: graph.name, values: values, nodes: graph.nodes, inputs: graph.inputs, outputs: graph.outputs)
  }

  /// A graph whose image size is free.
  private func graph(_ build: (inout Architecture) throws -> ValueID) throws -> Graph {
    var network = try Architecture(size: [64, 64])
    let output = try build(&network)
    return try free(try network.graph(output))
  }

  /// The sum of n uniform variables on {−1, 0, 1} has variance 2n/3 (Luo et al. 2016; GEOMETRY §6.3).
  @Test(arguments: [5, 10, 20, 40])
  func effectiveFieldOfUniformConvolutions(n: Int) throws {
    let graph = try graph { network in
      var x = network.input
      for _ in 0..<n { x = try network.average(x, 3) }
      return x
    }
    let result = try experiments(graph)
    let field = try #require(result.fields.first)
    #expect(field.rows == -n...n)
    for deviation in field.statistics.standardDeviation {
      #expect(abs(deviation - (2 * Double(n) / 3).squareRoot()) < 5e-4)
    }
    #expect(result.contradictions.isEmpty)
  }

  @Test func everyStatementOfAUNetIsConfirmed() throws {
    for kind in [Architecture.Upsampling.deconv2, .nearest, .bilinear, .deconv3] {
      let result = try experiments(try graph { try $0.unet(depth: 2, up: kind) }, samples: 2)
      #expect(result.contradictions.isEmpty)
      #expect(result.claims.allSatisfy { $0.status == .confirmed }, "\(kind): \(result.claims)")
    }
  }

  /// A rule that says less than the operator reads, or a wrong step, is found, and the node is named.
  struct Lie: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var node: String
    var change: @Sendable (AxisRule) -> AxisRule
  }

  static let lies: [Lie] = [
    Lie(testDescription: "a 3×3 convolution as a 1×1", node: "convolution1") { rule in
      guard case .window(var window) = rule else { return rule }
      (window.kernel, window.low, window.high) = (1, 0, 0)
      return .window(window)
    },
    Lie(testDescription: "a pooling of stride 2 as one of stride 1", node: "pool2") { rule in
      guard case .window(var window) = rule else { return rule }
      window.stride = 1
      return .window(window)
    },
    Lie(testDescription: "bilinear as nearest", node: "resize5") { rule in
      if case .resample = rule { .spread(block: 2) } else { rule }
    },
  ]

  @Test(arguments: lies)
  func aBrokenRuleIsCaught(_ lie: Lie) throws {
    let graph = try graph { network in
      var x = try network.conv(network.input, 3)
      let skip = try network.conv(x, 3)
      x = network.pool(skip)
      x = try network.conv(x, 3)
      x = try network.conv(x, 3)
      x = try network.up(x, .bilinear)
      return try network.conv(x, 3)
    }
    let known = graph.nodes.map(\.name)
    #expect(known.contains(lie.node), "\(known)")
    let result = try experiments(graph) { node, sizing in
      guard node.name == lie.node else { return sizing.rule }
      var rule = sizing.rule
      for axis in rule.inputs[0].indices { rule.inputs[0][axis].rule = lie.change(rule.inputs[0][axis].rule) }
      return rule
    }
    #expect(!result.contradictions.isEmpty, "\(result.claims)")
    #expect(result.contradictions.contains { $0.node.hasPrefix(lie.node) || $0.node.isEmpty })
    for contradiction in result.contradictions { #expect(contradiction.files.count >= 2) }
  }

  @Test func statementsThatHoldAreNotContradictedOnCommittedNetworks() throws {
    let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/testdata/networks"
    for name in try Folder.entries(of: folder) {
      // Their receptive fields exceed 400 samples: `analyze --measure` is for them.
      if name.hasPrefix("fcn") || name.contains("resnet") || name.hasPrefix("segnet") || name == "unet3d" { continue }
      let result = try experiments(try CommittedNetwork.graph(folder, name))
      #expect(result.contradictions.isEmpty, "\(name): \(result.claims.filter { $0.status == .contradicted })")
      #expect(result.claims.contains { $0.status == .confirmed }, "\(name)")
    }
  }
}
