/// The receptive field: one bar per phase of the output, from its first to its last input sample.
struct FieldFigure: PlotFigure {
  let group: AxisGroup
  let field: GeometryReport.ReceptiveField
  /// Above this many phases only an envelope is legible.
  private static let shownPhases = 64

  init?(_ group: AxisGroup) {
    guard let field = group.axis.receptiveField, field.phases.contains(where: { $0 != nil }) else { return nil }
    self.group = group
    self.field = field
  }

  private var period: Int { max(1, group.axis.period?.output ?? field.phases.count) }
  private var step: Int { max(1, group.axis.period?.input ?? 1) }

  private func width(_ phase: ClosedRange<Int>) -> Double {
    Double(phase.upperBound) - Double(phase.lowerBound) + 1
  }

  private var widths: [Double] { Set(field.phases.compactMap { $0.map(width) }).sorted() }

  var title: String { "Receptive field along \(group.place)" }

  var label: String {
    "Receptive field along \(group.plainPlace): \(field.minimum) to \(field.maximum) input samples "
      + "over \(field.phases.count) phases."
  }

  var explanation: String {
    let o = "<i>o</i>"
    let ratio = period == 1 ? "\(o)·\(step)" : step == 1 ? "⌊\(o)/\(period)⌋" : "⌊\(o)·\(step)/\(period)⌋"
    let position = step == period ? o : ratio
    var text =
      "The input samples that can change output sample \(o), relative to the input sample \(position) that lies at "
    text += "it (position 0, dashed)."
    if field.phases.count > Self.shownPhases {
      text +=
        " With so many phases the bars are drawn in bands: dark what every phase of a band sees, light what some see."
    }
    return text
  }

  var finding: String {
    let samples =
      field.minimum == field.maximum
      ? NumberText.integer(field.maximum)
      : "\(NumberText.integer(field.minimum)) to \(NumberText.integer(field.maximum))"
    var text = "Every output sees \(samples) samples."
    if field.phases.count > 1 {
      let what = field.minimum == field.maximum ? "place" : "extent"
      text =
        "The network does not treat all outputs alike: the \(what) depends on the phase <i>o</i> mod \(period). "
        + "Outputs see \(samples) samples."
    }
    if field.phases.contains(where: { $0 == nil }) { text += " Phases without a bar depend on no input at all." }
    return text
  }

  var formula: String {
    "<i>I</i>(<i>o</i>) = ⌊<i>oP</i>/<i>Q</i>⌋ + [lo, hi](<i>o</i> mod <i>Q</i>), "
      + "<i>P</i> = \(NumberText.integer(step)), <i>Q</i> = \(NumberText.integer(period))"
  }

  func drawings(width: Double) -> [Drawing] { [drawing(width: width)] }

  private func drawing(width: Double) -> Drawing {
    let count = field.phases.count
    let isEnvelope = count > Self.shownPhases
    let rows = isEnvelope ? 64 : count
    let rowHeight = isEnvelope ? 4.5 : min(20, max(6.5, 300 / Double(rows)))
    let tops = 26.0
    let legendHeight = widths.count > 1 && widths.count <= 4 && !isEnvelope ? 22.0 : 0
    let isLabelled = rowHeight >= 11 && !isEnvelope
    var plot = Plot(
      width: width, height: tops + Double(rows) * rowHeight + 44 + legendHeight, left: 34, top: tops,
      right: isLabelled ? 40 : 12, bottom: 44 + legendHeight)
    let lows = field.phases.compactMap { $0.map { Double($0.lowerBound) } }
    let highs = field.phases.compactMap { $0.map { Double($0.upperBound) } }
    let low = min(0, lows.min() ?? 0) - 0.5
    let high = max(0, highs.max() ?? 0) + 0.5
    let pad = (high - low) * 0.02
    let x = LinearScale(low - pad, high + pad, to: plot.left, plot.right)
    plot.horizontalAxis(x, title: "input samples relative to the output", at: plot.bottom + 2)
    phaseTicks(&plot, rowHeight: rowHeight * Double(rows) / Double(count))
    if isEnvelope { bands(&plot, x, rows, rowHeight) } else { bars(&plot, x, rowHeight, isLabelled) }
    plot.drawing.line(x(0), tops - 4, x(0), plot.bottom + 2, "zero")
    if legendHeight > 0 {
      let entries = widths.enumerated().map { ("f\($0 + 1)", "\(NumberText.whole($1)) samples") }
      plot.legend(entries, x: plot.left, y: plot.bottom + 56)
    }
    return plot.drawing
  }

  private func phaseTicks(_ plot: inout Plot, rowHeight: Double) {
    let title = period == 1 ? "all outputs" : "phase o mod \(period)"
    plot.drawing.text(title, 2, 13, .start, "title")
    guard field.phases.count > 1 else { return }
    var step = 1
    while Double(step) * rowHeight < 13, step < field.phases.count { step *= 2 }
    for phase in stride(from: 0, to: field.phases.count, by: step) {
      plot.drawing.text("\(phase)", plot.left - 6, plot.top + (Double(phase) + 0.5) * rowHeight + 4, .end)
    }
  }

  private func bars(_ plot: inout Plot, _ x: LinearScale, _ rowHeight: Double, _ isLabelled: Bool) {
    let widths = widths
    for (index, phase) in field.phases.enumerated() {
      guard let phase else { continue }
      let y = plot.top + Double(index) * rowHeight
      let start = x(Double(phase.lowerBound) - 0.5)
      let end = x(Double(phase.upperBound) + 0.5)
      let style = widths.count <= 4 ? (widths.firstIndex(of: width(phase)) ?? 0) + 1 : 1
      let samples = NumberText.whole(width(phase))
      let interval = "\(NumberText.integer(phase.lowerBound)) … \(NumberText.integer(phase.upperBound))"
      plot.drawing.rectangle(
        start, y + 0.12 * rowHeight, max(1, end - start), rowHeight * 0.76, "f\(style)",
        hint: "phase \(index): \(interval), \(samples) samples")
      if isLabelled { plot.drawing.text(samples, plot.right + 4, y + rowHeight / 2 + 4) }
    }
  }

  private func bands(_ plot: inout Plot, _ x: LinearScale, _ rows: Int, _ rowHeight: Double) {
    let count = field.phases.count
    for row in 0..<rows {
      let phases = field.phases[row * count / rows..<max(row * count / rows + 1, (row + 1) * count / rows)]
        .compactMap { $0 }
      guard let low = phases.map(\.lowerBound).min(), let high = phases.map(\.upperBound).max(),
        let innerLow = phases.map(\.lowerBound).max(), let innerHigh = phases.map(\.upperBound).min()
      else { continue }
      let y = plot.top + Double(row) * rowHeight
      func band(_ from: Int, _ to: Int, _ style: String) {
        let start = x(Double(from) - 0.5)
        plot.drawing.rectangle(start, y, x(Double(to) + 0.5) - start, rowHeight + 0.2, style)
      }
      band(low, high, "f1 pale")
      if innerLow <= innerHigh { band(innerLow, innerHigh, "f1") }
    }
  }
}
