import FCNTensor

extension Graph {
  /// One line a node: `%y = Conv(%x, %w) conv3`, inputs and outputs first; stable text for golden tests.
  package func text() -> String {
    func reference(_ id: ValueID?) -> String { id.map { "%" + self[$0].name } ?? "-" }
    var lines = ["graph \(name)"]
    for id in inputs {
      let dims = (self[id].dimensions ?? []).map(\.description).joined(separator: "x")
      lines.append("input \(reference(id)) \(self[id].elementType?.rawValue ?? "?") \(dims)")
    }
    for node in nodes {
      let made = node.outputs.map(reference).joined(separator: ", ")
      let used = node.inputs.map { id in
        guard let id, let constant = self[id].constant else { return reference(id) }
        return "const \(constant.elementType.rawValue) \(constant.shape)"
      }
      lines.append("\(made) = \(node.op)(\(used.joined(separator: ", "))) \(node.label)")
    }
    lines.append("output " + outputs.map(reference).joined(separator: ", "))
    return lines.joined(separator: "\n") + "\n"
  }
}
