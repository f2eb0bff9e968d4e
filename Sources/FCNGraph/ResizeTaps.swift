/// Where a Resize over the last three axes at most reads, and with which weights; from `ResampleAxis`, exact in the
/// global index.
package struct ResizeTaps: Sendable {
  /// The resampling of depth, row and column; nil for an axis that keeps its size.
  package let axes: [ResampleAxis?]

  /// Nil if an axis before the last three is resized.
  ///
  /// - Parameter rule: of the resized input.
  package init?(_ rule: [AxisDependence]) {
    guard rule.count >= 1 else { return nil }
    var axes: [ResampleAxis?] = [nil, nil, nil]
    for (axis, dependence) in rule.enumerated() {
      guard case .resample(let resampling) = dependence.rule else { continue }
      let position = axis - (rule.count - 3)
      if position < 0 { return nil }
      axes[position] = resampling
    }
    self.axes = axes
  }

  package var extrapolates: Bool { axes.contains { $0?.coordinates == .tfCropAndResize } }

  /// Taps of one output index, relative to what is held.
  package struct Taps {
    package var indices: [Int]
    package var weights: [Float]

    /// Products with the taps of an inner axis, as offsets.
    package func crossed(_ inner: Taps, outer outerStride: Int, inner innerStride: Int) -> (
      offsets: [Int], weights: [Float]
    ) {
      var offsets: [Int] = []
      var products: [Float] = []
      for (z, a) in zip(indices, weights) {
        for (y, b) in zip(inner.indices, inner.weights) {
          offsets.append(z * outerStride + y * innerStride)
          products.append(a * b)
        }
      }
      return (offsets, products)
    }
  }

  /// Taps of all columns, as many for each.
  package struct Columns {
    package var indices: [Int32]
    package var weights: [Float]
    package var count: Int

    package init(indices: [Int32], weights: [Float], count: Int) {
      (self.indices, self.weights, self.count) = (indices, weights, count)
    }
  }

  /// The most taps that an output index of an axis has: of the whole axis, so that the operations of an element do not
  /// depend on the region. 1 where the axis keeps its size.
  package func largestCount(_ axis: Int) -> Int {
    guard let axis = axes[axis] else { return 1 }
    return (0..<axis.outputSize).map { axis.taps($0).count }.max() ?? 1
  }

  /// Clamped to the edge.
  package func along(_ axis: Int, _ o: Int, held: Range<Int>) -> Taps {
    guard let axis = axes[axis] else { return Taps(indices: [o - held.lowerBound], weights: [1]) }
    return Taps(
      indices: axis.taps(o).map { min(max($0, 0), axis.inputSize - 1) - held.lowerBound },
      weights: axis.weights(o).map { Float($0) })
  }

  /// Nil where columns keep their size.
  package func columns(_ range: Range<Int>, held: Range<Int>) -> Columns? {
    guard axes[2] != nil else { return nil }
    let all = range.map { along(2, $0, held: held) }
    let count = largestCount(2)
    var result = Columns(indices: [], weights: [], count: count)
    for taps in all {
      for t in 0..<count {
        result.indices.append(Int32(taps.indices[min(t, taps.indices.count - 1)]))
        result.weights.append(t < taps.weights.count ? taps.weights[t] : 0)
      }
    }
    return result
  }
}
