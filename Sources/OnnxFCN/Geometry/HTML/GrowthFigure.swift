import Glibc

/// How receptive field and lattice grow from node to node.
struct GrowthFigure: PlotFigure {
  let group: AxisGroup
  private let steps: [GeometryReport.GrowthStep]
  private let marks: [Mark]

  private struct Mark {
    var index: Int
    var change: GeometryReport.Breaker
    var isBreaker: Bool
  }

  init?(_ group: AxisGroup) {
    steps = group.axis.growth
    guard steps.count > 1 else { return nil }
    self.group = group
    var places: [String: Int] = [:]
    for (index, step) in steps.enumerated() where places[step.node] == nil { places[step.node] = index }
    func marks(_ changes: [GeometryReport.Breaker], _ isBreaker: Bool) -> [Mark] {
      changes.compactMap { change in
        places[change.node].map { Mark(index: $0, change: change, isBreaker: isBreaker) }
      }
    }
    self.marks = (marks(group.axis.breakers, true) + marks(group.axis.relievers, false)).sorted { $0.index < $1.index }
  }

  /// What distinguishes one figure from another: heads that share a trunk look alike.
  struct Key: Hashable {
    var changes: [[GeometryReport.Breaker]]
    var period: GeometryReport.Period
    var widths: [Int]
  }

  static func key(_ axis: GeometryReport.Axis) -> Key? {
    guard let last = axis.growth.last else { return nil }
    return Key(
      changes: [axis.breakers, axis.relievers], period: last.period, widths: [last.minimum, last.maximum])
  }

  var title: String { "Growth along the graph, \(group.place)" }

  var label: String {
    "Receptive field and period behind each of \(steps.count) nodes along \(group.plainPlace); "
      + "the period changes at \(marks.count) of them."
  }

  var explanation: String {
    "Behind each node, in graph order: above, the number of input samples seen (a band where it depends on the "
      + "phase); below, on a logarithmic scale, the period <i>P</i> (solid) and the distance <i>P</i>/<i>Q</i> between "
      + "neighbouring samples of that tensor, in input samples (dashed)."
  }

  var finding: String {
    guard marks.contains(where: \.isBreaker) else {
      return "The period never grows: no node breaks equivariance to shifts."
    }
    let period = NumberText.integer(steps.map(\.period.input).max() ?? 1)
    return
      "Every numbered node subsamples and multiplies the period, up to \(period): it is there that equivariance to "
      + "single shifts is lost. Later upsampling brings the grid back, not the shifts."
  }

  var formula: String { "shift by <i>P</i> input samples ⇔ shift by <i>Q</i> output samples" }

  var details: String {
    guard !marks.isEmpty else { return "" }
    let rows = marks.prefix(60).enumerated().map { number, mark in
      let step = steps[mark.index]
      let field =
        step.minimum == step.maximum ? "\(step.maximum)" : "\(step.minimum)–\(step.maximum)"
      return [
        "\(number + 1)", HTMLText.name(mark.change.node), HTMLText.escaped(HTMLText.shortened(step.operatorName, 40)),
        "\(mark.change.from) → \(mark.change.to)\(mark.isBreaker ? "" : " (restored)")", field,
      ]
    }
    let table = HTMLText.table(["No.", "Node", "Operator", "Period", "Receptive field"], rows, numeric: [0, 3, 4])
    return marks.count > 60 ? table + "<p class=\"soft\">and \(marks.count - 60) more</p>\n" : table
  }

  func drawings(width: Double) -> [Drawing] { [drawing(width: width)] }

  private func drawing(width: Double) -> Drawing {
    let gap = 34.0
    var plot = Plot(width: width, height: 360, left: 44, top: 46, right: 10, bottom: 40)
    let middle = plot.top + (plot.bottom - plot.top - gap) * 0.55
    let x = LinearScale(0, Double(steps.count - 1), to: plot.left + 4, plot.right - 4)
    let y = LinearScale(0, Double(steps.map(\.maximum).max() ?? 1), to: middle, plot.top)
    plot.verticalAxis(
      y.ticks(5).map { (NumberText.whole($0), y($0)) }, title: "receptive field (input samples)", top: 23)
    fieldBand(&plot, x, y)
    periods(&plot, x, top: middle + gap)
    let count = steps.count
    plot.horizontalAxis(
      LinearScale(1, Double(count), to: x.start, x.end), title: "node, in graph order", grid: false)
    return numbered(plot, x).drawing
  }

  private func fieldBand(_ plot: inout Plot, _ x: LinearScale, _ y: LinearScale) {
    let high = steps.indices.map { Point(x: x(Double($0)), y: y(Double(steps[$0].maximum))) }
    let low = steps.indices.map { Point(x: x(Double($0)), y: y(Double(steps[$0].minimum))) }
    plot.drawing.path(high + low.reversed(), "f1 pale", isClosed: true)
    plot.drawing.path(high, "s1 curve")
    plot.drawing.path(low, "s1 curve")
  }

  private func periods(_ plot: inout Plot, _ x: LinearScale, top: Double) {
    func logarithm(_ value: Double) -> Double { value > 0 && value.isFinite ? log2(value) : 0 }
    let solid = steps.map { logarithm(Double($0.period.input)) }
    let dashed = steps.map { logarithm(Double($0.period.input) / Double(max(1, $0.period.output))) }
    let low = min(0, (dashed.min() ?? 0).rounded(.down))
    let high = max(low + 1, (solid + dashed).max()?.rounded(.up) ?? 1)
    let y = LinearScale(low, high, to: plot.bottom - 4, top)
    let ticks = y.ticks(5).map { tick in
      (
        text: tick >= 0 ? NumberText.whole(pow(2, min(60, tick))) : "1/\(Int(pow(2, min(60, -tick))))",
        y: y(tick)
      )
    }
    plot.verticalAxis(ticks, title: "period P (solid), sample distance P/Q (dashed)", top: top)
    func stairs(_ values: [Double]) -> [Point] {
      values.indices.flatMap { index -> [Point] in
        let here = Point(x: x(Double(index)), y: y(values[index]))
        return index == 0 ? [here] : [Point(x: here.x, y: y(values[index - 1])), here]
      }
    }
    plot.drawing.path(stairs(dashed), "s2 curve dashed")
    plot.drawing.path(stairs(solid), "s3 curve")
  }

  /// The numbers of the changes above the plot, in two rows where they are close.
  private func numbered(_ plot: Plot, _ x: LinearScale) -> Plot {
    var plot = plot
    var ends = [-Double.infinity, -Double.infinity]
    for (number, mark) in marks.prefix(60).enumerated() {
      let place = x(Double(mark.index))
      plot.drawing.line(place, plot.top, place, plot.bottom, mark.isBreaker ? "mark" : "mark pale")
      let width = Drawing.width(of: "\(number + 1)") + 5
      guard let row = ends.firstIndex(where: { $0 <= place - width / 2 }) else { continue }
      ends[row] = place + width / 2
      plot.drawing.text("\(number + 1)", place, plot.top - 4 - Double(row) * 13, .middle, "v")
    }
    return plot
  }
}
