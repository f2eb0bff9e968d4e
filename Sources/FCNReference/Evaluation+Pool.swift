import FCNGraph
import FCNTensor

extension Evaluation {
  /// The samples of one window in raster order, with their positions, and the window's output index.
  private struct Samples {
    var values: [Double]
    var positions: [(d: Int, h: Int, w: Int)]
    var output: [Int]
    var plane: Int
  }

  /// Maximum with flat indices, average, or p-norm over each window.
  func pool(_ payload: Pool) -> [Values] {
    let x = operand(0)
    let axes = windows()
    let sizes = spatial(x.shape)
    var result: [Double] = []
    var indices: [Int64] = []
    result.reserveCapacity(region.count)
    forEachWindow(axes, sizes) { samples in
      switch payload.function {
      case .max(let columnMajor):
        let best = Evaluation.firstMaximum(samples.values)
        result.append(best.map { samples.values[$0] } ?? -.infinity)
        let at = best.map { samples.positions[$0] } ?? (d: 0, h: 0, w: 0)
        let flat =
          columnMajor ? (at.w * sizes[1] + at.h) * sizes[0] + at.d : (at.d * sizes[1] + at.h) * sizes[2] + at.w
        indices.append(Int64(samples.plane * sizes[0] * sizes[1] * sizes[2] + flat))
      case .average(let countsPadding):
        let count =
          countsPadding
          ? (0..<3).reduce(1) { $0 * positions(axes[$1], samples.output[$1], sizes[$1]) } : samples.values.count
        result.append(samples.values.reduce(0, +) / Double(max(1, count)))
      case .lp(let p):
        result.append(power(samples.values.reduce(0) { $0 + power(abs($1), Double(p)) }, 1 / Double(p)))
      }
    }
    let values: Values = x.elementType.isFloat ? .real(result) : .integer(result.map { saturating($0) })
    return sizing.outputs.count > 1 ? [values, .integer(indices)] : [values]
  }

  /// NaN counts as the largest.
  private static func firstMaximum(_ values: [Double]) -> Int? {
    var best: Int?
    for (index, value) in values.enumerated() {
      guard let current = best else {
        best = index
        continue
      }
      if value > values[current] || value.isNaN && !values[current].isNaN { best = index }
    }
    return best
  }

  private func forEachWindow(_ axes: [WindowAxis], _ sizes: [Int], _ body: (Samples) -> Void) {
    let x = operand(0)
    let data = x.values.doubles
    let grid = Grid(x.region)
    let out = Grid(region)
    var samples = Samples(values: [], positions: [], output: [0, 0, 0], plane: 0)
    for n in out.ranges[0] {
      for c in out.ranges[1] {
        samples.plane = n * x.shape[1] + c
        for z in out.ranges[2] {
          for y in out.ranges[3] {
            for o in out.ranges[4] {
              samples.output = [z, y, o]
              samples.values.removeAll(keepingCapacity: true)
              samples.positions.removeAll(keepingCapacity: true)
              let columns = taps(axes[2], o, sizes[2])
              for (_, d) in taps(axes[0], z, sizes[0]) {
                for (_, h) in taps(axes[1], y, sizes[1]) {
                  let row = grid.row(n, c, d, h)
                  for (_, w) in columns {
                    samples.values.append(data[row + w])
                    samples.positions.append((d, h, w))
                  }
                }
              }
              body(samples)
            }
          }
        }
      }
    }
  }

  /// Window positions within image and padding.
  func positions(_ axis: WindowAxis, _ o: Int, _ n: Int) -> Int {
    axis.taps(o, within: -axis.low..<max(-axis.low, n + axis.high)).count
  }

  /// Values at their flat indices of the whole output, zeros elsewhere; the last of several wins.
  func maxUnpool() throws(GraphError) -> Values {
    let x = operand(0)
    let common = x.region.intersection(operand(1).region)
    let data = x.cropped(to: common).doubles
    let indices = operand(1).cropped(to: common).integers
    let strides = outputShape.strides
    let local = region.shape.strides
    let total = outputShape.count
    var result = [Double](repeating: 0, count: region.count)
    for (value, index) in zip(data, indices) {
      guard index >= 0, index < total else { throw error("index: expected 0..<\(total), got \(index)") }
      var rest = Int(index)
      var offset = 0
      var isInside = true
      for axis in strides.indices {
        let position = rest / strides[axis]
        rest %= strides[axis]
        isInside = isInside && region[axis].contains(position)
        offset += (position - region[axis].lowerBound) * local[axis]
      }
      if isInside { result[offset] = value }
    }
    return .real(result)
  }
}
