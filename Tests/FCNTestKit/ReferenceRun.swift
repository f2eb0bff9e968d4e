package import FCNGraph
package import FCNReference
package import FCNTensor

/// A graph evaluated whole, node by node, by the reference; every value is kept.
package struct ReferenceRun {
  package let sized: SizedGraph
  package private(set) var values: [ValueID: Operand] = [:]

  package init(_ graph: Graph, inputs: [HostTensor], evaluator: ReferenceEvaluator = .init()) throws(GraphError) {
    sized = try SizedGraph(graph, inputs: inputs.map(\.shape), evaluator: evaluator)
    for (id, tensor) in zip(graph.inputs, inputs) { values[id] = Operand(tensor) }
    for (index, constant) in sized.constants.enumerated() {
      if let constant { values[ValueID(index)] = Operand(constant) }
    }
    for (node, sizing) in zip(graph.nodes, sized.sizings) {
      guard let sizing else { continue }
      let results = try evaluator.evaluate(
        node, sizing: sizing, operands: node.inputs.map { $0.flatMap { values[$0] } },
        regions: sizing.outputs.map(\.shape.region))
      for (output, result) in zip(node.outputs, results) {
        if let output { values[output] = result }
      }
    }
  }

  package var outputs: [Operand] { sized.graph.outputs.compactMap { values[$0] } }
}
