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

  /// Offset of column 0 of a row, held or not: the element at column w is at `row + w`.
  func row(_ n: Int, _ c: Int, _ d: Int, _ h: Int) -> Int {
    (n - ranges[0].lowerBound) * strides[0] + (c - ranges[1].lowerBound) * strides[1]
      + (d - ranges[2].lowerBound) * strides[2] + (h - ranges[3].lowerBound) * strides[3] - ranges[4].lowerBound
  }
}

extension Evaluation {
  /// The windows of the spatial axes, padded in front to three.
  func windows(_ input: Int = 0) -> [WindowAxis] {
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
  func spatial(_ shape: Shape) -> [Int] { Array(repeating: 1, count: 5 - shape.rank) + shape.dims[2...] }

  /// The taps (t, input index) of output `o` that lie in `0..<n`.
  func taps(_ axis: WindowAxis, _ o: Int, _ n: Int) -> [(t: Int, i: Int)] {
    axis.taps(o, within: 0..<n).map { ($0, o * axis.stride - axis.low + $0 * axis.dilation) }
  }

  private func transposedTaps(_ axis: WindowAxis, _ o: Int, _ n: Int) -> [(t: Int, i: Int)] {
    if n == 0 { return [] }
    let first = max(0, (o + axis.low - axis.stride * (n - 1)).dividedUp(by: axis.dilation))
    let last = min(axis.kernel - 1, (o + axis.low).dividedDown(by: axis.dilation))
    return (first..<max(first, last + 1)).compactMap { t in
      let position = o + axis.low - t * axis.dilation
      return position % axis.stride == 0 ? (t, position / axis.stride) : nil
    }
  }

  /// y[n,m,o] = b[m] + Σ_c Σ_t w[m,c,t]·x[n, g·C/G + c, stride·o − low + dilation·t]
  func convolution(_ payload: Convolution) -> Values {
    let weights = operand(1)
    let channels = weights.shape[1]
    let perGroup = weights.shape[0] / payload.groups
    return windowed(taps: taps) { m in
      (m / perGroup * channels, channels)
    } weight: { m, c in
      m * channels + c
    }
  }

  /// y[n,m,o] = b[m] + Σ_c Σ_t w[c,m,t]·x[n,c,i] over all t with stride·i = o + low − dilation·t
  func convTranspose(_ payload: ConvTranspose) -> Values {
    let weights = operand(1)
    let perGroup = weights.shape[1]
    let channels = weights.shape[0] / payload.groups
    return windowed(taps: transposedTaps) { m in
      (m / perGroup * channels, channels)
    } weight: { m, c in
      (m / perGroup * channels + c) * perGroup + m % perGroup
    }
  }

  /// The weights, times the factors of a folded normalisation.
  var kernelWeights: [Double] {
    let weights = operand(1)
    guard let (factors, form) = node.op.channelFactors else { return weights.values.doubles }
    return factors.scaled(weights.values.doubles, shape: weights.shape, form: form)
  }

  private func windowed(
    taps: (WindowAxis, Int, Int) -> [(t: Int, i: Int)], channels: (Int) -> (first: Int, count: Int),
    weight: (Int, Int) -> Int
  ) -> Values {
    let x = operand(0)
    let data = x.values.doubles
    let kernel = kernelWeights
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
                        let row = grid.row(n, first + c, id, ih)
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
}
