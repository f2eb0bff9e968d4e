package import FCNGraph
package import FCNTensor

/// What can go wrong when a graph is planned, prepared or run.
package struct RuntimeError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable {
    /// The inputs do not fit the graph.
    case input
    /// A node or a form of it is not executed by any backend.
    case unsupported
    /// The plan exceeds the memory budget, or memory could not be had.
    case memory
    /// A device failed, or what it can do is not enough.
    case device
    /// The device was lost; everything on it must be made anew.
    case deviceLost
    /// The run was cancelled.
    case cancelled
    /// A value met while running is impossible (an index out of range).
    case data
  }

  package let code: Code
  package let node: String
  package let detail: String

  package init(_ code: Code, node: String = "", _ detail: String) {
    self.code = code
    self.node = node
    self.detail = detail
  }

  package init(_ error: GraphError, otherwise code: Code) {
    let mapped: Code =
      switch error.code {
      case .invalid, .size: code
      case .unsupported: .unsupported
      case .limit: .memory
      }
    self.init(mapped, node: error.node, error.detail)
  }

  package init(_ error: TensorError, node: String = "") {
    let mapped: Code =
      switch error.code {
      case .memory, .space: .memory
      case .size, .mismatch, .file, .format: .input
      }
    self.init(mapped, node: node, error.detail)
  }

  package var description: String { node.isEmpty ? detail : "\(node): \(detail)" }
}
