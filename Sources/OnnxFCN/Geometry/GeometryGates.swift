/// What a script demands of a network's geometry.
public struct GeometryGates: Sendable {
  /// The smallest receptive field over all phases, axes and outputs must reach this many samples.
  public var receptiveField: Int?
  /// Tiles run alone must equal the whole image.
  public var exactTiling: Bool
  /// An input shift by this many samples must have a matching output shift.
  public var shift: Int?

  public init(receptiveField: Int? = nil, exactTiling: Bool = false, shift: Int? = nil) {
    self.receptiveField = receptiveField
    self.exactTiling = exactTiling
    self.shift = shift
  }

  /// What is not met, and by how much; empty: all is met.
  public func failures(of report: GeometryReport) -> [String] {
    var result: [String] = []
    for output in report.outputs {
      for axis in output.axes {
        let place = "\(output.name), \(axis.name)"
        if let receptiveField, let failure = GeometryGates.reach(axis, receptiveField) {
          result.append("\(place): \(failure)")
        }
        if let shift, let failure = GeometryGates.shift(axis, shift) { result.append("\(place): \(failure)") }
      }
    }
    if exactTiling && !report.tiling.isExact {
      let reasons = report.tiling.refusals.map { "\($0.node) \($0.reason)" }.joined(separator: "; ")
      result.append("exact tiling: required, but \(reasons.isEmpty ? "nothing is known of an output" : reasons)")
    }
    return result
  }

  /// A global axis sees everything.
  private static func reach(_ axis: GeometryReport.Axis, _ least: Int) -> String? {
    if axis.verdict == .global { return nil }
    guard let field = axis.receptiveField else {
      return "receptive field: expected at least \(least), got an unknown one"
    }
    return field.minimum >= least
      ? nil : "receptive field: expected at least \(least), got \(field.minimum) (\(least - field.minimum) too small)"
  }

  private static func shift(_ axis: GeometryReport.Axis, _ shift: Int) -> String? {
    switch axis.verdict {
    case .everyShift, .finerGrid: return nil
    case .lattice:
      guard let period = axis.period?.input, shift % period != 0 else { return nil }
      let breakers = axis.breakers.map { "\($0.node) \($0.from)→\($0.to)" }.joined(separator: ", ")
      return "shift by \(shift): expected a multiple of the period \(period), \(shift % period) too far (\(breakers))"
    case .anchored, .global, .unknown:
      let reasons = axis.reasons.map { "\($0.node) \($0.reason)" }.joined(separator: "; ")
      return "shift by \(shift): expected equivariance, got \(axis.verdict.rawValue) (\(reasons))"
    }
  }
}
