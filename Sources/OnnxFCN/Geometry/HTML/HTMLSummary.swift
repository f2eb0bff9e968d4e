/// The answers at the top of the page.
struct HTMLSummary {
  let report: GeometryReport

  var html: String {
    var html = ""
    let groups = axisGroups
    for group in groups {
      if groups.count > 1 { html += "<h3>\(group.place)</h3>\n" }
      html += list(rows(group.axis, group.wholeShare))
    }
    if groups.count > 1 { html += "<h3>The network as a whole</h3>\n" }
    return html + list(commonRows)
  }

  private struct Group {
    var place: String
    var axis: GeometryReport.Axis
    /// Share of clean outputs over all axes, where they are all in the group.
    var wholeShare: Double?
  }

  private struct Key: Hashable {
    var input: String?
    var verdict: GeometryReport.Verdict
    var period: GeometryReport.Period?
    var field: GeometryReport.ReceptiveField?
    var low: Int
    var high: Int
    var outputs: Int
    var breakers: [GeometryReport.Breaker]
    var reasons: [GeometryReport.Reason]

    init(_ axis: GeometryReport.Axis, input: String?) {
      self.input = input
      verdict = axis.verdict
      period = axis.period
      field = axis.receptiveField
      low = axis.contamination.low
      high = axis.contamination.high
      outputs = axis.contamination.outputs
      breakers = axis.breakers
      reasons = axis.reasons
    }
  }

  private var axisGroups: [Group] {
    var result: [Group] = []
    for group in AxisGroup.groups(report, by: { Key($0, input: nil) }) {
      let isUniform = Set(group.output.axes.map { Key($0, input: nil) }).count == 1
      let clean = group.output.axes.reduce(1.0) { share, axis in
        share * Double(axis.contamination.clean) / Double(max(1, axis.contamination.outputs))
      }
      result.append(Group(place: group.place, axis: group.axis, wholeShare: isUniform ? clean : nil))
    }
    for output in report.outputs {
      for input in output.inputs {
        var others: [(key: Key, names: [String], axis: GeometryReport.Axis)] = []
        for axis in input.axes {
          let key = Key(axis, input: input.name)
          if let index = others.firstIndex(where: { $0.key == key }) {
            others[index].names.append(axis.name)
          } else {
            others.append((key, [axis.name], axis))
          }
        }
        for item in others {
          let place =
            "\(HTMLText.name(output.name)) with respect to \(HTMLText.name(input.name)), "
            + HTMLText.escaped(HTMLText.list(item.names))
          result.append(Group(place: place, axis: item.axis, wholeShare: nil))
        }
      }
    }
    return result
  }

  private func list(_ rows: [(String, String)]) -> String {
    "<dl>\n" + rows.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>\n" }.joined() + "</dl>\n"
  }

  private func rows(_ axis: GeometryReport.Axis, _ share: Double?) -> [(String, String)] {
    [
      ("Receptive field", field(axis)), ("Shift equivariance", verdict(axis)),
      ("Border effects", borders(axis.contamination, share)),
    ]
  }

  private func field(_ axis: GeometryReport.Axis) -> String {
    guard let field = axis.receptiveField else {
      return axis.verdict == .global
        ? "<b>The whole axis.</b> Every output sample depends on all of the image."
        : "<b>Not known.</b> It cannot be bounded from the graph."
    }
    let count =
      field.minimum == field.maximum
      ? NumberText.integer(field.maximum)
      : "\(NumberText.integer(field.minimum)) to \(NumberText.integer(field.maximum))"
    var text = "<b>\(count) samples.</b> That much of the image can influence one output sample"
    if field.minimum != field.maximum {
      text +=
        "; how much depends on its position modulo \(NumberText.integer(axis.period?.output ?? field.phases.count))"
    }
    let lows = field.phases.compactMap { $0?.lowerBound }
    let highs = field.phases.compactMap { $0?.upperBound }
    if let low = lows.min(), let high = highs.max() {
      text +=
        ". It reaches from \(NumberText.integer(low)) to \(high > 0 ? "+" : "")\(NumberText.integer(high)) around it"
    }
    return text + "."
  }

  private func verdict(_ axis: GeometryReport.Axis) -> String {
    let p = NumberText.integer(axis.period?.input ?? 0)
    let q = NumberText.integer(axis.period?.output ?? 0)
    var text: String
    switch axis.verdict {
    case .everyShift:
      text = "<b class=\"good\">Every shift.</b> Moving the image moves the result by as much and changes nothing else."
    case .finerGrid:
      text =
        "<b class=\"good\">Every shift.</b> Moving the image by one sample moves the result by \(q): its grid is finer."
    case .lattice:
      text = "<b class=\"fair\">Multiples of \(p) only.</b> Moving the image by \(p) samples moves the result by \(q); "
      text += "any other shift changes the result."
    case .anchored:
      text = "<b class=\"bad\">None.</b> The result is tied to the position in the image or to its size."
    case .global:
      text = "<b class=\"bad\">Not local.</b> What enters or leaves the frame changes the result everywhere."
    case .unknown:
      text = "<b class=\"bad\">Not known.</b> It depends on the data, or on an operator whose geometry is not known."
    }
    if !axis.breakers.isEmpty { text += " Period: " + changes(axis.breakers) + "." }
    if !axis.relievers.isEmpty { text += " Restored: " + changes(axis.relievers) + "." }
    if !axis.reasons.isEmpty { text += "\n" + reasons(axis.reasons) }
    return text
  }

