import Glibc

/// Numbers of a map of weights ≥ 0. Source: GEOMETRY §6.3; Luo et al. 2016.
package struct FieldStatistics: Sendable, Hashable {
  /// Per axis D, H, W of the marginal distribution, in samples.
  package var standardDeviation: [Double]
  /// Relative to the coordinate of the map's origin.
  package var centroid: [Double]
  /// Side of the smallest square around the centroid with 95.45 % of the sum.
  package var side: Int
  /// `side` over the mean side of the map.
  package var ratio: Double
  /// Samples above 4.55 % of the largest.
  package var count: Int
  /// R² of the Gaussian with the same mean and deviation per axis.
  package var gaussianFit: Double

  /// - Parameters:
  ///   - marginals: per axis, the sum over the others.
  ///   - origins: per axis, the coordinate of the first element.
  ///   - map: H × W in C order.
  package init(marginals: [[Double]], origins: [Int], map: [Double], width: Int) {
    guard map.allSatisfy(\.isFinite), map.reduce(0, +).isFinite,
      marginals.allSatisfy({ $0.allSatisfy(\.isFinite) && $0.reduce(0, +).isFinite })
    else {
      (standardDeviation, centroid) = (marginals.map { _ in 0 }, marginals.map { _ in 0 })
      (side, ratio, count, gaussianFit) = (0, 0, 0, 0)
      return
    }
    let moments = zip(marginals, origins).map { FieldStatistics.moments($0, origin: $1) }
    centroid = moments.map(\.mean)
    standardDeviation = moments.map(\.deviation)
    let height = width > 0 ? map.count / width : 0
    let (rows, columns) = (
      moments.count > 1 ? moments[moments.count - 2] : (mean: 0, deviation: 0), moments[moments.count - 1]
    )
    let rowOrigin = origins.count > 1 ? origins[origins.count - 2] : 0
    let middle = (rows.mean - Double(rowOrigin), columns.mean - Double(origins[origins.count - 1]))
    side = FieldStatistics.side(map, width, middle)
    ratio = height > 0 ? Double(side) / Double(height * width).squareRoot() : 0
    let largest = map.max() ?? 0
    count = map.count { $0 > 0.0455 * largest }
    gaussianFit = FieldStatistics.fit(map, width, middle, (rows.deviation, columns.deviation))
  }

  private static func moments(_ marginal: [Double], origin: Int) -> (mean: Double, deviation: Double) {
    let sum = marginal.reduce(0, +)
    guard sum > 0 else { return (0, 0) }
    let mean = marginal.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element } / sum
    let variance = marginal.enumerated().reduce(0) { total, item in
      let distance = Double(item.offset) - mean
      return total + distance * distance * item.element
    }
    return (mean + Double(origin), (variance / sum).squareRoot())
  }

  private static func side(_ map: [Double], _ width: Int, _ middle: (Double, Double)) -> Int {
    let total = map.reduce(0, +)
    guard total > 0, width > 0 else { return 0 }
    let height = map.count / width
    let (y, x) = (Int(middle.0.rounded()), Int(middle.1.rounded()))
    var reach = 0
    while reach < max(height, width) {
      let rows = max(0, y - reach)...min(height - 1, y + reach)
      let columns = max(0, x - reach)...min(width - 1, x + reach)
      let inside = rows.reduce(0.0) { sum, row in columns.reduce(sum) { $0 + map[row * width + $1] } }
      if inside >= 0.9545 * total { break }
      reach += 1
    }
    return 2 * reach + 1
  }

  private static func fit(
    _ map: [Double], _ width: Int, _ middle: (Double, Double), _ deviation: (Double, Double)
  ) -> Double {
    guard width > 0, !map.isEmpty else { return 0 }
    func bell(_ count: Int, _ centre: Double, _ deviation: Double) -> [Double] {
      let values = (0..<count).map { index -> Double in
        let z = (Double(index) - centre) / max(deviation, 1e-9)
        return exp(-z * z / 2)
      }
      let sum = values.reduce(0, +)
      return values.map { sum > 0 ? $0 / sum : 0 }
    }
    let rows = bell(map.count / width, middle.0, deviation.0)
    let columns = bell(width, middle.1, deviation.1)
    let total = map.reduce(0, +)
    let mean = total / Double(map.count)
    var residual = 0.0
    var spread = 0.0
    for (index, value) in map.enumerated() {
      let model = total * rows[index / width] * columns[index % width]
      residual += (value - model) * (value - model)
      spread += (value - mean) * (value - mean)
    }
    return spread > 0 ? 1 - residual / spread : 1
  }
}
