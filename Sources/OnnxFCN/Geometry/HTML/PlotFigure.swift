/// A numbered figure: drawn once for a desk and once for a phone.
protocol PlotFigure {
  /// HTML; what the figure is.
  var title: String { get }
  /// HTML; how to read it. Said once for figures of a kind.
  var explanation: String { get }
  /// HTML; what this one shows.
  var finding: String { get }
  /// HTML; said once for figures of a kind.
  var formula: String { get }
  /// Plain text for readers who do not see it.
  var label: String { get }
  /// HTML below the drawing, such as a table.
  var details: String { get }
  /// Whether the drawings are as wide as a phone and stand side by side, with the details, where there is room.
  var isSquare: Bool { get }
  func drawings(width: Double) -> [Drawing]
}

extension PlotFigure {
  var details: String { "" }
  var isSquare: Bool { false }

  static var wide: Double { 680 }
  static var narrow: Double { 350 }

  /// - Parameter first: the number of the first figure of this kind, if it is not this one.
  func html(number: Int, first: Int?) -> String {
    var body: String
    if isSquare {
      body = drawings(width: Self.narrow).map { $0.svg(label: label, style: "plot") }.joined()
    } else {
      body = drawings(width: Self.wide).map { $0.svg(label: label, style: "plot wide") }.joined()
      body += drawings(width: Self.narrow).map { $0.svg(label: label, style: "plot narrow") }.joined()
    }
    body = "<div class=\"drawing\(isSquare ? " beside" : "")\">\n\(body)\(details)</div>\n"
    let head = "<p><b>Figure \(number).</b> <span class=\"figtitle\">\(title)</span></p>"
    let text = [first.map { "As figure \($0)." } ?? explanation, finding].filter { !$0.isEmpty }
    var caption = head + "<p>" + text.joined(separator: " ") + "</p>"
    if first == nil { caption += "<p class=\"formula\">\(formula)</p>" }
    return "<figure>\n\(body)<figcaption>\(caption)</figcaption>\n</figure>\n"
  }
}
