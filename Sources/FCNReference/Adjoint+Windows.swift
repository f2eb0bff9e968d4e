import FCNGraph
import FCNTensor

/// The pairs that a window over three axes ties together: coarse index o with fine index
/// i = stride·o − low + dilation·t, as far as both exist.
private struct WindowPairs {
  let stride: Int
  let fineColumns: Int
  let coarseColumns: Int
  /// Elements of one channel.
  let finePlane: Int
  let coarsePlane: Int
  let kernelColumns: Int
  /// For each coarse row (d, h): the first weight of the tap row and the fine row it meets.
  let rows: [[(weight: Int, fineRow: Int)]]
  /// For each tap column: the coarse columns that meet a fine one, and the fine column of coarse column 0.
  let columns: [(coarse: Range<Int>, start: Int)]

  init(_ axes: [WindowAxis], fine: [Int], coarse: [Int]) {
    stride = axes[2].stride
    (fineColumns, coarseColumns, kernelColumns) = (fine[2], coarse[2], axes[2].kernel)
    finePlane = fine.reduce(1, *)
    coarsePlane = coarse.reduce(1, *)
    var rows: [[(weight: Int, fineRow: Int)]] = []
    for d in 0..<coarse[0] {
      for h in 0..<coarse[1] {
        var pairs: [(weight: Int, fineRow: Int)] = []
        for td in axes[0].taps(d, within: 0..<fine[0]) {
          let plane = (d * axes[0].stride - axes[0].low + td * axes[0].dilation) * fine[1]
          for th in axes[1].taps(h, within: 0..<fine[1]) {
            let row = plane + h * axes[1].stride - axes[1].low + th * axes[1].dilation
            pairs.append(((td * axes[1].kernel + th) * axes[2].kernel, row))
          }
        }
        rows.append(pairs)
      }
    }
    self.rows = rows
    columns = (0..<axes[2].kernel).map { t in
      let start = t * axes[2].dilation - axes[2].low
      let first = max(0, (-start).dividedUp(by: axes[2].stride))
      let last = min(coarse[2] - 1, (fine[2] - 1 - start).dividedDown(by: axes[2].stride))
      return (first..<max(first, last + 1), start)
    }
  }
}

extension Adjoint {
  /// Convolution: gx[n,c,i] = Σ_m Σ_t w[m,c,t]·gy[n,m,o] over i = stride·o − low + dilation·t.
  /// Transposed: gx[n,c,o] = Σ_m Σ_t w[c,m,t]·gy[n,m,i] over the same pairs.
  /// In both, weights are `[coarse channels, fine channels of the group, taps]`.
  func windowed(groups: Int, isTransposed: Bool) -> [Double] {
    let x = forward.operand(0)
    let output = forward.outputShape
    let (fine, coarse) = isTransposed ? (output, x.shape) : (x.shape, output)
    let pairs = WindowPairs(
      forward.windows(), fine: forward.spatial(fine), coarse: forward.spatial(coarse))
    let weights = forward.operand(1)
    let window = weights.shape.dims[2...].reduce(1, *)
    let (fineChannels, coarseChannels) = (fine[1] / groups, coarse[1] / groups)
    let kernel = forward.kernelWeights
    let live = rowsWithGradient()
    var result = [Double](repeating: 0, count: x.shape.count)
    result.withUnsafeMutableBufferPointer { result in
      gradient.withUnsafeBufferPointer { gradient in
        kernel.withUnsafeBufferPointer { kernel in
          for item in 0..<x.shape[0] * groups {
            let first = item % groups * coarseChannels
            for row in pairs.rows.indices {
              for c in 0..<fineChannels {
                let fineAt = (item * fineChannels + c) * pairs.finePlane
                for m in 0..<coarseChannels {
                  let coarseAt = (item * coarseChannels + m) * pairs.coarsePlane + row * pairs.coarseColumns
                  let w = UnsafeBufferPointer(rebasing: kernel[(((first + m) * fineChannels + c) * window)...])
                  if isTransposed {
                    pairs.addToCoarse(result, coarseAt, gradient, fineAt, row, w, live)
                  } else if live[coarseAt / pairs.coarseColumns] {
                    pairs.addToFine(result, fineAt, gradient, coarseAt, row, w)
                  }
                }
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Whether each row of the gradient has anything but zeros: that of a single output has few.
  private func rowsWithGradient() -> [Bool] {
    let columns = forward.outputShape.dims.last ?? 1
    return (0..<gradient.count / max(1, columns)).map { row in
      gradient[row * columns..<(row + 1) * columns].contains { $0 != 0 }
    }
  }
}

extension WindowPairs {
  /// fine[stride·o + start] += w·coarse[o] for one coarse row of one pair of channels.
  func addToFine(
    _ fine: UnsafeMutableBufferPointer<Double>, _ fineAt: Int, _ coarse: UnsafeBufferPointer<Double>, _ coarseAt: Int,
    _ row: Int, _ weights: UnsafeBufferPointer<Double>
  ) {
    for (first, fineRow) in rows[row] {
      for t in 0..<kernelColumns {
        let w = weights[first + t]
        let (range, start) = columns[t]
        let target = fineAt + fineRow * fineColumns + start
        if stride == 1 {
          for o in range { fine[target + o] += w * coarse[coarseAt + o] }
        } else {
          for o in range { fine[target + stride * o] += w * coarse[coarseAt + o] }
        }
      }
    }
  }

  /// coarse[o] += w·fine[stride·o + start] for one coarse row of one pair of channels.
  func addToCoarse(
    _ coarse: UnsafeMutableBufferPointer<Double>, _ coarseAt: Int, _ fine: UnsafeBufferPointer<Double>, _ fineAt: Int,
    _ row: Int, _ weights: UnsafeBufferPointer<Double>, _ live: [Bool]
  ) {
    for (first, fineRow) in rows[row] where live[fineAt / fineColumns + fineRow] {
      for t in 0..<kernelColumns {
        let w = weights[first + t]
        let (range, start) = columns[t]
        let source = fineAt + fineRow * fineColumns + start
        for o in range { coarse[coarseAt + o] += w * fine[source + stride * o] }
      }
    }
  }
}
