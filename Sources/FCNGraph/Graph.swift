package import FCNTensor

/// One dimension of a declared tensor shape.
package enum Dimension: Sendable, Hashable, CustomStringConvertible {
  case fixed(Int)
  case symbol(String)

  package var description: String {
    switch self {
    case .fixed(let size): String(size)
    case .symbol(let name): name.isEmpty ? "?" : name
    }
  }

  package var fixedSize: Int? {
    switch self {
    case .fixed(let size): size
    case .symbol: nil
    }
  }
}

/// Index of a value in `Graph.values`.
package struct ValueID: Sendable, Hashable {
  package let index: Int
  package init(_ index: Int) { self.index = index }
}

/// A tensor that flows along an edge: a graph input, a constant, or a node's output.
package struct Value: Sendable {
  package var name: String
  /// Declared type and shape; nil where the model does not say (inner values).
  package var elementType: ElementType?
  package var dimensions: [Dimension]?
  package var constant: HostTensor?

  package init(
    name: String, elementType: ElementType? = nil, dimensions: [Dimension]? = nil, constant: HostTensor? = nil
  ) {
    self.name = name
    self.elementType = constant?.elementType ?? elementType
    self.dimensions = constant.map { $0.shape.dims.map(Dimension.fixed) } ?? dimensions
    self.constant = constant
  }
}

/// Where a node came from, for messages.
package struct NodeOrigin: Sendable, Hashable {
  /// The ONNX operator, e.g. `Conv`.
  package var operatorName: String
  /// Empty for `ai.onnx`.
  package var domain: String
  package var opset: Int

  package init(operatorName: String, domain: String = "", opset: Int = 0) {
    self.operatorName = operatorName
    self.domain = domain
    self.opset = opset
  }
}

/// One operation. A missing optional input or an unused output is nil.
package struct Node: Sendable {
  package var name: String
  package var op: Operator
  package var inputs: [ValueID?]
  package var outputs: [ValueID?]
  package var origin: NodeOrigin

  package init(name: String, op: Operator, inputs: [ValueID?], outputs: [ValueID?], origin: NodeOrigin) {
    self.name = name
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
    self.origin = origin
  }

  /// `conv3 (Conv)`
  package var label: String { "\(name) (\(origin.operatorName))" }

  package func input(_ index: Int) -> ValueID? { index < inputs.count ? inputs[index] : nil }
}

/// A network: values, nodes in topological order, inputs and outputs. Edited by `GraphPatch` only.
package struct Graph: Sendable {
  package var name: String
  package internal(set) var values: [Value]
  package internal(set) var nodes: [Node]
  package internal(set) var inputs: [ValueID]
  package internal(set) var outputs: [ValueID]
  /// `metadata_props` of the model, in file order.
  package var metadata: [(key: String, value: String)]
  /// Domain and version of each operator set that the model imports.
  package var opsets: [(domain: String, version: Int)]

  /// - Throws: `GraphError.invalid` when the verifier objects.
  package init(
    name: String, values: [Value], nodes: [Node], inputs: [ValueID], outputs: [ValueID],
    metadata: [(key: String, value: String)] = [], opsets: [(domain: String, version: Int)] = []
  ) throws(GraphError) {
    self.name = name
    self.values = values
    self.nodes = nodes
    self.inputs = inputs
    self.outputs = outputs
    self.metadata = metadata
    self.opsets = opsets
    try verify()
  }

  package subscript(_ id: ValueID) -> Value { values[id.index] }

  /// For each value the index of the node that makes it.
  package func producers() -> [Int?] {
    var result = [Int?](repeating: nil, count: values.count)
    for (index, node) in nodes.enumerated() {
      for case let output? in node.outputs { result[output.index] = index }
    }
    return result
  }

  /// For each value the indices of the nodes that read it, once per use.
  package func consumers() -> [[Int]] {
    var result = [[Int]](repeating: [], count: values.count)
    for (index, node) in nodes.enumerated() {
      for case let input? in node.inputs { result[input.index].append(index) }
    }
    return result
  }

  /// Every node that this build cannot execute.
  package var unsupportedNodes: [(node: Node, reason: String)] {
    nodes.compactMap { node in
      if case .unsupported(let what) = node.op { (node, what.reason) } else { nil }
    }
  }
}
