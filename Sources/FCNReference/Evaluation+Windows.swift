import FCNGraph
import FCNTensor

/// Five ranges `[N, C, D, H, W]` of a held region of rank 3 to 5, with strides.
struct Grid {
  let ranges: [Range<Int>]
  let strides: [Int]

  init(_ region: Region) {
    ranges = Array(region.ranges[..<2]) + Array(repeating: 0..<1, count: 5 - region.rank) + region.ranges[2...]
    strides = Region(ranges).shape.strides
  }

  func offset(_ n: Int, _ c: Int, _ d: Int, _ h: Int, _ w: Int) -> Int {
    (n - ranges[0].lowerBound) * strides[0] + (c - ranges[1].lowerBound) * strides[1]
      + (d - ranges[2].lowerBound) * strides[2] + (h - ranges[3].lowerBound) * strides[3] + (w - ranges[4].lowerBound)
  }
}

extension Evaluation {
  /// The windows of the spatial axes, padded in front to three.
  private func windows(_ input: Int = 0) -> [WindowAxis] {
    var axes: [WindowAxis] = []
    for dependence in sizing.rule.inputs[input].dropFirst(2) {
      switch dependence.rule {
      case .window(let axis), .transposedWindow(let axis): axes.append(axis)
      case .pointwise, .resample, .strided, .padded, .spread, .gathered, .placed, .repeated, .broadcast, .everything:
        preconditionFailure("not a window")
      }
    }
    return Array(repeating: WindowAxis(kernel: 1), count: 3 - axes.count) + axes
  }

  /// Spatial sizes of a shape, padded in front to three.
  private func spatial(_ shape: Shape) -> [Int] { Array(repeating: 1, count: 5 - shape.rank) + shape.dims[2...] }

  /// The taps (t, input index) of output `o` that lie in `0..<n`.
  private func taps(_ axis: WindowAxis, _ o: Int, _ n: Int) -> [(t: Int, i: Int)] {
    (0..<axis.kernel).compactMap { t in
      let i = o * axis.stride - axis.low + t * axis.dilation
      return i >= 0 && i < n ? (t, i) : nil
    }
  }

  private func transposedTaps(_ axis: WindowAxis, _ o: Int, _ n: Int) -> [(t: Int, i: Int)] {
    (0..<axis.kernel).compactMap { t in
      let position = o + axis.low - t * axis.dilation
      guard position % axis.stride == 0 else { return nil }
      let i = position / axis.stride
      return i >= 0 && i < n ? (t, i) : nil
    }
  }

  /// y[n,m,o] = b[m] + Σ_c Σ_t w[m,c,t]·x[n, g·C/G + c, stride·o − low + dilation·t]
  func convolution(_ payload: Convolution) -> Values {
    let weights = operand(1)
    let channels = weights.shape[1]
    let perGroup = weights.shape[0] / payload.groups
    return windowed(taps: taps) { m in (m / perGroup * channels, channels) } weight: { m, c in
      m * channels + c
    }
  }

  /// y[n,m,o] = b[m] + Σ_c Σ_t w[c,m,t]·x[n,c,i] over all t with stride·i = o + low − dilation·t
  func convTranspose(_ payload: ConvTranspose) -> Values {
    let weights = operand(1)
    let perGroup = weights.shape[1]
    let channels = weights.shape[0] / payload.groups
    return windowed(taps: transposedTaps) { m in (m / perGroup * channels, channels) } weight: { m, c in
      (m / perGroup * channels + c) * perGroup + m % perGroup
    }
  }

