package import FCNGraph
package import FCNONNX
package import FCNRuntime
package import FCNTensor

/// The one error type of the library.
public struct FCNError: Error, Sendable, CustomStringConvertible {
  /// What kind of thing went wrong; the command line maps each to an exit code.
  public enum Category: String, Sendable, CaseIterable {
    /// The call itself makes no sense.
    case usage
    /// An image or tensor is missing, damaged or does not fit the model.
    case input
    /// The model uses something that this build does not execute.
    case unsupported
    /// The model is damaged, inconsistent or unsafe.
    case invalidModel
    /// Device or memory exhausted.
    case resources
    /// A comparison failed.
    case comparison
    /// Exactness was required and is impossible.
    case exactness
    /// The caller cancelled.
    case cancelled
  }

  public let category: Category
  /// Where, what, expected, got.
  public let message: String

  public init(_ category: Category, _ message: String) {
    self.category = category
    self.message = message
  }

  public var description: String { message }

  package init(_ error: TensorError, file: String? = nil) {
    let category: Category =
      switch error.code {
      case .memory: .resources
      case .size, .mismatch, .file, .format: .input
      }
    self.init(category, file.map { "\($0): \(error.detail)" } ?? error.detail)
  }

  package init(_ error: GraphError) {
    let category: Category =
      switch error.code {
      case .invalid: .invalidModel
      case .size: .input
      case .unsupported: .unsupported
      case .limit: .resources
      }
    self.init(category, error.description)
  }

  package init(_ error: RuntimeError) {
    let category: Category =
      switch error.code {
      case .input, .data: .input
      case .unsupported: .unsupported
      case .memory: .resources
      case .cancelled: .cancelled
      }
    self.init(category, error.description)
  }

  package init(_ error: ONNXError) {
    let category: Category =
      switch error.code {
      case .file: .input
      case .invalid, .unsafe, .limit: .invalidModel
      case .unsupported: .unsupported
      case .memory: .resources
      }
    self.init(category, error.description)
  }
}
