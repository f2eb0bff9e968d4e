struct Point {
  var x: Double
  var y: Double
}

/// A drawing in CSS pixels, y downwards, written as inline SVG. Looks are classes of the page's style sheet.
struct Drawing {
  enum Anchor: String { case start, middle, end }

  let width: Double
  let height: Double
  private var body = ""

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  private func c(_ value: Double) -> String { NumberText.coordinate(value) }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
    body += "<line x1=\"\(c(x1))\" y1=\"\(c(y1))\" x2=\"\(c(x2))\" y2=\"\(c(y2))\" class=\"\(style)\"/>\n"
  }

  /// `hint` is shown when the mouse rests on it.
  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, hint: String? = nil
  ) {
    guard width > 0, height > 0 else { return }
    let start = "<rect x=\"\(c(x))\" y=\"\(c(y))\" width=\"\(c(width))\" height=\"\(c(height))\" class=\"\(style)\""
    close(start, "rect", hint)
  }

  mutating func circle(_ x: Double, _ y: Double, _ radius: Double, _ style: String, hint: String? = nil) {
    close("<circle cx=\"\(c(x))\" cy=\"\(c(y))\" r=\"\(c(radius))\" class=\"\(style)\"", "circle", hint)
  }

  mutating func path(_ points: [Point], _ style: String, isClosed: Bool = false) {
    guard let first = points.first else { return }
    var commands = "M\(c(first.x)) \(c(first.y))"
    for point in points.dropFirst() { commands += "L\(c(point.x)) \(c(point.y))" }
    body += "<path d=\"\(commands)\(isClosed ? "Z" : "")\" class=\"\(style)\"/>\n"
  }

  /// What lies between two rectangles, given as x, y, width, height.
  mutating func frame(outer: [Double], inner: [Double], _ style: String) {
    func ring(_ r: [Double]) -> String { "M\(c(r[0])) \(c(r[1]))h\(c(r[2]))v\(c(r[3]))h\(c(-r[2]))Z" }
    let hole = inner[2] > 0 && inner[3] > 0 ? ring(inner) : ""
    body += "<path d=\"\(ring(outer))\(hole)\" fill-rule=\"evenodd\" class=\"\(style)\"/>\n"
  }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, _ style: String = "t"
  ) {
    let place = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
    body += "<text x=\"\(c(x))\" y=\"\(c(y))\"\(place) class=\"\(style)\">\(HTMLText.escaped(text))</text>\n"
  }

  /// An image in the stock of the page, `across` × `down` pixels, stretched over the rectangle.
  mutating func stock(
    _ name: String, across: Double, down: Double, _ x: Double, _ y: Double, _ width: Double, _ height: Double
  ) {
    guard across > 0, down > 0 else { return }
    let scales = "\(scale(width / across)) \(scale(height / down))"
    body += "<use href=\"#\(name)\" transform=\"translate(\(c(x)) \(c(y))) scale(\(scales))\"/>\n"
  }

  /// In millionths.
  private func scale(_ value: Double) -> String { NumberText.fixed(value, 6) }

  /// A data URI, stretched over the rectangle.
  mutating func image(_ reference: String, _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String)
  {
    body +=
      "<image href=\"\(reference)\" x=\"\(c(x))\" y=\"\(c(y))\" width=\"\(c(width))\" height=\"\(c(height))\""
      + " preserveAspectRatio=\"none\" class=\"\(style)\"/>\n"
  }

  /// Lays another drawing over this one.
  mutating func append(_ other: Drawing) { body += other.body }

  private mutating func close(_ start: String, _ tag: String, _ hint: String?) {
    body += hint.map { "\(start)><title>\(HTMLText.escaped($0))</title></\(tag)>\n" } ?? "\(start)/>\n"
  }

  /// A generous guess of the width of a text of the given size.
  static func width(of text: String, size: Double = 11.5) -> Double {
    Double(text.unicodeScalars.count) * size * 0.56
  }

  func svg(label: String, style: String) -> String {
    "<svg role=\"img\" aria-label=\"\(HTMLText.escaped(label))\" class=\"\(style)\""
      + " viewBox=\"0 0 \(c(width)) \(c(height))\""
      + " style=\"max-width:\(c(width * 1.18))px\">\n\(body)</svg>\n"
  }
}
