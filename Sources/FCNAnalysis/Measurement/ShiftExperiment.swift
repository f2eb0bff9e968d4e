import FCNGraph
import FCNRuntime
import FCNTensor

/// Equivariance error: a crop and the same crop shifted, both of real content. Source: GEOMETRY §6.1.
struct ShiftExperiment {
  let design: ExperimentDesign
  private(set) var outcomes: [ShiftOutcome] = []
  /// Shifts along all axes at once by one period: largest error per output, relative to its largest value.
  private(set) var diagonal: [Int: Double] = [:]
  /// Outputs that differ from place to place on some image, by index.
  private(set) var varying: Set<Int> = []
  /// Error of running the same crop twice.
  private(set) var repetition = 0.0

  init(_ design: ExperimentDesign) { self.design = design }

  mutating func add(_ canvas: Canvas, _ runner: NetworkRunner) throws(ExperimentError) {
    let origin = design.size.map { _ in 0 }
    let base = try design.run(canvas, at: origin, runner)
    for output in design.outputs where varies(output, base[output.index]) { varying.insert(output.index) }
    for axis in design.size.indices {
      for shift in design.shifts[axis] {
        var place = origin
        place[axis] = shift
        let moved = try design.run(canvas, at: place, runner)
        for output in design.outputs { record(output, axis, shift, base[output.index], moved[output.index]) }
      }
    }
    let moved = try design.run(canvas, at: design.periods, runner)
    for output in design.outputs { recordDiagonal(output, base[output.index], moved[output.index]) }
  }

  /// Whether some channel has two values.
  private func varies(_ output: TrackedOutput, _ values: OutputValues) -> Bool {
    let places = Set(output.tracks.map(\.axis))
    let strides = values.shape.strides
    var result = false
    values.walk(values.shape.region) { index, coordinates in
      if result { return }
      var first = index
      for axis in places { first -= coordinates[axis] * strides[axis] }
      if values.values[index] != values.values[first] { result = true }
    }
    return result
  }

  private mutating func record(
    _ output: TrackedOutput, _ axis: Int, _ shift: Int, _ base: OutputValues, _ moved: OutputValues
  ) {
    let track = output.tracks[axis]
    func difference(_ region: Region, _ shift: Int) -> OutputDifference? {
      region.isEmpty
        ? nil
        : OutputDifference(
          base, moved, region: region, offset: -shift * output.shape.strides[track.axis], channels: output.channels)
    }
    let shifts = track.outputShifts(shift)
    var best: (clean: OutputDifference, whole: OutputDifference, shift: Int)?
    for candidate in shifts where candidate < track.size {
      var region = output.region(cleanExcept: axis)
      let clean = track.clean ?? 0..<track.size
      region[track.axis] = min(clean.lowerBound + candidate, clean.upperBound)..<clean.upperBound
      var whole = output.shape.region
      whole[track.axis] = candidate..<track.size
      guard let inner = difference(region, candidate), let outer = difference(whole, candidate) else { continue }
      if best == nil || inner.rms < best!.clean.rms { best = (inner, outer, candidate) }
    }
    guard let best else { return }
    let name = track.facts.source.name
    let known = outcomes.firstIndex { $0.output == output.name && $0.axis == name && $0.shift == shift }
    if known == nil {
      outcomes.append(
        ShiftOutcome(
          output: output.name, axis: name, shift: shift, outputShift: best.shift, isWhole: shifts.count == 1))
    }
    let index = known ?? outcomes.count - 1
    let deviation = best.clean.deviation > 0 ? best.clean.deviation : 1
    outcomes[index].maximum = max(outcomes[index].maximum, best.clean.maximum / deviation)
    outcomes[index].relative = max(outcomes[index].relative, best.clean.relative)
    outcomes[index].rms.append(best.clean.rms / deviation)
    outcomes[index].agreement.append(best.clean.agreement)
    outcomes[index].overlapRMS.append(best.whole.rms / deviation)
    outcomes[index].overlapAgreement.append(best.whole.agreement)
    if shift == 0 { repetition = max(repetition, best.whole.maximum) }
  }

  private mutating func recordDiagonal(_ output: TrackedOutput, _ base: OutputValues, _ moved: OutputValues) {
    guard output.tracks.allSatisfy(\.isLocal),
      zip(output.tracks, design.periods).allSatisfy({ $1 % $0.inputPeriod == 0 })
    else { return }
    var region = output.shape.region
    var offset = 0
    for (axis, track) in output.tracks.enumerated() {
      let shift = design.periods[axis] / track.inputPeriod * track.outputPeriod
      let clean = track.clean!
      region[track.axis] = min(clean.lowerBound + shift, clean.upperBound)..<clean.upperBound
      offset += shift * output.shape.strides[track.axis]
    }
    if region.isEmpty { return }
    let difference = OutputDifference(base, moved, region: region, offset: -offset, channels: output.channels)
    diagonal[output.index] = max(diagonal[output.index] ?? 0, difference.relative)
  }
}
