import FCNTensor

extension SizingContext {
  func resize(_ payload: Resize) throws(GraphError) -> NodeSizing {
    let x = try type(0)
    let rank = x.shape.rank
    let axes = try axes(payload.axes ?? Array(0..<rank), rank: rank)
    let scales = reals(2).flatMap { $0.isEmpty ? nil : $0 }
    let sizes = try integers(3).flatMap { $0.isEmpty ? nil : $0 }
    var dims = x.shape.dims
    var rule = SizingContext.pointwise(rank)
    let roi = try regionOfInterest(payload, axes: axes.count)
    guard let count = sizes?.count ?? scales?.count else { throw error("scales and sizes are both missing") }
    guard count == axes.count else { throw error("scales or sizes: expected \(axes.count) values, got \(count)") }
    if let sizes, !sizes.allSatisfy({ (0...Shape.largestDimension).contains($0) }) {
      throw error("sizes: expected 0…\(Shape.largestDimension), got \(sizes)")
    }
    let ratios = sizes.map { resolve($0, axes: axes, shape: x.shape, payload.aspect) }
    for (index, axis) in axes.enumerated() {
      let n = x.shape[axis]
      let scale: Double
      let ratio: (Int, Int)?
      if let target = ratios?[index] {
        dims[axis] = target.size
        (scale, ratio) = (target.scale, target.ratio)
      } else {
        scale = scales![index]
        guard scale > 0, scale.isFinite, scale * Double(max(n, 1)) <= Double(Shape.largestDimension) else {
          throw error("scales: expected positive finite values, got \(scale)")
        }
        ratio = SizingContext.fraction(scale)
        dims[axis] = outputSize(n, scale: scale, ratio: ratio, roi: roi.map { ($0[index], $0[axes.count + index]) })
      }
      guard dims[axis] >= 0, n > 0 || dims[axis] == 0 else { throw error("size along axis \(axis): got \(dims[axis])") }
      // Fewer taps than twice the input for every output; a region of interest could ask for more.
      guard !payload.antialias || dims[axis] == 0 || scale * Double(n) >= 0.5 else {
        throw error("scales: expected at least \(0.5 / Double(n)) with antialias, got \(scale)")
      }
      if dims[axis] == n && scale == 1 && payload.coordinates != .tfCropAndResize { continue }
      rule[axis] = AxisDependence(
        axis,
        .resample(
          ResampleAxis(
            inputSize: n, outputSize: dims[axis], scale: scale, ratio: ratio, resize: payload,
            roi: roi.map { [$0[index], $0[axes.count + index]] } ?? [])))
    }
    return sizing(TensorType(x.elementType, Shape(dims)), [rule])
  }

  private func regionOfInterest(_ payload: Resize, axes count: Int) throws(GraphError) -> [Double]? {
    guard payload.coordinates == .tfCropAndResize else { return nil }
    guard let roi = reals(1), roi.count == 2 * count, roi.allSatisfy({ abs($0) < 1e6 }) else {
      throw error("roi: expected \(2 * count) finite values")
    }
    return roi
  }

  private func outputSize(_ n: Int, scale: Double, ratio: (Int, Int)?, roi: (Double, Double)?) -> Int {
    if let roi { return Int(max(0, min(2e9, (Double(n) * (roi.1 - roi.0) * scale).rounded(.down)))) }
    if let (u, v) = ratio { return n * u / v }
    return Int((Double(n) * scale).rounded(.down))
  }

  /// Target sizes with the scale that the coordinates use: sizes/n, or one common scale if the aspect is kept.
  private func resolve(
    _ sizes: [Int], axes: [Int], shape: Shape, _ aspect: AspectPolicy
  ) -> [(size: Int, scale: Double, ratio: (Int, Int)?)] {
    let pairs = zip(sizes, axes).map { (size: $0, n: max(1, shape[$1])) }
    func exact(_ size: Int, _ n: Int) -> (Int, Int) {
      let divisor = max(1, greatestCommonDivisor(size, n))
      return (size / divisor, n / divisor)
    }
    switch aspect {
    case .stretch: return pairs.map { ($0.size, Double($0.size) / Double($0.n), exact($0.size, $0.n)) }
    case .notLarger, .notSmaller:
      let ordered = pairs.sorted { Double($0.size) / Double($0.n) < Double($1.size) / Double($1.n) }
      guard let chosen = aspect == .notLarger ? ordered.first : ordered.last else { return [] }
      let (u, v) = exact(chosen.size, chosen.n)
      let scale = Double(chosen.size) / Double(chosen.n)
      return pairs.map { (Int((Double($0.n) * scale).rounded()), scale, (u, v)) }
    }
  }

  /// The fraction u/v with v ≤ 4096 that rounds to the given float32 (or double) scale, by continued fractions.
  static func fraction(_ scale: Double) -> (Int, Int)? {
    guard scale > 0, scale < 65_536 else { return nil }
    var (h0, h1, k0, k1) = (0, 1, 1, 0)
    var rest = scale
    for _ in 0..<24 {
      let whole = Int(rest.rounded(.down))
      (h0, h1) = (h1, whole &* h1 &+ h0)
      (k0, k1) = (k1, whole &* k1 &+ k0)
      if k1 > 4096 || k1 <= 0 || h1 <= 0 && whole != 0 { return nil }
      if h1 > 0, Float(Double(h1) / Double(k1)) == Float(scale) { return (h1, k1) }
      let part = rest - Double(whole)
      if part < 1e-12 { return nil }
      rest = 1 / part
      if rest > 1e9 { return nil }
    }
    return nil
  }

  func gridSample() throws(GraphError) -> NodeSizing {
    let x = try type(0)
    let grid = try type(1)
    let rank = x.shape.rank
    guard rank >= 3, grid.shape.rank == rank, grid.shape[rank - 1] == rank - 2, grid.shape[0] == x.shape[0] else {
      throw error("grid: expected [\(x.shape[0]), …, \(rank - 2)] of rank \(rank), got \(grid.shape)")
    }
    guard !x.shape.dims.contains(0) || grid.shape.dims.contains(0) else { throw error("input is empty: \(x.shape)") }
    let dims = [x.shape[0], x.shape[1]] + grid.shape.dims[1..<rank - 1]
    var rule = SizingContext.everything(rank)
    rule[0] = AxisDependence(0, .pointwise)
    rule[1] = AxisDependence(1, .pointwise)
    var gridRule = [AxisDependence(0, .pointwise)]
    for axis in 1..<rank - 1 { gridRule.append(AxisDependence(axis + 1, .pointwise)) }
    gridRule.append(.everything)
    return sizing(TensorType(x.elementType, Shape(dims)), [rule, gridRule])
  }
}

/// Euclid.
package func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  var (a, b) = (abs(a), abs(b))
  while b != 0 { (a, b) = (b, a % b) }
  return a
}