  private func changes(_ list: [GeometryReport.Breaker]) -> String {
    let shown = list.prefix(8).map { "\(HTMLText.name($0.node)) \($0.from) → \($0.to)" }.joined(separator: ", ")
    return shown + (list.count > 8 ? " and \(list.count - 8) more" : "")
  }

  private func reasons(_ list: [GeometryReport.Reason]) -> String {
    let items = list.prefix(40).map { "<li>\(HTMLText.name($0.node)) \(HTMLText.escaped($0.reason))</li>" }
    let more = list.count > 40 ? "<li>and \(list.count - 40) more</li>" : ""
    return "<ul>" + items.joined() + more + "</ul>"
  }

  private func borders(_ contamination: GeometryReport.Contamination, _ share: Double?) -> String {
    let outputs = NumberText.integer(contamination.outputs)
    if contamination.isTotal { return "<b class=\"bad\">Everywhere.</b> Borders reach all of the \(outputs) outputs." }
    if contamination.low == 0, contamination.high == 0 {
      return "<b class=\"good\">None.</b> No output depends on what lies beyond the image."
    }
    let causes = contamination.causes.map { BorderCause.text($0.cause) }
    let low = NumberText.integer(contamination.low)
    let high = NumberText.integer(contamination.high)
    var text =
      "<b>\(low == high ? "\(low) outputs at each side" : "\(low) outputs at the low side, \(high) at the high").</b>"
    text += " They would differ if the image went on"
    if !causes.isEmpty { text += ", since the network reads \(HTMLText.list(causes)) there" }
    text += ". Of \(outputs) outputs in a row \(NumberText.integer(contamination.clean)) are clean"
    if let share { text += ", \(NumberText.percent(share)) of all" }
    return text + "."
  }

  private var commonRows: [(String, String)] {
    var rows = [("Image sizes", sizes), ("Exact tiling", tiling)]
    if let measurement = report.measurement {
      let style = measurement.contradictions.isEmpty ? "good" : "bad"
      let word = measurement.contradictions.isEmpty ? "No contradiction." : "Contradicted."
      rows.append(
        ("Experiments", "<b class=\"\(style)\">\(word)</b> Of the derived statements \(measurement.htmlCounts)."))
    }
    return rows
  }

  var sizes: String {
    var groups: [(names: [String], text: String)] = []
    for item in report.sizes {
      let text = words(item)
      if let index = groups.firstIndex(where: { $0.text == text }) {
        groups[index].names.append(item.axis)
      } else {
        groups.append(([item.axis], text))
      }
    }
    if groups.isEmpty { return "No rule found." }
    return groups.map { "\(HTMLText.list($0.names.map(HTMLText.escaped))): <b>\(HTMLText.escaped($0.text))</b>" }
      .joined(separator: "; ") + "."
  }

  private func words(_ sizes: GeometryReport.Sizes) -> String {
    guard let runs = sizes.runs, let seamless = sizes.seamless else { return sizes.text }
    return words(runs) + (runs == seamless ? "" : "; without samples left out " + words(seamless))
  }

  private func words(_ rule: GeometryReport.SizeClass) -> String {
    guard rule.step > 1, rule.residues == [0] else { return rule.text }
    let multiples = "multiples of \(NumberText.integer(rule.step))"
    return rule.minimum > rule.step ? multiples + ", from \(NumberText.integer(rule.minimum)) on" : multiples
  }

  private var tiling: String {
    let tiling = report.tiling
    guard tiling.isExact else {
      let why = tiling.refusals.isEmpty ? "" : " Tiles run alone differ from the whole image, because\n"
      return "<b class=\"bad\">Impossible tile by tile.</b>" + why
        + (tiling.refusals.isEmpty ? "" : reasons(tiling.refusals))
    }
    let halo = tiling.axes.flatMap { axis in
      let sides = GeometryReport.Tiling.sides(axis.name)
      return ["\(sides.low) \(NumberText.integer(axis.low))", "\(sides.high) \(NumberText.integer(axis.high))"]
    }
    let origins = Set(tiling.axes.map(\.originMultiple)).sorted().map(NumberText.integer).joined(separator: " and ")
    let isFree = tiling.axes.allSatisfy { $0.originMultiple == 1 }
    var rules = [isFree ? "begin anywhere" : "begin at multiples of \(origins)"]
    if !isFree { rules.append("have the size of the image modulo that") }
    if tiling.axes.contains(where: { $0.low > 0 || $0.high > 0 }) {
      rules.append("give up these outputs at sides inside the image: \(halo.joined(separator: ", "))")
    }
    var text = "<b class=\"good\">Possible.</b> Tiles run alone, by any runtime, equal the whole image if they "
    text += "\(HTMLText.list(rules))."
    if let output = report.outputs.first, output.axes.contains(where: { $0.contamination.isTotal }) {
      text += " At this image size that leaves nothing of a tile."
    }
    return text
  }
}
