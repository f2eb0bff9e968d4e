import Glibc

/// The share of outputs that no border reaches, by image size.
struct CleanShareFigure: PlotFigure {
  private let output: GeometryReport.Output
  private let axes: [Axis]

  private struct Axis {
    let name: String
    let size: Double
    let outputs: Double
    let depth: Double
    let stride: Double

    /// Of an image of `size` along this axis.
    func share(_ size: Double) -> Double {
      let outputs = self.outputs + (size - self.size) / stride
      return outputs > 0 ? min(1, max(0, 1 - depth / outputs)) : 0
    }
  }

  init?(_ output: GeometryReport.Output, _ sizes: [GeometryReport.Sizes]) {
    var axes: [Axis] = []
    for axis in output.axes {
      let contamination = axis.contamination
      guard !contamination.isTotal, let stride = axis.stride, contamination.outputs > 0 else { return nil }
      if let rule = sizes.first(where: { $0.axis == axis.name })?.runs, rule.step == 0 { return nil }
      axes.append(
        Axis(
          name: axis.name, size: Double(contamination.size), outputs: Double(contamination.outputs),
          depth: Double(max(0, contamination.low)) + Double(max(0, contamination.high)), stride: stride))
    }
    guard axes.contains(where: { $0.depth > 0 }) else { return nil }
    self.output = output
    self.axes = axes
  }

  private func share(_ size: Double) -> Double { axes.reduce(1) { $0 * $1.share(size) } }

  /// Powers of two between which the share goes from little to most.
  private var exponents: ClosedRange<Int> {
    let reach = axes.map { $0.depth * $0.stride }.max() ?? 1
    let low = min(30, max(3, Int(log2(max(1, reach)).rounded(.down)) - 1))
    return low...min(40, low + 7)
  }

  /// The smallest image, in samples, with at least this share.
  private func size(with wanted: Double) -> Double? {
    var low = 1.0
    var high = 1e9
    guard share(high) >= wanted else { return nil }
    for _ in 0..<60 {
      let middle = (low * high).squareRoot()
      if share(middle) >= wanted { high = middle } else { low = middle }
    }
    return high.rounded(.up)
  }

  var title: String { "Clean outputs by image size, output \(HTMLText.name(output.name))" }
  var label: String { "Share of clean outputs against the side of a square image, from 0 to nearly 100 percent." }

  var explanation: String {
    "Share of outputs that no border reaches, for images of equal sides. Borders are a frame of constant width: large "
      + "images lose proportionally less. Exact for sizes of the same class as this one (equal modulo <i>P</i>)."
  }

  var finding: String {
    let known = [0.5, 0.9].compactMap { share in
      size(with: share).map { "\(NumberText.percent(share)) from \(NumberText.whole($0)) samples" }
    }
    return known.isEmpty ? "" : HTMLText.list(known) + "."
  }

  var formula: String {
    let total = axes.map { NumberText.whole($0.depth) }
    let power = axes.count > 1 ? "<sup>\(axes.count)</sup>" : ""
    return Set(total).count == 1
      ? "(1 − (<i>a</i>+<i>b</i>)/<i>M</i>)\(power), <i>a</i>+<i>b</i> = \(total[0])"
      : "Π (1 − (<i>a</i>+<i>b</i>)/<i>M</i>), <i>a</i>+<i>b</i> = \(total.joined(separator: ", "))"
  }

  func drawings(width: Double) -> [Drawing] { [drawing(width: width)] }

  private func drawing(width: Double) -> Drawing {
    var plot = Plot(width: width, height: 240, left: 50, top: 28, right: 26, bottom: 40)
    let exponents = exponents
    let x = LinearScale(Double(exponents.lowerBound), Double(exponents.upperBound), to: plot.left, plot.right)
    let y = LinearScale(0, 1, to: plot.bottom, plot.top)
    let ticks = [0, 0.25, 0.5, 0.75, 1].map { (text: NumberText.percent($0), y: y($0)) }
    plot.verticalAxis(ticks, title: "clean outputs")
    plot.drawing.line(plot.left, plot.bottom, plot.right, plot.bottom, "axis")
    for exponent in exponents {
      let place = x(Double(exponent))
      plot.drawing.line(place, plot.bottom, place, plot.bottom + 4, "axis")
      plot.drawing.text(NumberText.integer(1 << exponent), place, plot.bottom + 16, .middle)
    }
    plot.drawing.text("image side (samples)", (plot.left + plot.right) / 2, plot.bottom + 33, .middle, "title")
    let count = 160
    let span = Double(exponents.upperBound - exponents.lowerBound)
    let curve = (0...count).map { index -> Point in
      let exponent = Double(exponents.lowerBound) + span * Double(index) / Double(count)
      return Point(x: x(exponent), y: y(share(pow(2, exponent))))
    }
    plot.drawing.path(curve, "s1 curve")
    marks(&plot, x, y)
    return plot.drawing
  }

  private func marks(_ plot: inout Plot, _ x: LinearScale, _ y: LinearScale) {
    for exponent in Int(x.low)...Int(x.high) {
      let value = share(pow(2, Double(exponent)))
      guard value > 0 else { continue }
      let place = Point(x: x(Double(exponent)), y: y(value))
      plot.drawing.circle(place.x, place.y, 3.5, "f1")
      let percent = NumberText.fixed(value * 100, value > 0.99 ? 1 : 0) + "\u{202F}%"
      // Right of the rising part, below the flat one.
      let isFlat = value > 0.7
      plot.drawing.text(
        percent, place.x + (isFlat ? 0 : 8), place.y + (isFlat ? 18 : 5), isFlat ? .middle : .start, "v")
    }
  }
}
