import FCNGraph
import FCNReference
import FCNTensor

/// Evaluates nodes whose inputs are all constants, with the reference operators.
struct FoldConstants: Pass {
  let name = "FoldConstants"
  /// A result may have this many elements, or as many as its inputs together.
  private static let limit = 1 << 20

  func nextPatch(in graph: Graph) throws(GraphError) -> GraphPatch? {
    var patch = GraphPatch(graph)
    var isChanged = false
    for (index, node) in graph.nodes.enumerated() {
      guard let results = fold(node, in: graph) else { continue }
      patch.remove(node: index)
      for (output, result) in zip(node.outputs, results) {
        guard let output else { continue }
        patch.redirect(output, to: patch.add(value: Value(name: graph[output].name, constant: result)))
      }
      isChanged = true
    }
    return isChanged ? patch : nil
  }

  /// Nil when the node is not constant, too large, or wrong – then sizing will say so.
  private func fold(_ node: Node, in graph: Graph) -> [HostTensor]? {
    if case .unsupported = node.op { return nil }
    guard let sizing = (try? graph.constantSizing(of: node)) ?? nil else { return nil }
    let inputs = node.inputs.map { $0.flatMap { graph[$0].constant } }
    let given = inputs.reduce(0) { $0 + ($1?.count ?? 0) }
    for type in sizing.outputs {
      guard let count = try? type.shape.checkedCount(), count <= max(FoldConstants.limit, given) else { return nil }
    }
    return try? ReferenceEvaluator().evaluate(node, sizing: sizing, inputs: inputs)
  }
}
