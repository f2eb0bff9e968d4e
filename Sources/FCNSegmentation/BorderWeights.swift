import Glibc

/// The U-Net weight map `w = w_c + w_0 exp(−(d1 + d2)² / 2σ²)` (Ronneberger et al. 2015, eq. 2).
package struct BorderWeights: Sendable, Hashable {
  package var borderWeight: Double
  /// Pixels.
  package var sigma: Double
  /// w_c by label; labels beyond have 1.
  package var classWeights: [Double]

  /// - Throws: `.option` unless σ > 0 and all weights are finite and not negative.
  package init(
    borderWeight: Double = 10, sigma: Double = 5, classWeights: [Double] = []
  ) throws(SegmentationError) {
    guard sigma > 0, sigma.isFinite, ([borderWeight] + classWeights).allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw SegmentationError(
        .option, "border weights: expected sigma > 0 and weights ≥ 0, got \(borderWeight), \(sigma)")
    }
    self.borderWeight = borderWeight
    self.sigma = sigma
    self.classWeights = classWeights
  }

  /// The formula at distances `d1`, `d2` (pixels; ∞ where there is no such object) to the two nearest objects.
  package func weight(classWeight: Double, d1: Double, d2: Double) -> Double {
    classWeight + borderWeight * exp(-(d1 + d2) * (d1 + d2) / (2 * sigma * sigma))
  }

  /// The weights of a map, `[height, width]`. Objects are the 8-connected parts of labels other than 0, distances are
  /// Euclidean from pixel centre to pixel centre; the second term is for label 0 only. Objects beyond 6.5 σ, where the
  /// term is below 10⁻⁹ w_0, are left out.
  ///
  /// Cost: the objects' boxes, widened by 6.5 σ, twice over (separable exact distance).
  package func map(_ labels: LabelMap) throws(SegmentationError) -> [Double] {
    let parts = try ConnectedComponents(labels)
    let reach = Int(min(6.5 * sigma, 1e6).rounded(.up))
    var nearest = [Double](repeating: .infinity, count: labels.labels.count)
    var second = nearest
    let boxes = ClassStatistics.Box.all(count: parts.count, width: labels.width, height: labels.height) {
      Int(parts.components[$0])
    }
    for (component, box) in boxes.enumerated() where parts.labels[component] != 0 {
      let rows = max(0, box.top - reach)..<min(labels.height, box.bottom + reach)
      let columns = max(0, box.left - reach)..<min(labels.width, box.right + reach)
      let squares = BorderWeights.squaredDistances(parts.components, labels.width, Int32(component), rows, columns)
      var index = 0
      for y in rows {
        for x in columns {
          let at = y * labels.width + x
          let distance = squares[index]
          index += 1
          if distance < nearest[at] {
            second[at] = nearest[at]
            nearest[at] = distance
          } else if distance < second[at] {
            second[at] = distance
          }
        }
      }
    }
    return labels.labels.indices.map { at in
      let label = Int(labels.labels[at])
      let classWeight = classWeights.indices.contains(label) ? classWeights[label] : 1
      return label == 0
        ? weight(classWeight: classWeight, d1: nearest[at].squareRoot(), d2: second[at].squareRoot()) : classWeight
    }
  }

  /// Squared distance of each pixel of the window to the component: down the columns, then the lower envelope of
  /// parabolas along the rows (Felzenszwalb and Huttenlocher 2012).
  private static func squaredDistances(
    _ components: [Int32], _ width: Int, _ component: Int32, _ rows: Range<Int>, _ columns: Range<Int>
  ) -> [Double] {
    var result = [Double](repeating: .infinity, count: rows.count * columns.count)
    for (column, x) in columns.enumerated() {
      var last = Double.infinity
      for (row, y) in rows.enumerated() {
        last = components[y * width + x] == component ? 0 : last + 1
        result[row * columns.count + column] = last
      }
      last = .infinity
      for row in stride(from: rows.count - 1, through: 0, by: -1) {
        last = min(last + 1, result[row * columns.count + column])
        result[row * columns.count + column] = last * last
      }
    }
    for row in 0..<rows.count {
      let start = row * columns.count
      let envelope = lowerEnvelope(result[start..<start + columns.count])
      for column in 0..<columns.count { result[start + column] = envelope[column] }
    }
    return result
  }

  /// `D(x) = min_q (x − q)² + f(q)`
  static func lowerEnvelope(_ f: ArraySlice<Double>) -> [Double] {
    let f = Array(f)
    var sites: [Int] = []
    var starts: [Double] = []
    for q in f.indices where f[q].isFinite {
      var from = -Double.infinity
      while let p = sites.last {
        from = (f[q] - f[p] + Double(q * q - p * p)) / Double(2 * (q - p))
        if from > starts[starts.count - 1] { break }
        sites.removeLast()
        starts.removeLast()
        from = -.infinity
      }
      sites.append(q)
      starts.append(from)
    }
    guard !sites.isEmpty else { return f }
    var k = 0
    return f.indices.map { x in
      while k + 1 < sites.count, starts[k + 1] < Double(x) { k += 1 }
      let d = Double(x - sites[k])
      return d * d + f[sites[k]]
    }
  }
}
