/// What can be wrong with a model file.
package struct ONNXError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable {
    /// The file, or one that it refers to, cannot be opened or read.
    case file
    /// The content breaks the rules of the format.
    case invalid
    /// The model reaches for something that it must not touch (paths outside its folder, links).
    case unsafe
    /// Well formed, but beyond what this build reads.
    case unsupported
    /// One of `LoaderLimits` is exceeded.
    case limit
    /// Memory could not be had.
    case memory
  }

  package let code: Code
  /// `name (Operator)`, the name of a tensor, or empty for the whole model.
  package let node: String
  package let detail: String

  package init(_ code: Code, node: String = "", _ detail: String) {
    self.code = code
    self.node = node
    self.detail = detail
  }

  package var description: String { node.isEmpty ? detail : "\(node): \(detail)" }

  /// The same error, said of `node` unless it names one already.
  func at(_ name: String) -> ONNXError { node.isEmpty ? ONNXError(code, node: name, detail) : self }
}
