import FCNBackendCPU
import FCNGraph
import FCNPasses
import FCNReference
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// Rewritten graphs compute what they did, with fewer or cheaper nodes.
@Suite struct PassTests {
  private typealias Build = (inout GraphBuilder) throws -> [ValueID]

  /// Every prefix of the pipeline keeps the outputs.
  @Test(arguments: Network.all)
  func networksKeepTheirOutputs(_ network: Network) throws {
    let inputs = try network.inputs()
    let raw = try network.graph(optimized: false)
    let expected = try Rewriting.outputs(raw, inputs)
    for count in 1...PassPipeline.standard.passes.count {
      let graph = try PassPipeline.standard.optimized(raw, stopAfter: count)
      try graph.verify()
      #expect(graph.inputs.count == raw.inputs.count && graph.outputs.count == raw.outputs.count)
      for (result, wanted) in zip(try Rewriting.outputs(graph, inputs), expected) {
        let error = result.relativeError(to: wanted)
        #expect(error < 2e-4, "after \(PassPipeline.standard.passes[count - 1].name)")
      }
    }
    let again = try PassPipeline.standard.optimized(try PassPipeline.standard.optimized(raw))
    #expect(again.text() == (try PassPipeline.standard.optimized(raw)).text())
  }

  @Test(arguments: OperatorCase.all)
  func casesKeepTheirOutputs(_ example: OperatorCase) throws {
    let (given, inputs) = try example.make()
    let graph = try Rewriting.declared(given, inputs)
    let expected = try Rewriting.reference(graph, inputs)
    let optimized = try PassPipeline.standard.optimized(graph)
    // Constants of half floats are widened and the roundings between nodes disappear.
    let isHalf = graph.values.contains { $0.elementType == .float16 || $0.elementType == .bfloat16 }
    for (result, wanted) in zip(try Rewriting.reference(optimized, inputs), expected) {
      #expect(result.elementType == wanted.elementType && result.shape == wanted.shape)
      #expect(result.relativeError(to: wanted) <= (isHalf ? 0x1p-8 : example.tolerance))
    }
  }

  /// Reshape, InstanceNormalization, Reshape, scale and shift are one GroupNormalization.
  @Test func groupNormIsRecognized() throws {
    let name = "blocked group normalisation as exporters write it"
    let example = try #require(OperatorCase.all.first { $0.name == name })
    let (graph, inputs) = try example.make()
    let optimized = try PassPipeline.standard.optimized(graph)
    let operators = optimized.nodes.map(\.op)
    #expect(operators.contains(.normalize(.group(groups: 6, epsilon: 1e-5, perGroup: false))))
    #expect(!operators.contains { if case .reshape = $0 { true } else { false } })
    for (result, wanted) in zip(try Rewriting.reference(optimized, inputs), try Rewriting.reference(graph, inputs)) {
      #expect(result.relativeError(to: wanted) < 1e-5)
    }
  }

  @Test(arguments: [1, 2, 3], [false, true])
  func batchNormFolds(groups: Int, isTransposed: Bool) throws {
    try expectNodes(["convolution", "convTranspose"], tolerance: 1e-5) { builder in
      let x = try builder.input([2, 2 * groups, 6, 7])
      let window = Window(kernel: [3, 3], strides: [2, 1])
      let channels = 3 * groups
      let y: ValueID
      if isTransposed {
        y = builder.node(
          .convTranspose(ConvTranspose(window: window, groups: groups)), x, try builder.weights([2 * groups, 3, 3, 3]),
          try builder.weights([channels]))
      } else {
        y = builder.node(
          .convolution(Convolution(window: window, groups: groups)), x, try builder.weights([channels, 2, 3, 3]))
      }
      return [try Self.normalized(&builder, y, channels)]
    }
  }

