/// What can be wrong with a graph, or with a graph at a given input size.
package struct GraphError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable {
    /// The graph itself is malformed: types, ranks, arity, order.
    case invalid
    /// The graph does not run at these input sizes.
    case size
    /// An operator or a form of it that this build does not execute.
    case unsupported
    /// A tensor would exceed the limits.
    case limit
  }

  package let code: Code
  /// `name (Operator)`, or empty for the whole graph.
  package let node: String
  package let detail: String

  package init(_ code: Code, node: String = "", _ detail: String) {
    self.code = code
    self.node = node
    self.detail = detail
  }

  package var description: String { node.isEmpty ? detail : "\(node): \(detail)" }
}
