package import FCNGraph
import FCNTensor

/// The sizes and shifts of the experiments on one network.
package struct ExperimentDesign: Sendable {
  /// The image size.
  package let size: [Int]
  /// Context on every side for the border experiment: multiples of the period; zero where only one size runs.
  package let margin: [Int]
  /// The joint period of all outputs, per axis.
  package let periods: [Int]
  package let shifts: [[Int]]
  /// The geometry at `size`.
  package let analysis: GeometryAnalysis
  package let outputs: [TrackedOutput]

  /// Elements of one image that experiments are made on at most.
  private static let largestImage = 1 << 26

  /// Whether the images of the experiments fit in memory.
  package var isFeasible: Bool {
    let sizes = zip(canvas, size).map { max($0, $1) }
    return analysis.grid.shapes(sizes).allSatisfy { shape in
      let count = try? shape.checkedCount()
      return (count ?? .max) <= ExperimentDesign.largestImage
    }
  }

  /// Samples of the canvas per axis.
  package var canvas: [Int] {
    size.indices.map { size[$0] + max(2 * margin[$0], shifts[$0].max() ?? 0) }
  }

  /// - Throws: `GraphError` if no size suits.
  package init(
    _ analysis: GeometryAnalysis, rule: (Node, NodeSizing) -> SpatialRule
  ) throws(GraphError) {
    let axes = analysis.grid.axes.indices
    var periods = axes.map { GeometryAnalysis.guessedPeriod(analysis.geometry, analysis.sources(axis: $0)) }
    var size = axes.map { ExperimentDesign.size(analysis, $0, periods[$0]) }
    var current = analysis
    // Enough outputs must be free of borders.
    for _ in 0..<4 {
      current = try analysis.moved(to: size, rule: rule)
      let lacking = axes.filter { axis in
        analysis.runs[axis].map { $0.step != 0 } ?? false
          && current.joint.contains { ExperimentDesign.lacksCleanOutputs($0[axis]) }
      }
      if lacking.isEmpty { break }
      for axis in lacking { size[axis] += (size[axis] / 2).dividedUp(by: periods[axis]) * periods[axis] }
    }
    // What is true of the declared size only is tested there.
    if zip(current.joint, analysis.joint).contains(where: { $0.map(\.verdict) != $1.map(\.verdict) }) {
      current = analysis
    }
    let settled = current
    let isMoved = settled.size != analysis.size || analysis.grid.declaredSize == nil
    periods = axes.map { GeometryAnalysis.guessedPeriod(settled.geometry, settled.sources(axis: $0)) }
    self.analysis = settled
    self.size = settled.size
    self.periods = periods
    let graph = settled.geometry.sized.graph
    outputs = graph.outputs.indices.compactMap { index in
      let id = graph.outputs[index]
      return TrackedOutput(
        index, name: graph[id].name, type: settled.geometry.sized.types[id.index], facts: settled.joint[index])
    }
    margin = axes.map { axis in
      let isFixed = analysis.runs[axis]?.step == 0 || !isMoved && analysis.runs[axis] == nil
      return isFixed ? 0 : ExperimentDesign.margin(settled.joint.map { $0[axis] }, periods[axis])
    }
    shifts = periods.map(ExperimentDesign.shifts)
  }

  /// The smallest seamless size above the largest receptive field, with room for two periods.
  private static func size(_ analysis: GeometryAnalysis, _ axis: Int, _ period: Int) -> Int {
    let widths = analysis.joint.compactMap { $0[axis].intervals?.widths.max() }
    let least = (widths.max() ?? 64) + 2 * period + 16
    let whole = least.dividedUp(by: period) * period
    guard let runs = analysis.runs[axis], runs.step != 0 else { return analysis.size[axis] }
    if let seamless = analysis.seamless[axis] {
      if seamless.contains(whole) { return whole }
      if let next = seamless.next(atLeast: least) { return next }
    }
    return runs.contains(whole) ? whole : runs.next(atLeast: least) ?? analysis.size[axis]
  }

  private static func lacksCleanOutputs(_ facts: AxisFacts) -> Bool {
    guard facts.verdict != .anchored, let intervals = facts.intervals, let m = facts.outputSize else { return false }
    return m - facts.depth.low - facts.depth.high < 2 * intervals.outputPeriod + 4
  }

  /// The least multiple of the period that covers the border depth, in input samples.
  private static func margin(_ facts: [AxisFacts], _ period: Int) -> Int {
    let depth = facts.map { facts -> Int in
      guard let intervals = facts.intervals, facts.outputSize != nil else { return 0 }
      let depth = max(facts.depth.low, facts.depth.high)
      let (samples, overflow) = depth.multipliedReportingOverflow(by: intervals.inputPeriod)
      return overflow ? 0 : samples.dividedUp(by: intervals.outputPeriod)
    }
    return ((depth.max() ?? 0) + period).dividedUp(by: period) * period
  }

  /// 0, every shift up to one period and two periods; of a long period the first few and those with few ones.
  static func shifts(_ period: Int) -> [Int] {
    if period <= 16 { return Array(0...max(period, 3)) + (period > 1 ? [2 * period] : []) }
    var shifts: Set<Int> = [0, 1, 2, 3, period - 1, period, 2 * period]
    var power = 4
    while power < period {
      shifts.formUnion([power, power * 3 / 2])
      power *= 2
    }
    return shifts.filter { $0 <= 2 * period }.sorted()
  }
}
