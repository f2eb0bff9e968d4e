/// The measured effect of one axis's borders by distance from them.
struct ProfileFigure: PlotFigure {
  private let profiles: [GeometryMeasurement.BorderProfile]
  private let isMany: Bool

  init?(_ profiles: [GeometryMeasurement.BorderProfile], isMany: Bool) {
    let known = profiles.filter { !$0.maximum.isEmpty }
    guard !known.isEmpty else { return nil }
    self.profiles = Array(known.prefix(2))
    self.isMany = isMany
  }

  var title: String {
    "Border profile, \(isMany ? HTMLText.name(profiles[0].output) + ", " : "")\(HTMLText.escaped(profiles[0].axis))"
  }

  var label: String {
    "Difference at the border against the distance from it; derived depths "
      + profiles.map { "\($0.depth) at the \($0.side) side" }.joined(separator: ", ") + "."
  }

  var explanation: String {
    "What the missing surroundings do: an image run alone against the same image inside a larger one, by distance "
      + "from the border. Largest, 99th percentile and mean difference in units of the output’s σ; zero is exact "
      + "equality. To the right of the derived depth (dashed) no difference may be left."
  }

  var finding: String {
    let sides = profiles.compactMap { profile in
      practicalDepth(profile).map { "\($0) of \(profile.depth) (\(HTMLText.escaped(profile.side)) side)" }
    }
    return sides.isEmpty
      ? "" : "99 % of the outputs differ by less than 1 % of σ from distance \(HTMLText.list(sides)) on."
  }

  var formula: String {
    "<i>e</i>(<i>d</i>) = |<i>f</i>(crop) − <i>f</i>(image) on the crop| / σ at distance <i>d</i>"
  }

  /// The first distance from which on p99 stays below 0.01 σ.
  private func practicalDepth(_ profile: GeometryMeasurement.BorderProfile) -> Int? {
    guard let last = profile.p99.lastIndex(where: { !($0 < 0.01) }) else { return profile.p99.isEmpty ? nil : 0 }
    return last + 1 < profile.p99.count ? last + 1 : nil
  }

  func drawings(width: Double) -> [Drawing] { [drawing(width: width)] }

  private func drawing(width: Double) -> Drawing {
    let isWide = width > 500
    let panelHeight = 250.0
    let columns = isWide ? profiles.count : 1
    let rows = (profiles.count + columns - 1) / columns
    var drawing = Drawing(width: width, height: 22 + panelHeight * Double(rows))
    var key = Plot(width: width, height: 10)
    key.legend([("f2", "largest"), ("f3", "99th percentile"), ("f1", "mean")], x: 2, y: 13)
    drawing.append(key.drawing)
    let values = profiles.flatMap { $0.maximum + $0.p99 + $0.mean }
    for (index, profile) in profiles.enumerated() {
      let panelWidth = width / Double(columns)
      let left = Double(index % columns) * panelWidth
      let top = 22 + Double(index / columns) * panelHeight
      panel(&drawing, profile, left: left, top: top, width: panelWidth, height: panelHeight, values)
    }
    return drawing
  }

  private func panel(
    _ drawing: inout Drawing, _ profile: GeometryMeasurement.BorderProfile, left: Double, top: Double, width: Double,
    height: Double, _ values: [Double]
  ) {
    var plot = Plot(
      width: left + width, height: top + height, left: left + 46, top: top + 30, right: 12, bottom: 40)
    let y = ErrorScale(values, zero: plot.bottom - 6, top: plot.top + 4)
    let count = max(profile.maximum.count, 2)
    let x = LinearScale(0, Double(count - 1), to: plot.left + 4, plot.right)
    for tick in y.ticks {
      plot.drawing.line(plot.left, tick.y, plot.right, tick.y, "grid")
      plot.drawing.text(tick.text, plot.left - 6, tick.y + 4, .end)
    }
    let side = profile.side == "low" ? "low side" : profile.side == "high" ? "high side" : profile.side
    plot.drawing.text("\(side): difference (σ)", left + 2, plot.top - 8, .start, "title")
    let depth = Double(profile.depth)
    if depth >= 0, depth <= Double(count) {
      let place = min(plot.right, x(depth))
      plot.drawing.rectangle(place, plot.top, plot.right - place, plot.bottom - plot.top, "safe")
      plot.drawing.line(place, plot.top, place, plot.bottom, "derived")
      let isRight = place < plot.right - 60
      plot.drawing.text(
        "depth \(profile.depth)", place + (isRight ? 4 : -4), plot.top + 10, isRight ? .start : .end, "v")
    }
    let sample = max(1, profile.maximum.count / 1024)
    for (list, style) in [(profile.maximum, "s2 under"), (profile.p99, "s3"), (profile.mean, "s1")] {
      let points = stride(from: 0, to: list.count, by: sample).map { Point(x: x(Double($0)), y: y(list[$0])) }
      plot.drawing.path(points, "\(style) curve")
    }
    for (distance, value) in profile.maximum.enumerated() where !value.isFinite && distance % sample == 0 {
      plot.drawing.text("∞", x(Double(distance)), plot.top, .middle, "v")
    }
    let names = HTMLText.shortened(profile.axis, 8)
    plot.horizontalAxis(x, title: "distance from the border (output samples, \(names))", grid: false)
    drawing.append(plot.drawing)
  }
}
