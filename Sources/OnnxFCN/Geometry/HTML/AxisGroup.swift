/// Axes of outputs that say the same of what a figure shows.
struct AxisGroup {
  /// HTML, e.g. `H and W`; with several outputs their names before it.
  var place: String
  /// The same without marks.
  var plainPlace: String
  var axis: GeometryReport.Axis
  var output: GeometryReport.Output

  /// The axes of every output by `key`, in order; nil keys are left out.
  static func groups<Key: Hashable>(
    _ report: GeometryReport, by key: (GeometryReport.Axis) -> Key?
  ) -> [AxisGroup] {
    var order: [Key] = []
    var members: [Key: [(output: GeometryReport.Output, axis: GeometryReport.Axis)]] = [:]
    for output in report.outputs {
      for axis in output.axes {
        guard let value = key(axis) else { continue }
        if members[value] == nil { order.append(value) }
        members[value, default: []].append((output, axis))
      }
    }
    return order.compactMap { value in
      guard let list = members[value], let first = list.first else { return nil }
      let names = names(list.map { (output: $0.output.name, axis: $0.axis.name) }, report)
      return AxisGroup(
        place: names.map { $0.isName ? HTMLText.name($0.text) : HTMLText.escaped($0.text) }.joined(),
        plainPlace: names.map(\.text).joined(), axis: first.axis, output: first.output)
    }
  }

  /// `H and W`; `logits, aux: H and W`; `7 outputs: H`.
  private static func names(
    _ places: [(output: String, axis: String)], _ report: GeometryReport
  ) -> [(text: String, isName: Bool)] {
    var axes: [String] = []
    var outputs: [String] = []
    for place in places {
      if !axes.contains(place.axis) { axes.append(place.axis) }
      if !outputs.contains(place.output) { outputs.append(place.output) }
    }
    let axisText = HTMLText.list(axes)
    if report.outputs.count <= 1 { return [(axisText, false)] }
    if outputs.count == report.outputs.count { return [("all \(outputs.count) outputs, \(axisText)", false)] }
    if outputs.count > 3 { return [("\(outputs.count) outputs, \(axisText)", false)] }
    var parts: [(text: String, isName: Bool)] = []
    for (index, output) in outputs.enumerated() {
      parts.append((output, true))
      parts.append((index + 1 < outputs.count ? ", " : ": " + axisText, false))
    }
    return parts
  }
}

extension GeometryReport.Axis {
  /// Input samples per output sample.
  var stride: Double? {
    guard let period, period.input > 0, period.output > 0 else { return nil }
    return Double(period.input) / Double(period.output)
  }
}

extension GeometryReport.Contamination {
  var outputs: Int { outputSize ?? size }

  /// Every output is touched.
  var isTotal: Bool { outputs > 0 && (low >= outputs || high >= outputs) }

  /// Outputs that no border reaches.
  var clean: Int {
    let (sum, overflow) = max(0, low).addingReportingOverflow(max(0, high))
    return overflow ? 0 : max(0, outputs - min(outputs, sum))
  }
}
