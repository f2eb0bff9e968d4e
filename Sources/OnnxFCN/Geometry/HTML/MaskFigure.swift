/// The contaminated frame of an output, to scale, on the image if there is one.
struct MaskFigure: PlotFigure {
  /// A picture in the stock of the page.
  struct Backdrop {
    var name: String
    var height: Int
    var width: Int
  }

  private let output: GeometryReport.Output
  private let vertical: Side
  private let horizontal: Side
  private let others: [GeometryReport.Axis]
  private let backdrop: Backdrop?

  /// One axis: the image and the place of the output on it, in input samples.
  private struct Side {
    let axis: GeometryReport.Axis
    /// The image.
    let size: Double
    /// The output: number of samples, input samples per sample, and the input position of its first edge.
    let outputs: Double
    let stride: Double
    let offset: Double

    init?(_ axis: GeometryReport.Axis, size: Int?) {
      self.axis = axis
      let contamination = axis.contamination
      let stride = axis.stride ?? (Double(contamination.size) / Double(max(1, contamination.outputs)))
      let change = size.map { Double($0) - Double(contamination.size) } ?? 0
      self.size = Double(contamination.size) + change
      outputs = (Double(contamination.outputs) + change / stride).rounded()
      self.stride = stride
      guard self.size > 0, outputs > 0, stride > 0, stride.isFinite, self.size < 1e9, outputs < 1e9 else { return nil }
      // Outputs of another extent than the image, as of valid convolutions, stand at the middle of what they see.
      let phases = axis.receptiveField?.phases.compactMap { $0 } ?? []
      let middles = phases.reduce(0.0) { $0 + (Double($1.lowerBound) + Double($1.upperBound)) / 2 }
      let isSame = abs(outputs * stride - self.size) < max(stride, 0.01 * self.size)
      offset = isSame || phases.isEmpty ? 0 : middles / Double(phases.count) - (stride - 1) / 2
    }

    /// Depths of a cause, or of all, in outputs.
    func depth(_ cause: String?) -> (low: Double, high: Double) {
      let contamination = axis.contamination
      guard !contamination.isTotal else { return (outputs, outputs) }
      let share = contamination.causes.first { $0.cause == cause }
      guard cause == nil || share != nil else { return (0, 0) }
      let low = share?.low ?? contamination.low
      let high = share?.high ?? contamination.high
      return (min(outputs, Double(max(0, low))), min(outputs, Double(max(0, high))))
    }

    /// From and to, in input samples, of the outputs that the cause leaves alone; empty: to ≤ from.
    func clean(_ cause: String?) -> (from: Double, to: Double) {
      let depth = depth(cause)
      return (offset + depth.low * stride, offset + (outputs - depth.high) * stride)
    }
  }

  init?(_ output: GeometryReport.Output, _ backdrop: Backdrop?) {
    guard output.axes.count >= 2 else { return nil }
    let last = output.axes[output.axes.count - 1]
    let beforeLast = output.axes[output.axes.count - 2]
    guard let vertical = Side(beforeLast, size: backdrop?.height), let horizontal = Side(last, size: backdrop?.width)
    else { return nil }
    guard [beforeLast, last].contains(where: { $0.contamination.low > 0 || $0.contamination.high > 0 }) else {
      return nil
    }
    guard !beforeLast.contamination.isTotal || !last.contamination.isTotal else { return nil }
    self.output = output
    self.vertical = vertical
    self.horizontal = horizontal
    others = Array(output.axes.dropLast(2))
    self.backdrop = backdrop
  }

  private var causes: [String] {
    var result: [String] = []
    for side in [vertical, horizontal] {
      for share in side.axis.contamination.causes where !result.contains(share.cause) { result.append(share.cause) }
    }
    return result
  }

  private var cleanCounts: (height: Int, width: Int) {
    func count(_ side: Side) -> Int {
      let depth = side.depth(nil)
      return Int(max(0, side.outputs - depth.low - depth.high))
    }
    return (count(vertical), count(horizontal))
  }

