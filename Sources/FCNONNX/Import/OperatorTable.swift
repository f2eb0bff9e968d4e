import FCNGraph

/// An ONNX operator as the importer knows it.
package struct SupportedOperator: Sendable {
  package let name: String
  /// First opset of the operator.
  package let since: Int
  /// Opset of its last definition that is known.
  package let last: Int
  /// Opset from which it no longer exists, if it was removed.
  package let removed: Int?
  let add: @Sendable (NodeImport) throws(ONNXError) -> Void

  init(
    _ name: String, _ since: Int, _ last: Int, removed: Int? = nil,
    _ add: @escaping @Sendable (NodeImport) throws(ONNXError) -> Void
  ) {
    self.name = name
    self.since = since
    self.last = last
    self.removed = removed
    self.add = add
  }
}

/// Every operator that is imported; last definitions as of ONNX 1.23.2 (opset 28, IR 14).
package enum OperatorTable {
  package static let newestOpset = 28
  /// Inputs or outputs of one node that becomes one graph node for each.
  static let largestFan = 4096
  package static let oldestIR = 3
  package static let newestIR = 14

  package static let all: [SupportedOperator] =
    (windows + resizing + elementwise + logic + reductions + normalizations + layout + shapes + products + legacy)
    .sorted { $0.name < $1.name }

  private static let index = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// Whether anyone can read what the node makes.
  private static func checkOutputs(_ node: NodeImport, _ known: SupportedOperator) throws(ONNXError) -> Bool {
    let most =
      switch known.name {
      case "Split": largestFan
      case "BatchNormalization": 5
      case "LayerNormalization": 3
      case "MaxPool", "Dropout": 2
      default: 1
      }
    guard let last = node.outputs.lastIndex(where: { $0 != nil }) else { return false }
    guard last < most else { throw node.invalid("outputs: expected at most \(most), got \(last + 1)") }
    guard node.outputs[0] != nil || known.name == "Split" else {
      throw node.unsupported("its first output is not used")
    }
    return true
  }

  /// Emits the nodes of one ONNX node; what cannot be executed becomes an unsupported node with the reason.
  static func add(_ node: NodeImport) throws(ONNXError) {
    let before = node.builder.nodes.count
    do throws(ONNXError) {
      for id in node.inputs.compactMap({ $0 }) {
        if let reason = node.builder.unreadable[node.builder.values[id.index].name] {
          throw node.unsupported("input \(node.builder.values[id.index].name): \(reason)")
        }
      }
      guard node.domain.isEmpty else { throw node.unsupported("operator of domain \(node.domain)") }
      guard node.opset >= 1 else { throw node.invalid("opset: the model imports no version of ai.onnx") }
      guard let known = index[node.operatorName] else { throw node.unsupported("no such operator in this build") }
      guard node.opset >= known.since else {
        throw node.invalid("opset: the operator exists since \(known.since), the model says \(node.opset)")
      }
      guard try checkOutputs(node, known) else { return }
      try known.add(node)
    } catch {
      guard error.code == .unsupported else { throw error }
      // What was emitted before the refusal goes with it.
      node.builder.nodes.removeLast(node.builder.nodes.count - before)
      // Nothing in the graph makes a value that could not be read.
      let inputs = node.inputs.map { id in
        id.flatMap { node.builder.unreadable[node.builder.values[$0.index].name] == nil ? $0 : nil }
      }
      node.emit(.unsupported(UnsupportedOperator(reason: error.detail)), inputs)
    }
  }
}
