/// How deep the border of each node reaches into the output on its own.
struct BorderNodesFigure: PlotFigure {
  let group: AxisGroup
  private let nodes: [GeometryReport.Contamination.Share]
  /// Above this many nodes names are in the table only.
  private static let namedNodes = 28
  private static let listedNodes = 400

  init?(_ group: AxisGroup) {
    nodes = group.axis.contamination.nodes
    guard !nodes.isEmpty else { return nil }
    self.group = group
  }

  private var deepest: Double { nodes.map { Double(max($0.low, $0.high)) }.max() ?? 1 }
  private var contamination: GeometryReport.Contamination { group.axis.contamination }

  var title: String { "Depth of each node’s border, \(group.place)" }

  var label: String {
    "Depth of the border of each of \(nodes.count) nodes at the output along \(group.plainPlace), "
      + "\(contamination.low) at the low and \(contamination.high) at the high side in all."
  }

  var explanation: String {
    "Outputs reached by the border of one node alone, if all others had none, at the low side "
      + "(\(isNamed ? "left" : "up")) and the high side (\(isNamed ? "right" : "down")) of the output. "
      + "Dashed: all together."
  }

  var finding: String {
    var text = "In all \(NumberText.integer(contamination.low)) and \(NumberText.integer(contamination.high)) outputs."
    if let first = nodes.first(where: { Double(max($0.low, $0.high)) == deepest }), nodes.count > 1 {
      text += " The border of \(HTMLText.name(first.node)) reaches deepest"
      text += first == nodes.first ? ": to change the padding of the last layers only does not help." : "."
    }
    return text
  }

  var formula: String { "<i>a</i> = 1 + the last output that reads beyond the low border" }

  private var isNamed: Bool { nodes.count <= Self.namedNodes }

  var details: String {
    guard !isNamed else { return "" }
    let rows = nodes.prefix(Self.listedNodes).map {
      [HTMLText.name($0.node), BorderCause.text($0.cause), "\($0.low)", "\($0.high)"]
    }
    let more = nodes.count > Self.listedNodes ? "<p class=\"soft\">and \(nodes.count - Self.listedNodes) more</p>" : ""
    return "<details><summary>All \(nodes.count) nodes</summary>"
      + HTMLText.table(["Node", "Beyond the border", "Low", "High"], rows, numeric: [2, 3]) + more + "</details>\n"
  }

  func drawings(width: Double) -> [Drawing] { [drawing(width: width)] }

  private func drawing(width: Double) -> Drawing {
    isNamed ? named(width: width) : columns(width: width)
  }

  private var legend: [(style: String, text: String)] {
    var causes: [String] = []
    for node in nodes where !causes.contains(node.cause) { causes.append(node.cause) }
    return causes.map { ("f\(BorderCause.color($0))", BorderCause.text($0)) }
  }

  private func named(width: Double) -> Drawing {
    let isWide = width > 500
    let row = isWide ? 19.0 : 30.0
    let names = isWide ? 190.0 : 0.0
    let top = 40.0
    var drawing = Drawing(width: width, height: top + Double(nodes.count) * row + 8)
    let right = width - 34
    let start = names + 34
    let middle = (start + right) / 2
    let scale = (right - start) / 2 / max(1, deepest, Double(contamination.low), Double(contamination.high))
    var plot = Plot(width: width, height: 10)
    plot.legend(legend, x: 2, y: 13)
    drawing.text("low side", middle - 6, 32, .end, "title")
    drawing.text("high side", middle + 6, 32, .start, "title")
    drawing.append(plot.drawing)
    let bottom = top + Double(nodes.count) * row
    for (depth, sign) in [(contamination.low, -1.0), (contamination.high, 1.0)] where depth > 0 {
      let x = middle + sign * min(Double(depth) * scale, (right - start) / 2)
      drawing.line(x, top - 2, x, bottom, "derived")
    }
    for (index, node) in nodes.enumerated() {
      let y = top + Double(index) * row
      let bar = isWide ? y + 3 : y + 14
      let limit = isWide ? 29 : 54
      drawing.text(
        HTMLText.shortened(node.node, limit), isWide ? names : 2, isWide ? y + 14 : y + 11, isWide ? .end : .start,
        "name")
      let style = "f\(BorderCause.color(node.cause))"
      let low = Double(max(0, node.low)) * scale
      let high = Double(max(0, node.high)) * scale
      drawing.rectangle(middle - low, bar, low, 12, style)
      drawing.rectangle(middle, bar, high, 12, style)
      drawing.text("\(node.low)", middle - low - 4, bar + 10, .end, "v")
      drawing.text("\(node.high)", middle + high + 4, bar + 10, .start, "v")
    }
    drawing.line(middle, top - 2, middle, bottom, "axis")
    return drawing
  }

  private func columns(width: Double) -> Drawing {
    var plot = Plot(width: width, height: 300, left: 46, top: 46, right: 10, bottom: 40)
    let most = max(deepest, Double(contamination.low), Double(contamination.high))
    let y = LinearScale(-most, most, to: plot.bottom, plot.top)
    let ticks = y.ticks(6).map { (text: NumberText.whole(abs($0)), y: y($0)) }
    plot.verticalAxis(ticks, title: "outputs reached: low side up, high side down", top: 42)
    let x = LinearScale(0.5, Double(nodes.count) + 0.5, to: plot.left, plot.right)
    let bar = max(0.6, plot.areaWidth / Double(nodes.count) * 0.8)
    for (index, node) in nodes.enumerated() {
      let place = x(Double(index + 1)) - bar / 2
      let style = "f\(BorderCause.color(node.cause))"
      let hint = "\(HTMLText.shortened(node.node, 80)): \(node.low) low, \(node.high) high"
      plot.drawing.rectangle(place, y(Double(node.low)), bar, y(0) - y(Double(node.low)), style, hint: hint)
      plot.drawing.rectangle(place, y(0), bar, y(-Double(node.high)) - y(0), style, hint: hint)
    }
    for depth in [Double(contamination.low), -Double(contamination.high)] where depth != 0 {
      plot.drawing.line(plot.left, y(depth), plot.right, y(depth), "derived")
    }
    plot.drawing.line(plot.left, y(0), plot.right, y(0), "axis")
    plot.legend(legend, x: 2, y: 13)
    plot.horizontalAxis(x, title: "node with a border, in graph order", grid: false)
    return plot.drawing
  }
}
