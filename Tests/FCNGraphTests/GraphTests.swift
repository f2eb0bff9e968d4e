import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// The verifier, the printer and patches.
@Suite struct GraphTests {
  private let relu = Operator.unary(.relu)

  private func node(_ name: String, _ inputs: [Int?], _ outputs: [Int?], _ op: Operator = .unary(.relu)) -> Node {
    Node(
      name: name, op: op, inputs: inputs.map { $0.map(ValueID.init) }, outputs: outputs.map { $0.map(ValueID.init) },
      origin: NodeOrigin(operatorName: "Op"))
  }

  private func graph(_ count: Int, _ nodes: [Node], inputs: [Int] = [0], outputs: [Int]) throws -> Graph {
    try Graph(
      name: "g", values: (0..<count).map { Value(name: "v\($0)") }, nodes: nodes, inputs: inputs.map(ValueID.init),
      outputs: outputs.map(ValueID.init))
  }

  private func expectInvalid(_ words: [String], _ make: () throws -> Graph) {
    #expect { try make() } throws: { error in
      guard let error = error as? GraphError else { return false }
      return error.code == .invalid && words.allSatisfy(error.description.contains)
    }
  }

  @Test func verifier() throws {
    #expect(try graph(3, [node("a", [0], [1]), node("b", [1, nil], [nil, 2])], outputs: [2]).nodes.count == 2)
    #expect(try graph(1, [], outputs: [0]).outputs.count == 1)
    expectInvalid(["b (Op)", "v1", "before"]) {
      try graph(3, [node("b", [1], [2]), node("a", [0], [1])], outputs: [2])
    }
    expectInvalid(["b (Op)", "v1", "twice"]) { try graph(3, [node("a", [0], [1]), node("b", [0], [1])], outputs: [1]) }
    expectInvalid(["a (Op)", "v0", "twice"]) { try graph(2, [node("a", [0], [0])], outputs: [0]) }
    expectInvalid(["v2", "never"]) { try graph(3, [node("a", [0], [1])], outputs: [2]) }
    expectInvalid(["value 7"]) { try graph(2, [node("a", [7], [1])], outputs: [1]) }
    expectInvalid(["value -1"]) { try graph(2, [node("a", [0], [-1])], outputs: [0]) }
    expectInvalid(["value 5"]) { try graph(2, [], outputs: [5]) }
    expectInvalid(["value 9"]) { try graph(2, [], inputs: [9], outputs: [0]) }
  }

  @Test func text() throws {
    var builder = GraphBuilder(seed: 1)
    let x = try builder.input([1, 2, 4, 4])
    let weights = try builder.weights([3, 2, 3, 3])
    let y = builder.node(.convolution(Convolution(window: Window(padding: .sameUpper))), x, weights, nil)
    let pool = Pool(function: .max(columnMajor: false), window: Window(kernel: [2, 2]))
    let z = builder.nodes(.pool(pool), [y], outputs: 2)
    let text = try builder.graph(outputs: [z[0], y]).text()
    let golden = """
      graph case
      input %x0 float32 1x2x4x4
      %convolution0.0 = convolution(FCNGraph.Convolution(window: FCNGraph.Window(kernel: [], strides: [], \
      dilations: [], padding: FCNGraph.Padding.sameUpper), groups: 1, factors: nil))(%x0, \
      const float32 3x2x3x3, -) convolution0 (convolution)
      %pool1.0, %pool1.1 = pool(FCNGraph.Pool(function: FCNGraph.PoolFunction.max(columnMajor: false), window: \
      FCNGraph.Window(kernel: [2, 2], strides: [], dilations: [], padding: \
      FCNGraph.Padding.explicit(low: [], high: [])), roundsUp: false))(%convolution0.0) pool1 (pool)
      output %pool1.0, %convolution0.0

      """
    #expect(text == golden)
  }

  /// v0 → a → v1 → b → v2, v1 → c → v3
  private func diamond() throws -> Graph {
    try graph(4, [node("a", [0], [1]), node("b", [1], [2]), node("c", [1], [3])], outputs: [2, 3])
  }

  @Test func patchReplaces() throws {
    let graph = try diamond()
    var patch = GraphPatch(graph)
    let value = patch.add(value: Value(name: "new"))
    patch.add(node("n", [0], [value.index], .unary(.tanh)))
    patch.redirect(ValueID(1), to: value)
    let result = try patch.applied()
    // a reaches no output any more.
    #expect(result.nodes.map(\.name).sorted() == ["b", "c", "n"] && result.nodes[0].name == "n")
    #expect(graph.nodes.count == 3)
    #expect(result.consumers()[value.index].count == 2 && result.producers()[value.index] == 0)
  }

  /// Redirections chain; an output that is redirected follows.
  @Test func patchRedirectsOutputs() throws {
    var patch = GraphPatch(try diamond())
    patch.remove(node: 1)
    patch.remove(node: 2)
    patch.redirect(ValueID(2), to: ValueID(3))
    patch.redirect(ValueID(3), to: ValueID(1))
    let result = try patch.applied()
    #expect(result.outputs == [ValueID(1), ValueID(1)] && result.nodes.map(\.name) == ["a"])
  }

  /// Entries read what everyone else no longer does; replaced outputs leave inner uses alone.
  @Test func patchEntersAndExits() throws {
    var patch = GraphPatch(try diamond())
    let wide = patch.add(value: Value(name: "wide"))
    patch.addEntry(node("enter", [0], [wide.index]))
    patch.redirect(ValueID(0), to: wide)
    let narrow = patch.add(value: Value(name: "narrow"))
    patch.addEntry(node("leave", [2], [narrow.index]))
    patch.replaceOutput(ValueID(2), by: narrow)
    let result = try patch.applied()
    #expect(result.nodes.first?.name == "enter" && result.nodes.first?.inputs == [ValueID(0)])
    #expect(result.outputs == [narrow, ValueID(3)] && result.nodes.count == 5)
    #expect(result.nodes.first { $0.name == "a" }?.inputs == [wide])
  }

  @Test func patchRefusesCyclesAndGaps() throws {
    expectInvalid(["cycle"]) {
      var patch = GraphPatch(try diamond())
      patch.remove(node: 0)
      patch.add(node("a", [2], [1]))
      return try patch.applied()
    }
    expectInvalid(["cycle"]) {
      var patch = GraphPatch(try diamond())
      patch.redirect(ValueID(0), to: ValueID(3))
      return try patch.applied()
    }
    // b and c still read what a made.
    expectInvalid(["v1"]) {
      var patch = GraphPatch(try diamond())
      patch.remove(node: 0)
      return try patch.applied()
    }
    expectInvalid(["v2", "never"]) {
      var patch = GraphPatch(try diamond())
      patch.remove(node: 1)
      return try patch.applied()
    }
    expectInvalid(["twice"]) {
      var patch = GraphPatch(try diamond())
      patch.add(node("again", [0], [1]))
      return try patch.applied()
    }
    expectInvalid(["value 99"]) {
      var patch = GraphPatch(try diamond())
      patch.redirect(ValueID(1), to: ValueID(99))
      return try patch.applied()
    }
  }

  /// Nodes are put in an order that works, whatever order they were added in.
  @Test(arguments: 0..<20)
  func patchSorts(_ seed: Int) throws {
    var generator = SeededGenerator(UInt64(seed))
    var patch = GraphPatch(try graph(1, [], outputs: [0]))
    var values = [0]
    var nodes: [Node] = []
    for index in 0..<12 {
      let value = patch.add(value: Value(name: "w\(index)")).index
      let inputs = (0..<generator.integer(in: 1...3)).map { _ in values[generator.integer(in: 0...values.count - 1)] }
      nodes.append(node("n\(index)", inputs, [value]))
      values.append(value)
    }
    for node in nodes.shuffled(using: &generator) { patch.add(node) }
    patch.replaceOutput(ValueID(0), by: ValueID(values.last!))
    let result = try patch.applied()
    try result.verify()
    #expect(result.nodes.last?.name == "n11")
  }
}
