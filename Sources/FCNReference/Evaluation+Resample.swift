import FCNGraph
import FCNTensor

extension Evaluation {
  /// Separable: every axis with more than one tap, first to last.
  func resize(_ payload: Resize) -> Values {
    let x = operand(0)
    if case .nearest = payload.interpolation {
      let tables = MoveTables.tables(
        node.op, sizing.rule.inputs[0], from: x.region, of: x.shape, to: region, of: outputShape)
      return x.values.gathered(
        tables, fill: payload.extrapolation, integerFill: saturating(payload.extrapolation, to: x.elementType))
    }
    var data = x.values.doubles
    var held = x.region
    for (axis, dependence) in sizing.rule.inputs[0].enumerated() {
      guard case .resample(let resampling) = dependence.rule else { continue }
      (data, held) = resampled(data, held, axis, resampling)
    }
    for (axis, dependence) in sizing.rule.inputs[0].enumerated() {
      guard case .resample(let resampling) = dependence.rule else { continue }
      extrapolate(&data, held, axis, resampling, payload.extrapolation)
    }
    let result = Operand(elementType: x.elementType, shape: outputShape, region: held, values: .real(data))
      .cropped(to: region)
    return x.elementType.isFloat ? result : .integer(result.doubles.map { saturating($0.rounded()) })
  }

  /// One axis: Σ weight·x at taps clamped to the edge.
  private func resampled(
    _ data: [Double], _ held: Region, _ axis: Int, _ resampling: ResampleAxis
  ) -> ([Double], Region) {
    var target = held
    target[axis] = region[axis]
    let inner = held.ranges[(axis + 1)...].reduce(1) { $0 * $1.count }
    let outer = held.ranges[..<axis].reduce(1) { $0 * $1.count }
    var result = [Double](repeating: 0, count: target.count)
    for (position, o) in region[axis].enumerated() {
      for (tap, weight) in zip(resampling.taps(o), resampling.weights(o)) {
        let source = min(max(tap, 0), resampling.inputSize - 1) - held[axis].lowerBound
        for row in 0..<outer {
          let from = (row * held[axis].count + source) * inner
          let to = (row * target[axis].count + position) * inner
          for index in 0..<inner { result[to + index] += weight * data[from + index] }
        }
      }
    }
    return (result, target)
  }

  private func extrapolate(
    _ data: inout [Double], _ held: Region, _ axis: Int, _ resampling: ResampleAxis, _ value: Double
  ) {
    let inner = held.ranges[(axis + 1)...].reduce(1) { $0 * $1.count }
    let outer = held.ranges[..<axis].reduce(1) { $0 * $1.count }
    for (position, o) in held[axis].enumerated() where resampling.extrapolates(o) {
      for row in 0..<outer {
        let start = (row * held[axis].count + position) * inner
        for index in start..<start + inner { data[index] = value }
      }
    }
  }

  /// y[n,c,o] = x[n,c, grid[n,o]] interpolated; coordinates in [−1, 1], x first.
  func gridSample(_ payload: GridSample) -> Values {
    let x = operand(0)
    let grid = operand(1)
    let data = x.values.doubles
    let coordinates = grid.values.doubles
    let rank = x.shape.rank - 2
    let gridStrides = grid.region.shape.strides
    let strides = x.region.shape.strides
    var result: [Double] = []
    var index = region.ranges.map(\.lowerBound)
    for _ in 0..<region.count {
      var at = (index[0] - grid.region[0].lowerBound) * gridStrides[0]
      for axis in 0..<rank { at += (index[axis + 2] - grid.region[axis + 1].lowerBound) * gridStrides[axis + 1] }
      let base = (index[0] - x.region[0].lowerBound) * strides[0] + (index[1] - x.region[1].lowerBound) * strides[1]
      var taps = [(offset: base, weight: 1.0)]
      for axis in 0..<rank {
        let n = x.shape[axis + 2]
        let position = Evaluation.denormalized(coordinates[at + rank - 1 - axis], n, payload)
        let along = Evaluation.gridTaps(position, n, payload)
        taps = taps.flatMap { tap in along.map { (tap.offset + $0.index * strides[axis + 2], tap.weight * $0.weight) } }
      }
      result.append(taps.reduce(0) { $0 + data[$1.offset] * $1.weight })
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < region[axis].upperBound { break }
        index[axis] = region[axis].lowerBound
      }
    }
    return .real(result)
  }

  /// [−1, 1] to sample positions, then the padding's reflection or clamp of the position.
  static func denormalized(_ value: Double, _ n: Int, _ payload: GridSample) -> Double {
    let size = Double(n)
    let position = payload.alignCorners ? (value + 1) / 2 * (size - 1) : ((value + 1) * size - 1) / 2
    guard position.isFinite, abs(position) < 1e9 else { return payload.padding == .zeros ? -1e6 : 0 }
    if case .cubic = payload.interpolation { return position }
    switch payload.padding {
    case .zeros: return position
    case .border: return min(max(position, 0), size - 1)
    case .reflection: return reflected(position, n, payload.alignCorners)
    }
  }

  private static func reflected(_ position: Double, _ n: Int, _ alignCorners: Bool) -> Double {
    let (low, high) = alignCorners ? (0.0, Double(n - 1)) : (-0.5, Double(n) - 0.5)
    let range = high - low
    if range <= 0 { return 0 }
    var x = (position - low).truncatingRemainder(dividingBy: 2 * range)
    if x < 0 { x += 2 * range }
    if x > range { x = 2 * range - x }
    return min(max(x + low, 0), Double(n - 1))
  }

  static func gridTaps(_ position: Double, _ n: Int, _ payload: GridSample) -> [(index: Int, weight: Double)] {
    func resolved(_ index: Int) -> Int? {
      if (0..<n).contains(index) { return index }
      switch payload.padding {
      case .zeros: return nil
      case .border: return min(max(index, 0), n - 1)
      case .reflection: return Int(reflected(Double(index), n, payload.alignCorners).rounded())
      }
    }
    let whole = position.rounded(.down)
    let fraction = position - whole
    let candidates: [(Int, Double)]
    switch payload.interpolation {
    case .nearest: candidates = [(Int(position.rounded(.toNearestOrEven)), 1)]
    case .linear: candidates = [(Int(whole), 1 - fraction), (Int(whole) + 1, fraction)]
    case .cubic:
      candidates = (-1...2).map { (Int(whole) + $0, cubic(abs(Double($0) - fraction))) }
    }
    return candidates.compactMap { index, weight in
      weight == 0 ? nil : resolved(index).map { ($0, weight) }
    }
  }

  /// Keys' kernel with a = −0.75.
  private static func cubic(_ d: Double) -> Double {
    let a = -0.75
    if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
    if d < 2 { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a }
    return 0
  }
}
