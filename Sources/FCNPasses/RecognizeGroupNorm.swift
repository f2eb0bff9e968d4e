import FCNGraph
import FCNTensor

/// Reshape to `[N, groups, …]` → InstanceNormalization → Reshape to the shape of x → multiply by `[C, 1, 1]` → add
/// `[C, 1, 1]`, as exporters write it, becomes GroupNormalization (opset 21): y = (x − μ)/√(σ² + ε)·scale + bias with
/// the statistics of each group of channels.
struct RecognizeGroupNorm: Pass {
  let name = "RecognizeGroupNorm"

  private struct Chain {
    var nodes: [Int]
    var input: ValueID
    var groups: Int
    var epsilon: Double
    var scale: HostTensor
    var bias: HostTensor
    var output: ValueID
  }

  func nextPatch(in graph: Graph) throws(GraphError) -> GraphPatch? {
    var patch = GraphPatch(graph)
    var isChanged = false
    let (producers, consumers) = (graph.producers(), graph.consumers())
    for index in graph.nodes.indices {
      guard let chain = chain(at: index, graph, producers, consumers) else { continue }
      let norm = graph.nodes[index]
      for node in chain.nodes { patch.remove(node: node) }
      patch.add(
        Node(
          name: norm.name,
          op: .normalize(.group(groups: chain.groups, epsilon: chain.epsilon, perGroup: false)),
          inputs: [
            chain.input, patch.add(value: Value(name: "\(norm.name).scale", constant: chain.scale)),
            patch.add(value: Value(name: "\(norm.name).bias", constant: chain.bias)),
          ], outputs: [chain.output],
          origin: NodeOrigin(operatorName: "GroupNormalization", opset: norm.origin.opset)))
      isChanged = true
    }
    return isChanged ? patch : nil
  }

  /// The chain around the InstanceNormalization of node `index`, all of whose inner values have one reader.
  private func chain(at index: Int, _ graph: Graph, _ producers: [Int?], _ consumers: [[Int]]) -> Chain? {
    let norm = graph.nodes[index]
    guard case .normalize(.instance(let epsilon)) = norm.op,
      let split = norm.inputs[0].flatMap({ producers[$0.index] }),
      case .reshape = graph.nodes[split].op, let x = graph.nodes[split].inputs[0],
      graph.onlyConsumer(of: graph.nodes[split], among: consumers) == index,
      let first = constant(norm.input(1), graph), let second = constant(norm.input(2), graph),
      first.allSatisfy({ $0 == 1 }), second.allSatisfy({ $0 == 0 }),
      let join = graph.onlyConsumer(of: norm, among: consumers),
      restoresShape(graph.nodes[join], of: x, graph, producers),
      let scaling = graph.onlyConsumer(of: graph.nodes[join], among: consumers),
      case .binary(.multiply) = graph.nodes[scaling].op,
      let scale = operand(graph.nodes[scaling], beside: graph.nodes[join].outputs[0], graph),
      let shift = graph.onlyConsumer(of: graph.nodes[scaling], among: consumers),
      case .binary(.add) = graph.nodes[shift].op,
      let bias = operand(graph.nodes[shift], beside: graph.nodes[scaling].outputs[0], graph),
      scale.count == bias.count, first.count == second.count, first.count > 0, scale.count % first.count == 0,
      splitsChannels(graph.nodes[split], into: first.count, graph), let output = graph.nodes[shift].outputs[0]
    else { return nil }
    return Chain(
      nodes: [split, index, join, scaling, shift], input: x, groups: first.count, epsilon: epsilon, scale: scale,
      bias: bias, output: output)
  }

  private func constant(_ id: ValueID?, _ graph: Graph) -> [Double]? { id.flatMap { graph[$0].constant }?.doubles() }

  /// A float32 vector over channels, `[C, 1, …]`.
  private func operand(_ node: Node, beside value: ValueID?, _ graph: Graph) -> HostTensor? {
    guard let other = node.inputs.first(where: { $0 != value }) ?? nil, let constant = graph[other].constant,
      constant.elementType == .float32
    else { return nil }
    let dims = constant.shape.dims
    let vector = dims.first == 1 && dims.count > 3 ? Array(dims.dropFirst()) : dims
    guard vector.count >= 2, vector.dropFirst().allSatisfy({ $0 == 1 }) else { return nil }
    return try? HostTensor(doubles: constant.doubles(), elementType: .float32, shape: [vector[0]])
  }

  /// `[0, groups, -1]`
  private func splitsChannels(_ node: Node, into groups: Int, _ graph: Graph) -> Bool {
    node.input(1).flatMap { graph[$0].constant }?.integers() == [0, Int64(groups), -1]
  }

  /// Whether a Reshape takes its target from Shape(x).
  private func restoresShape(_ node: Node, of x: ValueID, _ graph: Graph, _ producers: [Int?]) -> Bool {
    guard case .reshape = node.op, let target = node.input(1), let maker = producers[target.index],
      case .shape(start: 0, end: nil) = graph.nodes[maker].op
    else { return false }
    return graph.nodes[maker].inputs[0] == x
  }
}
