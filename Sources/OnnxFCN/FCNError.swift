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
    self.message = FCNError.line(message, limit: category == .unsupported ? .max : 4096)
  }

  /// One line of at most `limit` bytes: names come from files, so control characters are written as escapes.
  package static func line(_ text: String, limit: Int) -> String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
      default: false
      }
    }
    let isLong = text.utf8.count > limit
    let text = isLong ? String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…" : text
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isControl(scalar) {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  public var description: String { message }

  package init(_ error: TensorError, file: String? = nil) {
    let category: Category =
      switch error.code {
      case .memory, .space: .resources
      case .size, .mismatch, .file, .format: .input
      }
    self.init(category, file.map { "\($0): \(error.detail)" } ?? error.detail)
  }

  /// For a result that cannot be written: a path that does not work is a matter of the call, a full disk is not.
  package init(writing error: TensorError) {
    let category: Category =
      switch error.code {
      case .file: .usage
      case .memory, .space, .size, .mismatch, .format: .resources
      }
    self.init(category, error.detail)
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
      case .memory, .device, .deviceLost: .resources
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
