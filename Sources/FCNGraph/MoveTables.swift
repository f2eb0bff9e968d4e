package import FCNTensor

/// Operators that only move elements (slices, padding, transposition, expansion, tiling, nearest resizing, depth to
/// space and back): the source offset of an output element is a sum of one table entry per output axis.
package enum MoveTables {
  /// For each output axis the source offset that each index of `target` contributes; −1: the fill value.
  ///
  /// - Parameters:
  ///   - rule: of the moved input.
  ///   - held: the region of the input in memory, in C order.
  package static func tables(
    _ op: Operator, _ rule: [AxisDependence], from held: Region, of source: Shape, to target: Region, of output: Shape
  ) -> [[Int]] {
    let strides = held.shape.strides
    if case .depthToSpace(let block, let order) = op {
      return depthToSpace(held, target, output, strides, block, order)
    }
    if case .spaceToDepth(let block) = op { return spaceToDepth(held, source, target, strides, block) }
    var tables = target.ranges.map { [Int](repeating: 0, count: $0.count) }
    for (axis, dependence) in rule.enumerated() {
      guard let outputAxis = dependence.outputAxis else { continue }
      for (position, o) in target[outputAxis].enumerated() {
        let index = index(dependence.rule, o, size: source[axis])
        tables[outputAxis][position] = index.map { ($0 - held[axis].lowerBound) * strides[axis] } ?? -1
      }
    }
    return tables
  }

  private static func index(_ rule: AxisRule, _ o: Int, size n: Int) -> Int? {
    switch rule {
    case .pointwise: return o
    case .strided(let start, let step): return start + step * o
    case .padded(let low, let border): return AxisRule.resolve(o - low, size: n, border: border)
    case .resample(let axis):
      if axis.extrapolates(o) { return nil }
      return min(max(axis.taps(o).lowerBound, 0), n - 1)
    case .repeated: return o % n
    case .broadcast: return 0
    case .window, .transposedWindow, .spread, .gathered, .placed, .everything:
      preconditionFailure("not a move")
    }
  }

  /// DCR: source channel (dy·b + dx)·C + c; CRD: c·b² + dy·b + dx.
  private static func depthToSpace(
    _ held: Region, _ target: Region, _ output: Shape, _ strides: [Int], _ b: Int, _ order: DepthOrder
  ) -> [[Int]] {
    let channels = output[1]
    let (perC, perY, perX) = order == .dcr ? (1, b * channels, channels) : (b * b, b, 1)
    func along(_ axis: Int, _ perPhase: Int) -> [Int] {
      target[axis].map { o in (o / b - held[axis].lowerBound) * strides[axis] + (o % b) * perPhase * strides[1] }
    }
    return [
      target[0].map { ($0 - held[0].lowerBound) * strides[0] },
      target[1].map { ($0 * perC - held[1].lowerBound) * strides[1] }, along(2, perY), along(3, perX),
    ]
  }

  /// Output channel (dy·b + dx)·C + c.
  private static func spaceToDepth(
    _ held: Region, _ source: Shape, _ target: Region, _ strides: [Int], _ b: Int
  ) -> [[Int]] {
    let channels = source[1]
    return [
      target[0].map { ($0 - held[0].lowerBound) * strides[0] },
      target[1].map { k in
        (k % channels - held[1].lowerBound) * strides[1] + (k / channels / b) * strides[2]
          + (k / channels % b) * strides[3]
      },
      target[2].map { ($0 * b - held[2].lowerBound) * strides[2] },
      target[3].map { ($0 * b - held[3].lowerBound) * strides[3] },
    ]
  }
}