  private var share: Double {
    Double(cleanCounts.height) / vertical.outputs * (Double(cleanCounts.width) / horizontal.outputs)
  }

  var isSquare: Bool { true }

  var title: String { "Where borders reach, output \(HTMLText.name(output.name))" }

  var label: String {
    let vertical = vertical.depth(nil)
    let horizontal = horizontal.depth(nil)
    return "Frame of contaminated outputs: top \(Int(vertical.low)), bottom \(Int(vertical.high)), "
      + "left \(Int(horizontal.low)), right \(Int(horizontal.high)); "
      + "\(NumberText.percent(share)) of the outputs are clean."
  }

  var explanation: String {
    "Coloured outputs depend on what the network assumes beyond the image and would differ if the image went on; the "
      + "others would not. The set is the same for zeros, repeated edges and reflections."
  }

  var finding: String {
    let outputs = [vertical, horizontal].map { NumberText.whole($0.outputs) }.joined(separator: " × ")
    let image = [vertical, horizontal].map { NumberText.whole($0.size) }.joined(separator: " × ")
    var text = "To scale: the \(outputs) outputs for an image of \(image) samples"
    if vertical.axis.contamination.isTotal || horizontal.axis.contamination.isTotal {
      text += "; every one depends on what lies beyond a border."
    } else {
      text += ", \(NumberText.percent(share)) of them clean."
    }
    if horizontal.outputs * horizontal.stride < horizontal.size - horizontal.stride {
      text += " The output is smaller than the image (dashed) because convolutions without padding give up its rim."
    }
    for axis in others {
      text += " Along \(HTMLText.escaped(axis.name)): \(axis.contamination.low) and \(axis.contamination.high) samples "
      text += "of \(axis.contamination.outputs)."
    }
    return text
  }

  var formula: String { "output <i>o</i> is clean ⇔ <i>a</i> ≤ <i>o</i> &lt; <i>M</i> − <i>b</i>" }

  var details: String {
    guard !causes.isEmpty else { return "" }
    let rows = causes.map { cause in
      let vertical = vertical.depth(cause)
      let horizontal = horizontal.depth(cause)
      let numbers = [vertical.low, vertical.high, horizontal.low, horizontal.high].map { NumberText.whole($0) }
      return ["<span class=\"key k\(BorderCause.color(cause))\"></span>\(BorderCause.text(cause))"] + numbers
    }
    return HTMLText.table(["Cause alone", "top", "bottom", "left", "right"], rows, numeric: [1, 2, 3, 4])
  }

  func drawings(width: Double) -> [Drawing] { [drawing(width: width)] }

  private func drawing(width: Double) -> Drawing {
    let left = 8.0
    let top = 8.0
    let side = 280.0
    // The image and the output, in input samples.
    let x0 = min(0, horizontal.offset)
    let y0 = min(0, vertical.offset)
    let x1 = max(horizontal.size, horizontal.offset + horizontal.outputs * horizontal.stride)
    let y1 = max(vertical.size, vertical.offset + vertical.outputs * vertical.stride)
    let scale = side / max(x1 - x0, y1 - y0)
    func x(_ value: Double) -> Double { left + (value - x0) * scale }
    func y(_ value: Double) -> Double { top + (value - y0) * scale }
    var drawing = Drawing(width: 350, height: y(y1) + 42)
    if let backdrop {
      drawing.stock(
        backdrop.name, across: Double(backdrop.width), down: Double(backdrop.height), x(0), y(0),
        horizontal.size * scale, vertical.size * scale)
    }
    let outer = [
      x(horizontal.offset), y(vertical.offset), horizontal.outputs * horizontal.stride * scale,
      vertical.outputs * vertical.stride * scale,
    ]
    func inner(_ cause: String?) -> [Double] {
      let across = horizontal.clean(cause)
      let down = vertical.clean(cause)
      return [x(across.from), y(down.from), (across.to - across.from) * scale, (down.to - down.from) * scale]
    }
    let veil = backdrop == nil ? "" : " veil"
    for cause in causes {
      drawing.frame(outer: outer, inner: inner(cause), "f\(BorderCause.color(cause)) layer\(veil)")
    }
    if causes.isEmpty { drawing.frame(outer: outer, inner: inner(nil), "f1 layer\(veil)") }
    drawing.rectangle(outer[0], outer[1], outer[2], outer[3], "outline")
    drawing.rectangle(x(0), y(0), horizontal.size * scale, vertical.size * scale, "image")
    labels(&drawing, outer: outer, inner: inner(nil))
    return drawing
  }

