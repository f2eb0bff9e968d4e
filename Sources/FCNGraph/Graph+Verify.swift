extension Graph {
  /// Order, arity of references and single assignment.
  /// - Throws: `GraphError.invalid` naming the node.
  package func verify() throws(GraphError) {
    var isDefined = values.map { $0.constant != nil }
    func check(_ id: ValueID, _ node: String) throws(GraphError) {
      guard values.indices.contains(id.index) else {
        throw GraphError(.invalid, node: node, "value \(id.index): expected 0..<\(values.count)")
      }
    }
    for input in inputs {
      try check(input, "")
      isDefined[input.index] = true
    }
    for node in nodes {
      for case let input? in node.inputs {
        try check(input, node.label)
        guard isDefined[input.index] else {
          throw GraphError(.invalid, node: node.label, "input \(self[input].name) is used before it is made")
        }
      }
      for case let output? in node.outputs {
        try check(output, node.label)
        guard !isDefined[output.index] else {
          throw GraphError(.invalid, node: node.label, "output \(self[output].name) is made twice")
        }
        isDefined[output.index] = true
      }
    }
    for output in outputs {
      try check(output, "")
      guard isDefined[output.index] else {
        throw GraphError(.invalid, "output \(self[output].name) is never made")
      }
    }
  }
}
