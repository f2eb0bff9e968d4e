package import FCNGraph

/// How to cut an image so that the tiles, each run alone by any runtime, equal the whole image: Theorem 2 of GEOMETRY
/// §5.5.
///
/// Tiles begin at multiples of the period, have a size of the image's class modulo the period, and give up the border
/// depth at every side that is not a side of the image.
package struct TilingRule: Sendable {
  package struct Axis: Sendable, Hashable {
    package var name: String
    /// P: tiles begin at multiples of it, and n ≡ N (mod P).
    package var originMultiple: Int
    /// Output samples to give up, per side.
    package var low: Int
    package var high: Int
  }

  /// Empty where no tiling is exact.
  package var axes: [Axis] = []
  package var refusals: [GeometryReason] = []
  package var isExact: Bool { refusals.isEmpty }

  /// - Parameters:
  ///   - outputs: the facts of every output along the axes of the image input.
  ///   - isOnlySize: per axis, whether the network runs at this size alone.
  package init(_ outputs: [[AxisFacts]], isOnlySize: [Bool]) {
    for facts in outputs.joined() {
      let isRefused = facts.verdict == .anchored || facts.verdict == .global || facts.verdict == .unknown
      for reason in facts.reasons where isRefused && !refusals.contains(reason) { refusals.append(reason) }
      for node in facts.wrapping where !refusals.contains(where: { $0.node == node }) {
        refusals.append(
          GeometryReason(
            node: node, .position, "wraps around: beyond a border lies the opposite one, which no tile has"))
      }
    }
    for (facts, isOnlySize) in outputs.flatMap({ zip($0, isOnlySize) }) {
      guard isOnlySize, let size = facts.outputSize, facts.depth.low + facts.depth.high >= size,
        let node = facts.nodes.first?.node, !refusals.contains(where: { $0.node == node })
      else { continue }
      refusals.append(
        GeometryReason(node: node, .position, "reads beyond the border, which reaches every output at the only size"))
    }
    guard isExact, let first = outputs.first else { return }
    for axis in first.indices {
      let facts = outputs.map { $0[axis] }
      guard let period = TilingRule.period(facts) else {
        refusals.append(
          GeometryReason(node: facts[0].breakers.last?.node ?? 0, .imageSize, "makes the period too long to count"))
        break
      }
      axes.append(
        Axis(
          name: facts[0].source.name, originMultiple: period, low: facts.map(\.depth.low).max() ?? 0,
          high: facts.map(\.depth.high).max() ?? 0))
    }
    if !isExact { axes = [] }
  }

  /// The least common multiple of the periods.
  private static func period(_ facts: [AxisFacts]) -> Int? {
    var result = 1
    for fact in facts {
      let p = fact.intervals?.inputPeriod ?? 1
      let (product, overflow) = (result / greatestCommonDivisor(result, p)).multipliedReportingOverflow(by: p)
      if overflow || product > 1 << 40 { return nil }
      result = product
    }
    return result
  }
}
