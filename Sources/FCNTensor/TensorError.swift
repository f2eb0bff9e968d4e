/// What can go wrong with shapes, storage and tensor files.
package struct TensorError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable {
    /// A size is negative, above 2³¹−1, or a product overflows or exceeds the budget.
    case size
    /// Bytes, element type and shape do not fit together.
    case mismatch
    /// The file cannot be opened, read or written.
    case file
    /// The file's content is damaged or of an unknown form.
    case format
    /// Memory could not be had.
    case memory
    /// The file system has no room left for what is written.
    case space
  }

  package let code: Code
  package let detail: String

  package init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  package var description: String { detail }
}
