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

  /// - Parameter outputs: the facts of every output along the axes of the image input.
  package init(_ outputs: [[AxisFacts]]) {
    for facts in outputs.joined() {
      let isRefused = facts.verdict == .anchored || facts.verdict == .global || facts.verdict == .unknown
      for reason in facts.reasons where isRefused && !refusals.contains(reason) { refusals.append(reason) }
      for node in facts.wrapping where !refusals.contains(where: { $0.node == node }) {
        refusals.append(
          GeometryReason(
            node: node, .position, "wraps around: beyond a border lies the opposite one, which no tile has"))
      }
    }
    guard isExact, let first = outputs.first else { return }
    axes = first.indices.map { axis in
      let facts = outputs.map { $0[axis] }
      let period = facts.reduce(1) { result, facts in
        let p = facts.intervals?.inputPeriod ?? 1
        return result / greatestCommonDivisor(result, p) * p
      }
      return Axis(
        name: facts[0].source.name, originMultiple: period, low: facts.map(\.depth.low).max() ?? 0,
        high: facts.map(\.depth.high).max() ?? 0)
    }
  }
}
