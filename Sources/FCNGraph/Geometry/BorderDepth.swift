import FCNTensor

/// How far the border of the image reaches into a tensor, along one axis: the first `low` and the last `high` elements
/// depend on what lies beyond the image. `wholeAxis`: all of them do.
///
/// Source: GEOMETRY §5.1. The last contaminated element counts, not the first clean one: cleanliness is not monotone.
package struct BorderDepth: Sendable, Hashable {
  package var low: Int
  package var high: Int

  package init(low: Int = 0, high: Int = 0) {
    self.low = low
    self.high = high
  }

  package static let wholeAxis = BorderDepth(low: .max, high: .max)

  func merged(_ other: BorderDepth) -> BorderDepth {
    BorderDepth(low: max(low, other.low), high: max(high, other.high))
  }
}

extension PeriodicIntervals {
  /// The border depth of `m` outputs over `n` inputs of depth `inner`.
  ///
  /// Low side: contaminated where lo(o) < a, the largest k with lo[r] + p·k < a; high side: where hi(o) > n − 1 − b.
  /// - Parameter counts: whether reading beyond the image contaminates; if not, only contaminated inputs do.
  func depth(of inner: BorderDepth, counts: Bool, inputSize n: Int, outputSize m: Int) -> BorderDepth {
    if inner == .wholeAxis { return .wholeAxis }
    var result = BorderDepth()
    for (phase, interval) in intervals.enumerated() {
      guard let interval else { continue }
      if counts || inner.low > 0 {
        let k = (inner.low - 1 - interval.lowerBound).dividedDown(by: inputPeriod)
        let last = PeriodicIntervals.last(phase + outputPeriod * k, phase: phase, period: outputPeriod, below: m)
        result.low = max(result.low, last + 1)
      }
      if counts || inner.high > 0 {
        let k = (n - inner.high - interval.upperBound).dividedUp(by: inputPeriod)
        let first = PeriodicIntervals.first(phase + outputPeriod * k, phase: phase)
        if first < m { result.high = max(result.high, m - first) }
      }
    }
    return BorderDepth(low: max(0, min(result.low, m)), high: max(0, min(result.high, m)))
  }

  /// The last element of the phase at or before `index` and below `m`; −1: none.
  private static func last(_ index: Int, phase: Int, period: Int, below m: Int) -> Int {
    guard phase < m, index >= 0 else { return -1 }
    return min(index, phase + (m - 1 - phase) / period * period)
  }

  /// The first element of the phase at or after `index`, not below 0.
  private static func first(_ index: Int, phase: Int) -> Int { max(index, phase) }
}

extension AxisRule {
  /// In a small image a border may mirror what the other border has reached: o < low reads low − o, and o = low + n + j
  /// reads n − 2 − j.
  fileprivate func reflected(_ depth: BorderDepth, of inner: BorderDepth, inputSize n: Int, outputSize m: Int)
    -> BorderDepth
  {
    guard case .padded(let low, .reflect) = self, inner != .wholeAxis else { return depth }
    var result = depth
    if low > 0 && inner.high > 0 && low >= n - inner.high { result.high = m }
    if m - n - low > 0 && inner.low > 0 && 2 * n + low - 1 - m < inner.low { result.low = m }
    return result
  }
}

extension GraphGeometry {
  /// The border depth of every value along the axis that follows `source`; nil: it does not depend on it.
  ///
  /// - Parameters:
  ///   - initial: what is already foreign in the input, such as rows that were added to it.
  ///   - counts: whether what node `index` reads beyond the border, by this rule, contaminates.
  package func depths(
    _ source: Int, initial: BorderDepth = BorderDepth(),
    counting counts: (_ node: Int, Border) -> Bool = { _, _ in true }
  ) -> [BorderDepth?] {
    var result = [BorderDepth?](repeating: nil, count: sized.graph.values.count)
    result[sized.graph.inputs[sources[source].input].index] = initial
    for (index, node) in sized.graph.nodes.enumerated() {
      var depth: BorderDepth?
      for (place, input) in node.inputs.enumerated() {
        guard let input, let inner = result[input.index] else { continue }
        let part = self.depth(index, place, input, inner, source, counts)
        depth = depth.map { $0.merged(part) } ?? part
      }
      for case let output? in node.outputs where dependence(source, output) != .none { result[output.index] = depth }
    }
    return result
  }

  private func depth(
    _ index: Int, _ place: Int, _ input: ValueID, _ inner: BorderDepth, _ source: Int,
    _ counts: (Int, Border) -> Bool
  ) -> BorderDepth {
    let node = sized.graph.nodes[index]
    guard let output = node.outputs.compactMap({ $0 }).first, let sizing = sized.sizings[index],
      case .local(let target) = dependence(source, output), case .local(let local) = dependence(source, input),
      let rule = rules[index]
    else { return .wholeAxis }
    let m = target.extent ?? sizing.outputs[0].shape[target.axis]
    let n = local.extent ?? sized.type(input).shape[local.axis]
    if case .reshape = node.op { return reshapedDepth(inner, local, target, n: n, m: m, index) }
    let link = rule.inputs[place][local.axis]
    if local.extent != nil { return inner }
    guard case .local(let intervals, _) = link.rule.geometry(inputSize: n) else { return .wholeAxis }
    if case .placed = link.rule, let whole = partDepth(index, place, inner, n: n, m: m, target.axis) { return whole }
    let depth = intervals.depth(
      of: inner, counts: link.rule.border.map { counts(index, $0) } ?? false, inputSize: n, outputSize: m)
    return link.rule.reflected(depth, of: inner, inputSize: n, outputSize: m)
  }

  /// An axis split or merged coarsely reads blocks; whole or as a factor it is itself.
  private func reshapedDepth(
    _ inner: BorderDepth, _ local: LocalDependence, _ target: LocalDependence, n: Int, m: Int, _ index: Int
  ) -> BorderDepth {
    if n == m || inner == .wholeAxis { return inner }
    let rule: AxisRule = n > m ? .gathered(block: n / m) : .spread(block: m / n)
    guard case .local(let intervals, _) = rule.geometry(inputSize: n) else { return .wholeAxis }
    return intervals.depth(of: inner, counts: false, inputSize: n, outputSize: m)
  }

  /// Parts of an image side by side: a seam with contaminated elements spoils everything. Nil: a single part.
  private func partDepth(
    _ index: Int, _ place: Int, _ inner: BorderDepth, n: Int, m: Int, _ axis: Int
  ) -> BorderDepth? {
    let node = sized.graph.nodes[index]
    guard node.inputs.count(where: { $0.map(isMoving) ?? false }) > 1, let rule = rules[index] else { return nil }
    guard let link = rule.inputs[place].first(where: { $0.outputAxis == axis }), case .placed(let offset) = link.rule
    else { return nil }
    if (offset > 0 && inner.low > 0) || (offset + n < m && inner.high > 0) { return .wholeAxis }
    return BorderDepth(low: offset == 0 ? inner.low : 0, high: offset + n == m ? inner.high : 0)
  }
}
