/// A drawing with a plotting area and axes around it.
struct Plot {
  var drawing: Drawing
  let left: Double
  let top: Double
  let right: Double
  let bottom: Double

  init(width: Double, height: Double, left: Double = 44, top: Double = 24, right: Double = 12, bottom: Double = 38) {
    drawing = Drawing(width: width, height: height)
    self.left = left
    self.top = top
    self.right = width - right
    self.bottom = height - bottom
  }

  var areaWidth: Double { right - left }

  /// Ticks and their numbers below the area, a title below them.
  mutating func horizontalAxis(
    _ scale: LinearScale, title: String, ticks: [Double]? = nil, grid: Bool = true, at y: Double? = nil
  ) {
    let y = y ?? bottom
    drawing.line(left, y, right, y, "axis")
    for tick in ticks ?? scale.ticks(max(3, Int(areaWidth / 70))) {
      let x = scale(tick)
      if grid { drawing.line(x, top, x, y, "grid") }
      drawing.line(x, y, x, y + 4, "axis")
      drawing.text(NumberText.whole(tick), x, y + 16, .middle)
    }
    drawing.text(title, (left + right) / 2, y + 33, .middle, "title")
  }

  /// Grid lines with numbers at the left, the title above.
  mutating func verticalAxis(_ ticks: [(text: String, y: Double)], title: String, top titleTop: Double? = nil) {
    for tick in ticks {
      drawing.line(left, tick.y, right, tick.y, "grid")
      drawing.text(tick.text, left - 6, tick.y + 4, .end)
    }
    drawing.text(title, 2, (titleTop ?? top) - 10, .start, "title")
  }

  /// The axis of errors: zero has a band of its own.
  mutating func errorAxis(_ scale: ErrorScale, title: String) {
    verticalAxis(scale.ticks, title: title)
    for y in [scale.bottom + 7, scale.bottom + 11] { drawing.line(left - 5, y + 2, left + 5, y - 2, "axis") }
  }

  /// A row of coloured marks with names, in lines if need be. Returns the y below it.
  @discardableResult
  mutating func legend(_ entries: [(style: String, text: String)], x start: Double, y: Double) -> Double {
    var x = start
    var y = y
    for entry in entries {
      let width = Drawing.width(of: entry.text) + 26
      if x + width > drawing.width, x > start {
        x = start
        y += 17
      }
      drawing.rectangle(x, y - 9, 12, 10, entry.style)
      drawing.text(entry.text, x + 17, y, .start, "t")
      x += width
    }
    return y
  }
}
