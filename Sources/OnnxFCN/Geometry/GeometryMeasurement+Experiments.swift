package import FCNAnalysis
import FCNTensor

extension GeometryMeasurement {
  package init(_ experiments: GeometryExperiments, source: String, seconds: Double) {
    self.source = source
    samples = experiments.samples
    size = experiments.design.size
    claims = experiments.claims.map(Claim.init)
    shifts = experiments.shifts.map { ShiftError($0) }
    borders = experiments.borders.map { outcome in
      BorderProfile(
        output: outcome.output, axis: outcome.axis, side: outcome.isLow ? "low" : "high", depth: outcome.depth,
        maximum: outcome.maximum, mean: outcome.mean, p99: outcome.p99)
    }
    fields = experiments.fields.map(EffectiveField.init)
    self.seconds = seconds
  }
}

extension GeometryMeasurement.Claim {
  init(_ claim: Claim) {
    output = claim.output
    axis = claim.axis
    statement = claim.statement
    status = GeometryMeasurement.Status(rawValue: claim.status.rawValue)!
    detail = claim.detail
  }
}

extension GeometryMeasurement.EffectiveField {
  init(_ field: FieldOutcome) {
    output = field.output
    phase = field.phase
    rows = field.rows
    columns = field.columns
    map = field.map
    samples = field.samples
    standardDeviation = field.statistics.standardDeviation
    centroid = field.statistics.centroid
    side = field.statistics.side
    ratio = field.statistics.ratio
    count = field.statistics.count
    gaussianFit = field.statistics.gaussianFit
  }
}

extension GeometryMeasurement.ShiftError {
  private static let bootstrapRounds = 1000
  private static let bootstrapSamples = 8

  init(_ outcome: ShiftOutcome) {
    func mean(_ list: [Double]) -> Double { list.isEmpty ? 0 : list.reduce(0, +) / Double(list.count) }
    output = outcome.output
    axis = outcome.axis
    shift = outcome.shift
    outputShift = outcome.outputShift
    isWhole = outcome.isWhole
    maximum = outcome.maximum
    rms = GeometryMeasurement.ShiftError.median(outcome.rms)
    rmsInterval = GeometryMeasurement.ShiftError.interval(outcome.rms)
    agreement = mean(outcome.agreement)
    overlapRMS = GeometryMeasurement.ShiftError.median(outcome.overlapRMS)
    overlapAgreement = mean(outcome.overlapAgreement)
  }

  private static func median(_ list: [Double]) -> Double {
    let sorted = list.sorted()
    if sorted.isEmpty { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// 95 % of the medians of resampled lists (Efron 1979).
  private static func interval(_ list: [Double]) -> ClosedRange<Double>? {
    guard list.count >= bootstrapSamples else { return nil }
    var generator = SeededGenerator(1)
    let medians = (0..<bootstrapRounds).map { _ in
      median(list.map { _ in list[generator.integer(in: 0...list.count - 1)] })
    }.sorted()
    return medians[bootstrapRounds * 25 / 1000]...medians[bootstrapRounds * 975 / 1000 - 1]
  }
}