  private func windowed(
    taps: (WindowAxis, Int, Int) -> [(t: Int, i: Int)], channels: (Int) -> (first: Int, count: Int),
    weight: (Int, Int) -> Int
  ) -> Values {
    let x = operand(0)
    let data = x.values.doubles
    let kernel = operand(1).values.doubles
    let bias = has(2) ? operand(2).values.doubles : []
    let axes = windows()
    let sizes = spatial(x.shape)
    let grid = Grid(x.region)
    let out = Grid(region)
    let steps = (axes[1].kernel * axes[2].kernel, axes[2].kernel)
    let depthTaps = out.ranges[2].map { taps(axes[0], $0, sizes[0]) }
    let rowTaps = out.ranges[3].map { taps(axes[1], $0, sizes[1]) }
    let columnTaps = out.ranges[4].map { taps(axes[2], $0, sizes[2]) }
    var result: [Double] = []
    result.reserveCapacity(region.count)
    let window = axes[0].kernel * steps.0
    data.withUnsafeBufferPointer { data in
      kernel.withUnsafeBufferPointer { kernel in
        for n in out.ranges[0] {
          for m in out.ranges[1] {
            let (first, count) = channels(m)
            for d in depthTaps {
              for h in rowTaps {
                for w in columnTaps {
                  var sum = 0.0
                  for c in 0..<count {
                    let base = weight(m, c) * window
                    for (td, id) in d {
                      for (th, ih) in h {
                        let row = grid.offset(n, first + c, id, ih, grid.ranges[4].lowerBound) - grid.ranges[4].lowerBound
                        let k = base + td * steps.0 + th * steps.1
                        for (tw, iw) in w { sum += kernel[k + tw] * data[row + iw] }
                      }
                    }
                  }
                  result.append(bias.isEmpty ? sum : sum + bias[m])
                }
              }
            }
          }
        }
      }
    }
    return .real(result)
  }

  /// Maximum with flat indices, average, or p-norm over each window.
  func pool(_ payload: Pool) -> [Values] {
    let x = operand(0)
    let data = x.values.doubles
    let axes = windows()
    let sizes = spatial(x.shape)
    let grid = Grid(x.region)
    let out = Grid(region)
    var result: [Double] = []
    var indices: [Int64] = []
    for n in out.ranges[0] {
      for c in out.ranges[1] {
        for z in out.ranges[2] {
          let d = taps(axes[0], z, sizes[0])
          for y in out.ranges[3] {
            let h = taps(axes[1], y, sizes[1])
            for o in out.ranges[4] {
              let w = taps(axes[2], o, sizes[2])
              switch payload.function {
              case .max(let columnMajor):
                var best = -Double.infinity
                var at = (0, 0, 0)
                var isFirst = true
                for (_, id) in d { for (_, ih) in h { for (_, iw) in w {
                  let value = data[grid.offset(n, c, id, ih, iw)]
                  if isFirst || value > best || value.isNaN && !best.isNaN { (best, at, isFirst) = (value, (id, ih, iw), false) }
                } } }
                result.append(best)
                let plane = columnMajor
                  ? (at.2 * sizes[1] + at.1) * sizes[0] + at.0 : (at.0 * sizes[1] + at.1) * sizes[2] + at.2
                indices.append(Int64((n * x.shape[1] + c) * sizes[0] * sizes[1] * sizes[2] + plane))
              case .average(let countsPadding):
                var sum = 0.0
                for (_, id) in d { for (_, ih) in h { for (_, iw) in w { sum += data[grid.offset(n, c, id, ih, iw)] } } }
                let count = countsPadding
                  ? positions(axes[0], z, sizes[0]) * positions(axes[1], y, sizes[1]) * positions(axes[2], o, sizes[2])
                  : d.count * h.count * w.count
                result.append(sum / Double(max(1, count)))
              case .lp(let p):
                var sum = 0.0
                for (_, id) in d { for (_, ih) in h { for (_, iw) in w {
                  sum += power(abs(data[grid.offset(n, c, id, ih, iw)]), Double(p))
                } } }
                result.append(power(sum, 1 / Double(p)))
              }
            }
          }
        }
      }
    }
    let values: Values = x.elementType.isFloat ? .real(result) : .integer(result.map { saturating($0) })
    return sizing.outputs.count > 1 ? [values, .integer(indices)] : [values]
  }

  /// Window positions within image and padding.
  private func positions(_ axis: WindowAxis, _ o: Int, _ n: Int) -> Int {
    let start = o * axis.stride - axis.low
    return (0..<axis.kernel).count { (-axis.low..<n + axis.high).contains(start + $0 * axis.dilation) }
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
