import FCNTensor

extension Graph {
  /// The sizing of a node whose inputs are all constants of the graph; nil if one is not, or there is none.
  /// - Throws: `GraphError` if the node does not fit its constants.
  package func constantSizing(of node: Node) throws(GraphError) -> NodeSizing? {
    let constants = node.inputs.map { $0.flatMap { self[$0].constant } }
    guard !constants.isEmpty, zip(node.inputs, constants).allSatisfy({ $0 == nil || $1 != nil }) else { return nil }
    let context = SizingContext(
      graph: self, node: node, types: constants.map { $0.map { TensorType($0.elementType, $0.shape) } },
      constants: constants, allTypes: [], producers: [])
    return try context.sizing()
  }

  /// The only consumer of a node's single output, if that is not an output of the graph.
  package func onlyConsumer(of node: Node, among consumers: [[Int]]) -> Int? {
    guard node.outputs.count == 1, let output = node.outputs[0], consumers[output.index].count == 1,
      !outputs.contains(output)
    else { return nil }
    return consumers[output.index][0]
  }
}
