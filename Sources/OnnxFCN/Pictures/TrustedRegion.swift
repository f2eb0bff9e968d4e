package import FCNTensor

/// The part of an output that no border rule and no added padding touched: inside, each value is what the network makes
/// of the picture alone, whatever lies beyond it; outside, it may depend on what was made up there.
///
/// Derived from the graph, not measured. Statistics of the whole picture, by which `zscore` and `percentile` scale it,
/// are no border rule. Source: GEOMETRY §5.1.
public struct TrustedRegion: Sendable, Hashable {
  /// Pixels `top` ≤ y < `bottom`, `left` ≤ x < `right`.
  public struct Rectangle: Sendable, Hashable {
    public var top: Int
    public var left: Int
    public var bottom: Int
    public var right: Int

    public init(top: Int, left: Int, bottom: Int, right: Int) {
      (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
    }

    public var height: Int { bottom - top }
    public var width: Int { right - left }
  }

  public struct Reason: Sendable, Hashable {
    /// The node that is to blame; nil: many together.
    public var node: String?
    public var reason: String

    /// `ReduceMean_139 reduces over the whole axis`
    public var text: String { node.map { "\($0) \(reason)" } ?? reason }
  }

  /// The grid that the rectangle lies on, in pixels: that of the labels for a segmentation, else that of the file.
  public let height: Int
  public let width: Int
  /// Nil: nothing is trusted.
  public let rectangle: Rectangle?
  /// Why nothing is trusted; empty where something is.
  public let reasons: [Reason]

  package init(height: Int, width: Int, rows: Range<Int>, columns: Range<Int>, reasons: [Reason]) {
    self.height = height
    self.width = width
    if rows.isEmpty || columns.isEmpty {
      rectangle = nil
      self.reasons = reasons
    } else {
      rectangle = Rectangle(
        top: rows.lowerBound, left: columns.lowerBound, bottom: rows.upperBound, right: columns.upperBound)
      self.reasons = []
    }
  }

  /// 255 inside, 0 outside, `height` × `width` in raster order.
  public var mask: [UInt8] {
    var mask = [UInt8](repeating: 0, count: height * width)
    guard let rectangle else { return mask }
    for y in rectangle.top..<rectangle.bottom {
      for x in rectangle.left..<rectangle.right { mask[y * width + x] = 255 }
    }
    return mask
  }

  /// `trusted 21×29 from (8, 8)`, row and column; `nothing trusted`
  package var phrase: String {
    rectangle.map { "trusted \($0.height)×\($0.width) from (\($0.top), \($0.left))" } ?? "nothing trusted"
  }

  /// `nothing is trusted: ReduceMean_139 reduces over the whole axis (and 2 more reasons)`; nil where something is.
  package var note: String? {
    guard rectangle == nil else { return nil }
    let rest = reasons.count - 1
    return "nothing is trusted" + (reasons.first.map { ": \($0.text)" } ?? "")
      + (rest > 0 ? " (and \(rest) more \(rest == 1 ? "reason" : "reasons"))" : "")
  }

  /// `{"height", "width", "rectangle": {"top", "left", "bottom", "right"} or null, "reasons": [{"node", "reason"}]}`;
  /// `bottom` and `right` are the first row and column outside.
  package var json: JSONValue {
    let corners = rectangle.map { box -> JSONValue in
      [
        "top": .integer(box.top), "left": .integer(box.left), "bottom": .integer(box.bottom),
        "right": .integer(box.right),
      ]
    }
    return [
      "height": .integer(height), "width": .integer(width), "rectangle": corners ?? .null,
      "reasons": .array(
        reasons.map { ["node": $0.node.map(JSONValue.string) ?? .null, "reason": .string($0.reason)] }),
    ]
  }
}
