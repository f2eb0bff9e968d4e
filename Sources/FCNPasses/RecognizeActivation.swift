import FCNGraph
import FCNTensor

/// x·sigmoid(x) → swish, x·hardSigmoid(x; 1/6, 1/2) → hardSwish.
struct RecognizeActivation: Pass {
  let name = "RecognizeActivation"

  func nextPatch(in graph: Graph) throws(GraphError) -> GraphPatch? {
    var patch = GraphPatch(graph)
    var isChanged = false
    let producers = graph.producers()
    for (index, node) in graph.nodes.enumerated() {
      guard case .binary(.multiply) = node.op, let a = node.inputs[0], let b = node.inputs[1] else { continue }
      guard let (x, function) = gate(a, b, graph, producers) ?? gate(b, a, graph, producers) else { continue }
      var copy = node
      copy.op = .unary(function)
      copy.inputs = [x]
      patch.remove(node: index)
      patch.add(copy)
      isChanged = true
    }
    return isChanged ? patch : nil
  }

  /// The function if `gated` is a gate of `x` itself.
  private func gate(_ x: ValueID, _ gated: ValueID, _ graph: Graph, _ producers: [Int?]) -> (ValueID, UnaryFunction)? {
    guard let index = producers[gated.index] else { return nil }
    let node = graph.nodes[index]
    guard node.inputs.first == x, case .unary(let function) = node.op else { return nil }
    switch function {
    case .sigmoid: return (x, .swish(alpha: 1))
    case .hardSigmoid(let alpha, let beta) where abs(alpha - 1.0 / 6) < 1e-6 && beta == 0.5: return (x, .hardSwish)
    default: return nil
    }
  }
}
