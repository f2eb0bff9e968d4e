import FCNGraph
import Glibc

/// Holds the outcomes of the experiments against the static statements.
struct ClaimJudge {
  let design: ExperimentDesign
  let shift: ShiftExperiment
  let border: BorderExperiment
  let field: FieldExperiment
  let gradientRefusal: String?

  /// Differences up to this, relative to the largest value, are rounding.
  static let rounding = 1e-5

  var claims: [Claim] {
    var claims: [Claim] = []
    let repeated = shift.repetition == 0
    claims.append(
      Claim(
        "", "", "the same image gives the same result", repeated ? .confirmed : .contradicted,
        repeated ? "bit for bit" : "largest difference \(shift.repetition)"))
    for output in design.outputs {
      // Shut rectifiers, saturated functions: such an output confirms anything.
      if !shift.varying.contains(output.index) {
        claims.append(
          Claim(output.name, "", "every statement", .skipped, "every channel is one number on these images"))
        continue
      }
      for (axis, track) in output.tracks.enumerated() {
        claims += shiftClaims(output, track)
        claims += borderClaims(output, track)
        claims += fieldClaims(output, axis, track)
      }
      claims += jointClaims(output)
    }
    return claims
  }

  private func exactness(_ error: Double) -> String {
    error == 0 ? "bit for bit" : "largest error \(ClaimJudge.short(error)) of the largest value"
  }

