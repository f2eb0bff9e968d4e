package import FCNTensor

extension GeometryMeasurement {
  package var json: JSONValue {
    [
      "source": .string(source), "samples": .integer(samples), "size": .array(size.map(JSONValue.integer)),
      "claims": .array(claims.map(\.json)), "shifts": .array(shifts.map(\.json)),
      "borders": .array(borders.map(\.json)), "effectiveReceptiveFields": .array(fields.map(\.json)),
      "contradictions": .integer(contradictions.count), "seconds": .number(seconds),
    ]
  }
}

extension GeometryMeasurement.Claim {
  fileprivate var json: JSONValue {
    [
      "output": .string(output), "axis": .string(axis), "statement": .string(statement),
      "status": .string(status.rawValue), "detail": .string(detail),
    ]
  }
}

extension GeometryMeasurement.ShiftError {
  fileprivate var json: JSONValue {
    [
      "output": .string(output), "axis": .string(axis), "shift": .integer(shift),
      "outputShift": .integer(outputShift), "whole": .bool(isWhole), "max": .number(maximum), "rms": .number(rms),
      "rms95": rmsInterval.map { .array([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null,
      "agreement": .number(agreement), "overlapRms": .number(overlapRMS),
      "overlapAgreement": .number(overlapAgreement),
    ]
  }
}

extension GeometryMeasurement.BorderProfile {
  fileprivate var json: JSONValue {
    func numbers(_ list: [Double]) -> JSONValue { .array(list.map(JSONValue.number)) }
    return [
      "output": .string(output), "axis": .string(axis), "side": .string(side), "depth": .integer(depth),
      "max": numbers(maximum), "mean": numbers(mean), "p99": numbers(p99),
    ]
  }
}

extension GeometryMeasurement.EffectiveField {
  /// The map itself is in the HTML page only.
  fileprivate var json: JSONValue {
    func numbers(_ list: [Double]) -> JSONValue { .array(list.map(JSONValue.number)) }
    func range(_ range: ClosedRange<Int>) -> JSONValue {
      .array([.integer(range.lowerBound), .integer(range.upperBound)])
    }
    return [
      "output": .string(output), "phase": .array(phase.map(JSONValue.integer)), "rows": range(rows),
      "columns": range(columns), "samples": .integer(samples), "standardDeviation": numbers(standardDeviation),
      "centroid": numbers(centroid), "side": .integer(side), "ratio": .number(ratio), "count": .integer(count),
      "gaussianFit": .number(gaussianFit),
    ]
  }
}
