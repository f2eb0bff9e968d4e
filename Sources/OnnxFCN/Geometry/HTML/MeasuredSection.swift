extension GeometryMeasurement {
  /// Outputs with figures, and claims in sight.
  private static let shownOutputs = 3
  private static let shownClaims = 30

  /// Shifts, borders and effective fields, in this order, of the first outputs.
  func figures(_ report: GeometryReport) -> [any PlotFigure] {
    let isMany = report.outputs.count > 1
    let shown = Set(report.outputs.prefix(Self.shownOutputs).map(\.name))
    var figures: [any PlotFigure] = []
    for list in Self.grouped(shifts.filter({ shown.contains($0.output) }), by: { [$0.output, $0.axis] }) {
      let axis = report.outputs.first { $0.name == list[0].output }?.axes.first { $0.name == list[0].axis }
      if let figure = ShiftFigure(list, period: axis?.period?.input, isMany: isMany) { figures.append(figure) }
    }
    for list in Self.grouped(borders.filter({ shown.contains($0.output) }), by: { [$0.output, $0.axis] }) {
      if let figure = ProfileFigure(list, isMany: isMany) { figures.append(figure) }
    }
    let maps = Self.grouped(fields.filter { shown.contains($0.output) }, by: { [$0.output] })
    return figures + maps.compactMap { EffectiveFieldFigure($0, isMany: isMany) }
  }

  /// What is left out, if anything.
  func htmlRemark(_ report: GeometryReport) -> String {
    report.outputs.count <= Self.shownOutputs
      ? ""
      : "<p class=\"soft\">Figures of the first \(Self.shownOutputs) of \(report.outputs.count) outputs; "
        + "--json has all.</p>\n"
  }

  private static func grouped<Item>(_ items: [Item], by key: (Item) -> [String]) -> [[Item]] {
    var groups: [(key: [String], items: [Item])] = []
    var places: [[String]: Int] = [:]
    for item in items {
      let value = key(item)
      if let place = places[value] {
        groups[place].items.append(item)
      } else {
        places[value] = groups.count
        groups.append((value, [item]))
      }
    }
    return groups.map(\.items)
  }

  /// What was done, in a sentence.
  var htmlIntroduction: String {
    let sides = size.map(NumberText.integer).joined(separator: " × ")
    return "<p>\(NumberText.integer(samples)) \(samples == 1 ? "image" : "images") of \(sides) samples from "
      + "\(HTMLText.name(source)), in \(NumberText.real(seconds)) s. σ is the standard deviation of the output.</p>\n"
  }

  /// Every claim, contradicted ones first.
  var htmlClaims: String {
    guard !claims.isEmpty else { return "" }
    let isLong = claims.count > Self.shownClaims
    let first = table(isLong ? [.contradicted, .loose, .skipped] : [.contradicted, .loose, .confirmed, .skipped])
    let confirmed = claims.filter { $0.status == .confirmed }.count
    let rest =
      isLong && confirmed > 0
      ? "<details><summary>\(confirmed) confirmed</summary>\n\(table([.confirmed]))</details>\n" : ""
    return "<h3>Derived statements and their tests</h3>\n\(first)\(rest)"
      + "<p class=\"soft\"><b>Confirmed</b>: it holds, and a tighter statement fails. <b>Loose</b>: it holds, and a "
      + "tighter one would have held in this experiment too. <b>Contradicted</b>: it does not hold. "
      + "<b>Skipped</b>: not tested, for the reason given.</p>\n"
  }

  private func table(_ order: [Status]) -> String {
    let rows = order.flatMap { status in
      claims.filter { $0.status == status }.prefix(500).map { claim -> [String] in
        let place = [claim.output, claim.axis].filter { !$0.isEmpty }.map(HTMLText.name).joined(separator: " ")
        let detail = claim.detail.isEmpty ? "" : "<br><span class=\"soft\">\(HTMLText.escaped(claim.detail))</span>"
        return [status.html, place, HTMLText.escaped(claim.statement) + detail]
      }
    }
    return rows.isEmpty ? "" : HTMLText.table(["Outcome", "Output, axis", "Statement"], rows)
  }

  /// `12 confirmed, 1 loose`.
  var htmlCounts: String {
    let parts = Status.allCases.compactMap { status -> String? in
      let count = claims.filter { $0.status == status }.count
      return count > 0 ? "\(count) \(status.rawValue)" : nil
    }
    return parts.isEmpty ? "nothing tested" : parts.joined(separator: ", ")
  }
}

extension GeometryMeasurement.Status {
  var html: String {
    switch self {
    case .confirmed: "<span class=\"good\">✓ confirmed</span>"
    case .loose: "<span class=\"fair\">≤ loose</span>"
    case .contradicted: "<span class=\"bad\">✗ contradicted</span>"
    case .skipped: "<span class=\"soft\">– skipped</span>"
    }
  }
}
