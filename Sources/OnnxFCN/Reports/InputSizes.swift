import FCNGraph
import FCNTensor

/// The input shapes that a report is made for.
package enum InputSizes: Sendable {
  /// As the model declares them; free batch axes are 1.
  case declared
  /// Spatial sizes of every image input.
  case size([Int])
  /// Whole shapes, one per input.
  case shapes([[Int]])

  /// - Parameters:
  ///   - size: `HxW` or `DxHxW`.
  ///   - shapes: `1x3x512x512`, one per input.
  /// - Throws: `FCNError.usage` for anything else, or for both.
  package init(size: String?, shapes: [String]) throws(FCNError) {
    guard size == nil || shapes.isEmpty else { throw FCNError(.usage, "--size and --shape: expected one of them") }
    if let size {
      let dims = try InputSizes.dims(size)
      guard (1...3).contains(dims.count) else { throw FCNError(.usage, "size: expected HxW or DxHxW, got \(size)") }
      self = .size(dims)
    } else if !shapes.isEmpty {
      var list: [[Int]] = []
      for shape in shapes { list.append(try InputSizes.dims(shape)) }
      self = .shapes(list)
    } else {
      self = .declared
    }
  }

  /// Height and width, or depth, height and width, or nil for none given.
  /// - Throws: `FCNError.usage` for anything else.
  package static func image(_ size: String?) throws(FCNError) -> [Int]? {
    if case .size(let dims) = try InputSizes(size: size, shapes: []) { dims } else { nil }
  }

  private static func dims(_ text: String) throws(FCNError) -> [Int] {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard !parts.isEmpty, parts.allSatisfy({ $0.map { (1...Shape.largestDimension).contains($0) } ?? false }) else {
      throw FCNError(.usage, "size: expected positive numbers with x between, got \(text)")
    }
    return parts.compactMap { $0 }
  }

  func shapes(of model: Model) throws(FCNError) -> [Shape] {
    switch self {
    case .declared: return try model.shapes(size: nil)
    case .size(let dims): return try model.shapes(size: dims)
    case .shapes(let list):
      guard list.count == model.graph.inputs.count else {
        throw FCNError(.usage, "--shape: expected \(model.graph.inputs.count), got \(list.count)")
      }
      return list.map { Shape($0) }
    }
  }
}