  /// Where the convolution has another reader, or is an output, or its weights are computed, both nodes stay.
  @Test func batchNormStays() throws {
    try expectNodes(["convolution", "normalize", "unary"], tolerance: 0) { builder in
      let y = try Self.convolved(&builder)
      return [try Self.normalized(&builder, y, 4), builder.node(.unary(.relu), y)]
    }
    try expectNodes(["convolution", "normalize"], tolerance: 0) { builder in
      let y = try Self.convolved(&builder)
      return [try Self.normalized(&builder, y, 4), y]
    }
    try expectNodes(["convolution", "normalize"], tolerance: 0) { builder in
      let x = try builder.input([1, 3, 6, 7])
      let y = builder.node(.convolution(Convolution(window: Window())), x, try builder.input([4, 3, 3, 3]))
      return [try Self.normalized(&builder, y, 4)]
    }
  }

  private static func convolved(_ builder: inout GraphBuilder) throws -> ValueID {
    let x = try builder.input([1, 3, 6, 7])
    return builder.node(
      .convolution(Convolution(window: Window())), x, try builder.weights([4, 3, 3, 3]), try builder.weights([4]))
  }

  private static func normalized(_ builder: inout GraphBuilder, _ x: ValueID, _ channels: Int) throws -> ValueID {
    var inputs: [ValueID?] = [x]
    for index in 0..<4 { inputs.append(try builder.weights([channels], in: index == 3 ? 0.2...2 : -1...1)) }
    return builder.nodes(.normalize(.batch(epsilon: 1e-3)), inputs, outputs: 1)[0]
  }

  @Test func padFolds() throws {
    try expectNodes(["convolution"], tolerance: 0) { try Self.padded(&$0, pads: [0, 0, 1, 2, 0, 0, 0, 3], value: nil) }
    try expectNodes(["convolution"], tolerance: 0) { try Self.padded(&$0, pads: [0, 0, 1, 2, 0, 0, 0, 3], value: 0) }
  }

  /// Channels, other values, negative amounts and max pools keep their Pad.
  @Test func padStays() throws {
    let both: Set<String> = ["pad", "convolution"]
    try expectNodes(both, tolerance: 0) { try Self.padded(&$0, pads: [0, 0, 1, 1, 0, 0, 1, 1], value: 0.5) }
    try expectNodes(both, tolerance: 0) { try Self.padded(&$0, pads: [0, 1, 0, 0, 0, 0, 0, 0], value: 0, channels: 4) }
    try expectNodes(both, tolerance: 0) { try Self.padded(&$0, pads: [0, 0, -1, 1, 0, 0, 1, 1], value: 0) }
    try expectNodes(both, tolerance: 0) {
      try Self.padded(&$0, pads: [0, 0, 1, 1, 0, 0, 1, 1], value: nil, mode: .reflect)
    }
    try expectNodes(["pad", "pool"], tolerance: 0) { builder in
      let x = try builder.input([1, 2, 6, 6], in: -3 ... -1)
      let y = builder.node(.pad(.constant), x, try builder.list([0, 0, 1, 1, 0, 0, 1, 1]))
      return [builder.node(.pool(Pool(function: .max(columnMajor: false), window: Window(kernel: [3, 3]))), y)]
    }
  }

  private static func padded(
    _ builder: inout GraphBuilder, pads: [Int], value: Float?, channels: Int = 3, mode: PadMode = .constant
  ) throws -> [ValueID] {
    let x = try builder.input([1, 3, 6, 7])
    let fill = try value.map { builder.constant(try HostTensor([$0], shape: [])) }
    let y = builder.node(.pad(mode), x, try builder.list(pads), fill)
    let weights = try builder.weights([4, channels, 3, 3])
    let window = Window(strides: [1, 2], padding: .explicit(low: [1, 0], high: [0, 1]))
    return [builder.node(.convolution(Convolution(window: window)), y, weights)]
  }