  private func labels(_ drawing: inout Drawing, outer: [Double], inner: [Double]) {
    let middle = Point(x: outer[0] + outer[2] / 2, y: outer[1] + outer[3] / 2)
    let plate = backdrop == nil ? "v" : "v plate"
    if inner[2] > 0, inner[3] > 0 {
      drawing.rectangle(inner[0], inner[1], inner[2], inner[3], backdrop == nil ? "clean" : "clean bare")
      if inner[2] > 60, inner[3] > 36 {
        let x = inner[0] + inner[2] / 2
        let y = inner[1] + inner[3] / 2
        drawing.text("clean", x, y - 3, .middle, plate)
        drawing.text(NumberText.percent(share), x, y + 12, .middle, plate)
      }
    } else {
      drawing.text("no clean output", middle.x, middle.y + 4, .middle, "v plate")
    }
    dimensions(&drawing, horizontal, from: outer[0], length: outer[2], at: outer[1] + outer[3] + 12, isVertical: false)
    dimensions(&drawing, vertical, from: outer[1], length: outer[3], at: outer[0] + outer[2] + 12, isVertical: true)
  }

  /// A dimension line: depth, clean, depth.
  private func dimensions(
    _ drawing: inout Drawing, _ side: Side, from start: Double, length: Double, at place: Double, isVertical: Bool
  ) {
    let depth = side.depth(nil)
    let clean = side.outputs - depth.low - depth.high
    let scale = length / side.outputs
    let ends = clean > 0 ? [0, depth.low, side.outputs - depth.high, side.outputs] : [0, side.outputs]
    func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) {
      if isVertical { drawing.line(y1, x1, y2, x2, "axis") } else { drawing.line(x1, y1, x2, y2, "axis") }
    }
    line(start, place, start + length, place)
    for end in Set(ends).sorted() { line(start + end * scale, place - 4, start + end * scale, place + 4) }
    func text(_ value: Double, _ position: Double, _ anchor: Drawing.Anchor) {
      let text = NumberText.whole(value)
      if isVertical {
        let shift = anchor == .start ? 8.0 : anchor == .end ? 0 : 4
        drawing.text(text, place + 8, start + position * scale + shift, .start, "v")
      } else {
        drawing.text(text, start + position * scale, place + 18, anchor, "v")
      }
    }
    guard clean > 0 else { return text(side.outputs, side.outputs / 2, .middle) }
    if depth.low > 0 { text(depth.low, 0, .start) }
    if depth.high > 0 { text(depth.high, side.outputs, .end) }
    let room = clean * scale - (isVertical ? 0 : 24)
    if room > 34 || depth.low + depth.high == 0 { text(clean, (side.outputs - depth.high + depth.low) / 2, .middle) }
  }
}

/// What the network finds beyond a border.
enum BorderCause {
  private static let order = ["zero", "ignored", "edge", "reflect", "constant", "wrap"]

  /// Number of its colour.
  static func color(_ cause: String) -> Int { (order.firstIndex(of: cause) ?? order.count - 1) + 1 }

  static func text(_ cause: String) -> String {
    switch cause {
    case "zero": "zeros"
    case "ignored": "nothing (left out of a maximum or mean)"
    case "edge": "the edge repeated"
    case "reflect": "the image reflected"
    case "constant": "a constant"
    case "wrap": "the opposite side"
    default: HTMLText.escaped(cause)
    }
  }
}
