package import FCNImage
package import FCNSegmentation
package import FCNTensor

extension FCNError {
  package init(_ error: ImageError) {
    let category: Category =
      switch error.code {
      case .memory: .resources
      case .file, .format, .unsupported, .limit, .mismatch: .input
      }
    self.init(category, error.detail)
  }

  package init(_ error: SegmentationError, file: String? = nil) {
    let category: Category =
      switch error.code {
      case .option: .usage
      case .mismatch, .format: .input
      case .memory: .resources
      }
    let prefix = file.map { error.description.hasPrefix($0) ? "" : "\($0): " } ?? ""
    self.init(category, prefix + error.description)
  }

  /// `{"category", "message"}`
  package var json: JSONValue { ["category": .string(category.rawValue), "message": .string(message)] }
}

/// A JSON document as text, for callers that do not import the room of `JSONValue`.
package struct JSONText {
  package let text: String

  package init(_ value: JSONValue, pretty: Bool = true) { text = value.serialized(pretty: pretty) }

  /// `{"error": {"category", "message"}}`
  package init(error: FCNError) { self.init(["error": error.json]) }
}