  @Test func activations() throws {
    for isSwapped in [false, true] {
      let order: (ValueID, ValueID) -> [ValueID?] = { isSwapped ? [$1, $0] : [$0, $1] }
      let swish = try expectNodes(["unary"], tolerance: 1e-6) { builder in
        let x = try builder.input([2, 3, 5], in: -4...4)
        return builder.nodes(.binary(.multiply), order(x, builder.node(.unary(.sigmoid), x)), outputs: 1)
      }
      #expect(swish.nodes.map(\.op) == [.unary(.swish(alpha: 1))])
      let hard = try expectNodes(["unary"], tolerance: 1e-6) { builder in
        let x = try builder.input([2, 3, 5], in: -4...4)
        let gate = builder.node(.unary(.hardSigmoid(alpha: Double(Float(1) / 6), beta: 0.5)), x)
        return builder.nodes(.binary(.multiply), order(x, gate), outputs: 1)
      }
      #expect(hard.nodes.map(\.op) == [.unary(.hardSwish)])
    }
    // A gate of another value is no activation.
    try expectNodes(["unary", "binary"], tolerance: 0) { builder in
      let (x, y) = (try builder.input([4]), try builder.input([4]))
      return [builder.node(.binary(.multiply), x, builder.node(.unary(.sigmoid), y))]
    }
  }

  @Test func constantsFold() throws {
    let graph = try expectNodes(["binary"], tolerance: 0) { builder in
      let x = try builder.input([2, 3])
      let sum = builder.node(.binary(.add), try builder.weights([2, 3]), try builder.weights([3]))
      let same = builder.node(.unary(.identity), builder.node(.unary(.relu), sum))
      return [builder.node(.binary(.multiply), builder.node(.unary(.identity), x), same)]
    }
    #expect(graph.nodes.count == 1)
  }

  /// An output that is an input keeps its node: the graph would have nothing to write.
  @Test func identityOfAnInputStays() throws {
    try expectNodes(["unary"], tolerance: 0) { builder in
      [builder.node(.unary(.identity), try builder.input([2, 3]))]
    }
  }

  /// An output keeps its name and declared type whatever made it.
  @Test func outputsKeepNames() throws {
    for type in [ElementType.float32, .float16] {
      var builder = GraphBuilder(seed: 2)
      let x = try builder.input([2, 3], type)
      let y = builder.node(.unary(.relu), x)
      let outputs = [
        builder.node(.unary(.identity), y), y, builder.node(.binary(.multiply), y, builder.node(.unary(.sigmoid), y)),
        builder.node(.unary(.identity), try builder.weights([4], type)),
      ]
      let inputs = builder.inputs.map(\.tensor)
      let graph = try Rewriting.declared(try builder.graph(outputs: outputs), inputs)
      let optimized = try PassPipeline.standard.optimized(graph)
      for (before, after) in zip(graph.outputs, optimized.outputs) {
        #expect(optimized[after].name == graph[before].name && optimized[after].elementType == type)
      }
    }
  }

  @Test func constantOutput() throws {
    var builder = GraphBuilder(seed: 2)
    _ = try builder.input([2])
    let sum = builder.node(.binary(.add), try builder.weights([3]), try builder.weights([3]))
    let graph = try builder.graph(outputs: [sum])
    let inputs = builder.inputs.map(\.tensor)
    for backend in Backends.families {
      let plain = try PlannedRun(try SizedGraph(graph, for: inputs), backend).outputs(inputs)
      let folded = try PassPipeline.standard.optimized(graph)
      let run = try PlannedRun(try SizedGraph(folded, for: inputs), backend)
      #expect(run.plan.steps.isEmpty)
      #expect(try run.outputs(inputs)[0].hasBits(of: plain[0]))
    }
  }

  /// Optimises, checks the kinds of the nodes that remain (any of `kinds`, each at most once) and the outputs.
  @discardableResult
  private func expectNodes(_ kinds: Set<String>, tolerance: Double, _ build: Build) throws -> Graph {
    var builder = GraphBuilder(seed: 8)
    let wanted = try build(&builder)
    let graph = try builder.graph(outputs: wanted)
    let inputs = builder.inputs.map(\.tensor)
    let optimized = try PassPipeline.standard.optimized(graph)
    let left = optimized.nodes.map { String("\($0.op)".prefix { $0.isLetter }) }
    #expect(Set(left).isSubset(of: kinds) && Set(left).count == left.count, "\(left)")
    if kinds.count > 1, !kinds.contains("convTranspose") { #expect(Set(left) == kinds) }
    for (result, wanted) in zip(try Rewriting.reference(optimized, inputs), try Rewriting.reference(graph, inputs)) {
      #expect(result.relativeError(to: wanted) <= tolerance)
    }
    return optimized
  }
}