  /// Three digits.
  private static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    let exponent = Int(log10(abs(value)).rounded(.down))
    let scale = pow(10, Double(exponent - 2))
    let digits = (value / scale).rounded()
    if (-4...4).contains(exponent) { return "\(digits / pow(10, Double(2 - exponent)))" }
    return "\(digits / 100)e\(exponent)"
  }

  private func shiftClaims(_ output: TrackedOutput, _ track: OutputTrack) -> [Claim] {
    let name = track.facts.source.name
    let own = shift.outcomes.filter { $0.output == output.name && $0.axis == name && $0.shift > 0 }
    func claim(_ statement: String, _ status: ClaimStatus, _ detail: String) -> Claim {
      Claim(output.name, name, statement, status, detail)
    }
    switch track.facts.verdict {
    case .everyShift, .finerGrid, .lattice:
      let period = track.inputPeriod
      var claims: [Claim] = []
      let whole = own.filter { $0.shift % period == 0 }
      let statement = "a shift by \(period) gives a shift by \(track.outputPeriod)"
      guard let worst = whole.max(by: { $0.relative < $1.relative }) else {
        return [claim(statement, .skipped, "no output is free of borders in both images")]
      }
      claims.append(
        claim(statement, worst.relative <= ClaimJudge.rounding ? .confirmed : .contradicted, exactness(worst.relative)))
      let smaller = own.filter { $0.shift < period }
      if let best = smaller.min(by: { $0.relative < $1.relative }) {
        let isTight = best.relative > ClaimJudge.rounding
        claims.append(
          claim(
            "no smaller shift has a matching output shift", isTight ? .confirmed : .loose,
            isTight
              ? "smallest error \(ClaimJudge.short(best.rms.min() ?? 0)) σ at shift \(best.shift)"
              : "a shift by \(best.shift) gives a shift by \(best.outputShift) too"))
      }
      return claims
    case .anchored, .global:
      let what =
        track.facts.verdict == .anchored ? "no shift has a matching output shift" : "depends on the whole axis"
      guard let best = own.min(by: { $0.relative < $1.relative }) else {
        return [claim(what, .skipped, "nothing to compare")]
      }
      let isRight = best.relative > ClaimJudge.rounding
      return [
        claim(
          what, isRight ? .confirmed : .loose,
          isRight
            ? "smallest error \(ClaimJudge.short(best.rms.min() ?? 0)) σ at shift \(best.shift)"
            : "a shift by \(best.shift) gives a shift by \(best.outputShift)")
      ]
    case .unknown: return [claim("nothing is claimed", .skipped, "unknown dependence")]
    }
  }

  private func borderClaims(_ output: TrackedOutput, _ track: OutputTrack) -> [Claim] {
    let name = track.facts.source.name
    guard track.isLocal else { return [] }
    let statement = "borders reach \(track.facts.depth.low) and \(track.facts.depth.high) outputs"
    if track.facts.verdict == .anchored {
      return [
        Claim(output.name, name, statement, .skipped, "tied to position or size: no larger image to compare with")
      ]
    }
    let own = border.outcomes.filter { $0.output == output.name && $0.axis == name }
    guard !own.isEmpty else {
      let reason = border.isPossible ? "no output is free of borders" : "runs at one size only"
      return [Claim(output.name, name, statement, .skipped, reason)]
    }
    var status = ClaimStatus.confirmed
    var details: [String] = []
    for outcome in own {
      let side = outcome.isLow ? "low" : "high"
      // Beyond the depth rounding is tolerated; up to it any difference shows that the border is felt.
      let deepest = (outcome.relative.lastIndex { $0 > ClaimJudge.rounding } ?? -1) + 1
      let felt = (outcome.maximum.lastIndex { $0 > 0 } ?? -1) + 1
      if deepest > outcome.depth {
        status = .contradicted
        let error = ClaimJudge.short(outcome.maximum[deepest - 1])
        details.append("\(side) side: an error of \(error) σ at distance \(deepest - 1)")
      } else if felt < outcome.depth {
        if status == .confirmed { status = .loose }
        details.append("\(side) side: no error from \(felt) on")
      }
    }
    return [Claim(output.name, name, statement, status, details.joined(separator: "; "))]
  }

  private func fieldClaims(_ output: TrackedOutput, _ axis: Int, _ track: OutputTrack) -> [Claim] {
    guard let intervals = track.facts.intervals, track.isLocal else { return [] }
    let widths = intervals.widths.filter { $0 > 0 }
    let size = widths.min() == widths.max() ? "\(widths.max() ?? 0)" : "\(widths.min() ?? 0) to \(widths.max() ?? 0)"
    func claim(_ status: ClaimStatus, _ detail: String) -> Claim {
      Claim(output.name, track.facts.source.name, "receptive field \(size)", status, detail)
    }
    let own = field.fields.filter { $0.output.index == output.index }
    if let stray = own.compactMap(\.stray).first {
      return [claim(.contradicted, "a gradient of \(ClaimJudge.short(stray.value)) at \(stray.place), outside of it")]
    }
    guard own.contains(where: { $0.samples > 0 }) else {
      let reason = gradientRefusal ?? field.refusals[output.index] ?? "no output is free of borders"
      return [claim(.skipped, reason)]
    }
    if own.contains(where: { !$0.sums.allSatisfy(\.isFinite) }) {
      return [claim(.skipped, "the gradient overflows")]
    }
    let isReached = own.allSatisfy { $0.reach[axis].low && $0.reach[axis].high }
    return [
      claim(
        isReached ? .confirmed : .loose,
        isReached ? "the gradient fills it and stays inside" : "the gradient stays inside and does not reach its ends")
    ]
  }

  private func jointClaims(_ output: TrackedOutput) -> [Claim] {
    var claims: [Claim] = []
    let isFree = output.tracks.allSatisfy { $0.isLocal && $0.facts.verdict != .anchored }
    if isFree, let error = shift.diagonal[output.index] {
      let steps = design.periods.map(String.init).joined(separator: "x")
      claims.append(
        Claim(
          output.name, "", "a shift by \(steps) along all axes is matched",
          error <= ClaimJudge.rounding ? .confirmed : .contradicted, exactness(error)))
    }
    if isFree, let error = border.inner[output.index] {
      claims.append(
        Claim(
          output.name, "", "a tile equals the whole inside its halo",
          error <= ClaimJudge.rounding ? .confirmed : .contradicted, exactness(error)))
    }
    return claims
  }
}
