extension GeometryReport {
  /// For people.
  package var lines: [String] {
    var lines = ["model      \(model)", "image      \(input), borders for \(sizeText)"]
    for output in outputs {
      lines.append("output     \(output.name)")
      lines += GeometryReport.grouped(output.axes).flatMap { $0.axis.lines(names: $0.names) }
      for input in output.inputs {
        lines.append("  with respect to \(input.name)")
        lines += GeometryReport.grouped(input.axes).flatMap { $0.axis.lines(names: $0.names) }
      }
    }
    for sizes in sizes { lines.append("sizes      \(sizes.axis) \(sizes.text)") }
    lines += tiling.lines
    if let measurement { lines += measurement.lines }
    return lines
  }

  package var sizeText: String { size.map(String.init).joined(separator: "x") }

  /// Axes that say the same are said once.
  package static func grouped(_ axes: [Axis]) -> [(names: String, axis: Axis)] {
    var groups: [(names: String, axis: Axis, lines: [String])] = []
    for axis in axes {
      let own = axis.lines(names: "")
      if let index = groups.firstIndex(where: { $0.lines == own }) {
        groups[index].names += " " + axis.name
      } else {
        groups.append((axis.name, axis, own))
      }
    }
    return groups.map { ($0.names, $0.axis) }
  }
}

extension GeometryReport.Axis {
  fileprivate func lines(names: String) -> [String] {
    var text: [String] = [equivarianceText]
    if let receptiveField { text.append(receptiveField.text(period)) }
    if !breakers.isEmpty {
      text.append("broken by " + breakers.map { "\($0.node) \($0.from)→\($0.to)" }.joined(separator: ", "))
    }
    if !relievers.isEmpty {
      text.append("restored by " + relievers.map { "\($0.node) \($0.from)→\($0.to)" }.joined(separator: ", "))
    }
    for reason in reasons { text.append("\(reason.node) \(reason.reason)") }
    text.append(contamination.text)
    if let deepest = contamination.deepest { text.append(deepest) }
    let label = "  \(names.padded(names.isEmpty ? 0 : max(5, names.utf8.count)))  "
    let indent = String(repeating: " ", count: label.utf8.count)
    return text.enumerated().map { ($0 == 0 ? label : indent) + $1 }
  }

  /// The verdict in words.
  package var equivarianceText: String {
    switch verdict {
    case .everyShift: return "equivariant to every shift"
    case .finerGrid:
      return "equivariant to every shift: an input shift of a gives an output shift of \(period?.output ?? 1)·a"
    case .lattice:
      return "equivariant on a lattice only: an input shift of \(period?.input ?? 1) gives an output shift of "
        + "\(period?.output ?? 1)"
    case .anchored: return "not equivariant: tied to position or image size"
    case .global: return "not local: every output depends on the whole axis"
    case .unknown: return "unknown: depends on data or on an operator that is not known"
    }
  }
}

extension GeometryReport.ReceptiveField {
  fileprivate func text(_ period: GeometryReport.Period?) -> String {
    func interval(_ phase: ClosedRange<Int>?) -> String { phase.map { "\($0.lowerBound)…\($0.upperBound)" } ?? "none" }
    if minimum == maximum, phases.count == 1 { return "receptive field \(maximum), from \(interval(phases[0]))" }
    let shown = phases.prefix(4).map(interval).joined(separator: ", ") + (phases.count > 4 ? " …" : "")
    let size = minimum == maximum ? "\(maximum)" : "\(minimum) to \(maximum)"
    return "receptive field \(size), by phase (output mod \(period?.output ?? 1)): \(shown)"
  }
}

extension GeometryReport.Contamination {
  fileprivate var text: String {
    let size = outputSize ?? size
    if low >= size && high >= size && size > 0 { return "borders reach all of the \(size) outputs" }
    if low == 0 && high == 0 { return "no output is touched by a border" }
    let parts = causes.map { "\($0.cause) \($0.low)/\($0.high)" }.joined(separator: ", ")
    return "borders reach \(low) outputs at the low side, \(high) at the high side of \(size)"
      + (causes.count > 1 ? " (\(parts))" : causes.isEmpty ? "" : " (\(causes[0].cause))")
  }

  /// The nodes whose borders reach deepest.
  fileprivate var deepest: String? {
    guard let most = nodes.map({ max($0.low, $0.high) }).max(), nodes.count > 1 else { return nil }
    let named = nodes.filter { max($0.low, $0.high) == most }
    let shown = named.prefix(3).map { "\($0.node) \($0.low)/\($0.high)" }.joined(separator: ", ")
    return "deepest: \(shown)" + (named.count > 3 ? " and \(named.count - 3) more" : "")
  }
}

extension GeometryReport.SizeClass {
  package var text: String {
    if step == 0 { return "\(minimum) only" }
    if step == 1 { return minimum <= 1 ? "any" : "any from \(minimum)" }
    let shown = residues.prefix(8).map(String.init).joined(separator: ", ") + (residues.count > 8 ? " …" : "")
    return "\(minimum) and up, ≡ \(shown) (mod \(step))"
  }
}

extension GeometryReport.Sizes {
  package var text: String {
    guard let runs else { return "no rule found" }
    guard let seamless else { return "\(runs.text); none without samples left out" }
    return runs == seamless ? runs.text : "\(runs.text); without samples left out \(seamless.text)"
  }
}

extension GeometryReport.Tiling {
  package var lines: [String] {
    guard isExact else {
      return ["tiling     not exact tile by tile:"] + refusals.map { "           \($0.node) \($0.reason)" }
    }
    let halo = axes.flatMap { axis in
      let sides = GeometryReport.Tiling.sides(axis.name)
      return ["\(sides.low) \(axis.low)", "\(sides.high) \(axis.high)"]
    }
    let origins = axes.map { "\($0.originMultiple)" }.joined(separator: "x")
    return [
      "tiling     exact: tiles begin at multiples of \(origins), have the size of the image modulo that, and give up",
      "           " + halo.joined(separator: ", ") + " outputs inside the image",
    ]
  }
}

extension GeometryMeasurement {
  package var lines: [String] {
    var lines = ["measured   \(samples) × \(size.map(String.init).joined(separator: "x")) from \(source)"]
    for status in Status.allCases {
      let named = claims.filter { $0.status == status }
      if named.isEmpty { continue }
      lines.append("  \(status.rawValue) \(named.count)")
      for claim in named {
        let place = [claim.output, claim.axis].filter { !$0.isEmpty }.joined(separator: " ")
        lines.append("    \(place): \(claim.statement)\(claim.detail.isEmpty ? "" : " – \(claim.detail)")")
      }
    }
    for field in fields where field.side > 0 {
      let deviation = field.standardDeviation.map { short($0) }.joined(separator: " × ")
      lines.append(
        "  effective receptive field of \(field.output), phase \(field.phase.map(String.init).joined(separator: ",")): "
          + "standard deviation \(deviation), 95.45 % within \(field.side) samples (\(short(field.ratio * 100)) %)")
    }
    return lines
  }
}
