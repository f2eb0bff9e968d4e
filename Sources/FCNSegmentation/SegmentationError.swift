import FCNTensor

/// What can go wrong with scores, labels, palettes and measures.
package struct SegmentationError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable {
    /// An option has a value that does not exist or does not fit the network.
    case option
    /// A tensor, label map or picture does not have the expected type, shape or labels.
    case mismatch
    /// A palette or class file is damaged or of an unknown form.
    case format
    /// Memory could not be had.
    case memory
  }

  package let code: Code
  /// The graph output that is meant, where there is one.
  package let node: String?
  package let detail: String

  package init(_ code: Code, _ detail: String, node: String? = nil) {
    self.code = code
    self.node = node
    self.detail = detail
  }

  init(_ error: TensorError) {
    switch error.code {
    case .memory, .space: self.init(.memory, error.detail)
    case .format: self.init(.format, error.detail)
    case .size, .mismatch, .file: self.init(.mismatch, error.detail)
    }
  }

  package var description: String { node.map { "\($0): \(detail)" } ?? detail }
}
