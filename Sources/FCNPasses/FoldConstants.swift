import FCNGraph
import FCNReference
import FCNTensor

/// Evaluates nodes whose inputs are all constants, with the reference operators.
struct FoldConstants: Pass {
  let name = "FoldConstants"
  /// A result may have this many elements, or as many as its inputs together.
  private static let limit = 1 << 20

  /// What one round may spend, in elements made and operations; every constant that is read adds to it once.
  private struct Budget {
    var elements = 1 << 22
    var operations = 1 << 26
    var read: Set<ValueID> = []

    mutating func read(_ id: ValueID, count: Int) {
      guard read.insert(id).inserted else { return }
      elements += count
      operations += 4 * count
    }

    mutating func affords(elements: Int, operations: Int) -> Bool {
      guard elements <= self.elements, operations <= self.operations else { return false }
      self.elements -= elements
      self.operations -= operations
      return true
    }
  }

  func nextPatch(in graph: Graph) throws(GraphError) -> GraphPatch? {
    var patch = GraphPatch(graph)
    var isChanged = false
    var budget = Budget()
    for (index, node) in graph.nodes.enumerated() {
      guard let results = fold(node, in: graph, &budget) else { continue }
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
  private func fold(_ node: Node, in graph: Graph, _ budget: inout Budget) -> [HostTensor]? {
    if case .unsupported = node.op { return nil }
    guard let sizing = (try? graph.constantSizing(of: node)) ?? nil else { return nil }
    let inputs = node.inputs.map { $0.flatMap { graph[$0].constant } }
    let given = inputs.reduce(0) { $0 + ($1?.count ?? 0) }
    for type in sizing.outputs {
      guard let count = try? type.shape.checkedCount(), count <= max(FoldConstants.limit, given) else { return nil }
    }
    for case let id? in node.inputs { budget.read(id, count: graph[id].constant?.count ?? 0) }
    let made = sizing.outputs.reduce(0) { $0 + $1.shape.count }
    let types = inputs.map { $0.map { TensorType($0.elementType, $0.shape) } }
    guard budget.affords(elements: made, operations: sizing.operations(node, inputs: types)) else { return nil }
    return try? ReferenceEvaluator().evaluate(node, sizing: sizing, inputs: inputs)
  }
}
