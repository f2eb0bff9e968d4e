package import FCNTensor

extension GeometryReport {
  /// The document of `analyze --json`: `outputs`, `sizes` and `tiling` as the command line's contract has them.
  package var json: JSONValue {
    var members = [
      JSONMember("model", .string(model)), JSONMember("input", .string(input)),
      JSONMember("size", .array(size.map(JSONValue.integer))),
      JSONMember("outputs", .array(outputs.map(\.json))),
      JSONMember("sizes", .object(sizes.map { JSONMember($0.axis, $0.json) })),
      JSONMember("tiling", tiling.json), JSONMember("seconds", .number(seconds)),
    ]
    if let measurement { members.append(JSONMember("measurement", measurement.json)) }
    return .object(members)
  }
}

extension GeometryReport {
  /// `json`, and what is not met or contradicted.
  package func document(failures: [String]) -> JSONValue {
    guard case .object(let members) = json else { return json }
    return .object(members + [JSONMember("failures", .array(failures.map(JSONValue.string)))])
  }
}

extension GeometryReport.Output {
  fileprivate var json: JSONValue {
    var members = [
      JSONMember("name", .string(name)), JSONMember("axes", .object(axes.map { JSONMember($0.name, $0.json) })),
    ]
    if !inputs.isEmpty {
      members.append(
        JSONMember(
          "inputs",
          .array(
            inputs.map { input in
              .object([
                JSONMember("name", .string(input.name)),
                JSONMember("axes", .object(input.axes.map { JSONMember($0.name, $0.json) })),
              ])
            })))
    }
    return .object(members)
  }
}

extension GeometryReport.Axis {
  fileprivate var json: JSONValue {
    .object([
      JSONMember(
        "period",
        period.map { ["input": .integer($0.input), "output": .integer($0.output)] } ?? .null),
      JSONMember("verdict", .string(verdict.rawValue)),
      JSONMember("receptiveField", receptiveField?.json ?? .null),
      JSONMember("contamination", contamination.json),
      JSONMember("breakers", .array(breakers.map(\.json))), JSONMember("relievers", .array(relievers.map(\.json))),
      JSONMember("reasons", .array(reasons.map(\.json))),
    ])
  }
}

extension GeometryReport.ReceptiveField {
  fileprivate var json: JSONValue {
    [
      "min": .integer(minimum), "max": .integer(maximum),
      "phases": .array(
        phases.map { $0.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) } ?? .null }),
    ]
  }
}

extension GeometryReport.Contamination {
  fileprivate var json: JSONValue {
    [
      "low": .integer(low), "high": .integer(high), "size": .integer(size), "outputSize": JSONValue(outputSize),
      "causes": .array(causes.map(\.json)), "nodes": .array(nodes.map(\.json)),
    ]
  }
}

extension GeometryReport.Contamination.Share {
  fileprivate var json: JSONValue {
    var members = [
      JSONMember("cause", .string(cause)), JSONMember("low", .integer(low)), JSONMember("high", .integer(high)),
    ]
    if !node.isEmpty { members.insert(JSONMember("node", .string(node)), at: 0) }
    return .object(members)
  }
}

extension GeometryReport.Breaker {
  fileprivate var json: JSONValue { ["node": .string(node), "from": .integer(from), "to": .integer(to)] }
}

extension GeometryReport.Reason {
  fileprivate var json: JSONValue { ["node": .string(node), "reason": .string(reason)] }
}

extension GeometryReport.SizeClass {
  fileprivate var members: [JSONMember] {
    [
      JSONMember("min", .integer(minimum)), JSONMember("step", .integer(step)),
      JSONMember("residues", .array(residues.map(JSONValue.integer))),
    ]
  }
}

extension GeometryReport.Sizes {
  /// The sizes that run; those that are seamless inside.
  fileprivate var json: JSONValue {
    guard let runs else { return .null }
    return .object(runs.members + [JSONMember("seamless", seamless.map { .object($0.members) } ?? .null)])
  }
}

extension GeometryReport.Tiling {
  /// The names of a halo's two sides along an axis.
  package static func sides(_ axis: String) -> (low: String, high: String) {
    switch axis {
    case "D": ("front", "back")
    case "H": ("top", "bottom")
    default: ("left", "right")
    }
  }

  fileprivate var json: JSONValue {
    .object([
      JSONMember("exact", .bool(isExact)),
      JSONMember(
        "originMultiple",
        isExact ? .object(axes.map { JSONMember($0.name, .integer($0.originMultiple)) }) : .null),
      JSONMember(
        "halo",
        isExact
          ? .object(
            axes.flatMap { axis in
              let sides = GeometryReport.Tiling.sides(axis.name)
              return [JSONMember(sides.low, .integer(axis.low)), JSONMember(sides.high, .integer(axis.high))]
            }) : .null),
      JSONMember("refusals", .array(refusals.map(\.json))),
    ])
  }
}
