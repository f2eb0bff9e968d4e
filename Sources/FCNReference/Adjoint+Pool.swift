import FCNGraph
import FCNTensor
import Glibc

/// The samples of one pooling window: a box of `counts` steps from `first`, in raster order.
private struct PoolWindow {
  var first: Int
  var counts: (d: Int, h: Int, w: Int)
  var steps: (d: Int, h: Int, w: Int)

  @inline(__always) func forEach(_ body: (Int) -> Void) {
    for d in 0..<counts.d {
      for h in 0..<counts.h {
        let row = first + d * steps.d + h * steps.h
        for w in 0..<counts.w { body(row + w * steps.w) }
      }
    }
  }
}

extension Adjoint {
  /// Maximum: to the first maximal sample; average: g/count; p-norm: g·sign(x)·(|x|/y)^(p−1).
  func pool(_ payload: Pool) -> [Double] {
    let data = forward.operand(0).values.doubles
    let y = results[0].values.doubles
    var result = [Double](repeating: 0, count: data.count)
    result.withUnsafeMutableBufferPointer { result in
      data.withUnsafeBufferPointer { data in
        forEachWindow { output, window, positions in
          let g = gradient[output]
          switch payload.function {
          case .max:
            var best = -1
            window.forEach { index in
              if best < 0 || data[index] > data[best] || data[index].isNaN && !data[best].isNaN { best = index }
            }
            if best >= 0 { result[best] += g }
          case .average(let countsPadding):
            let samples = window.counts.d * window.counts.h * window.counts.w
            let share = g / Double(max(1, countsPadding ? positions : samples))
            window.forEach { index in result[index] += share }
          case .lp(let p):
            let norm = y[output]
            if g == 0 || norm == 0 { return }
            window.forEach { index in
              let slope = p == 1 ? 1 : pow(abs(data[index]) / norm, Double(p - 1))
              result[index] += g * (data[index] > 0 ? slope : data[index] < 0 ? -slope : 0)
            }
          }
        }
      }
    }
    return result
  }

  /// Every output with its window and the window's positions within image and padding.
  private func forEachWindow(_ body: (_ output: Int, _ window: PoolWindow, _ positions: Int) -> Void) {
    let x = forward.operand(0)
    let axes = forward.windows()
    let sizes = forward.spatial(x.shape)
    let spans = (0..<3).map { axis in
      (0..<forward.spatial(forward.outputShape)[axis]).map { o in
        let taps = axes[axis].taps(o, within: 0..<sizes[axis])
        let first = o * axes[axis].stride - axes[axis].low + taps.lowerBound * axes[axis].dilation
        return (first: first, count: taps.count, positions: forward.positions(axes[axis], o, sizes[axis]))
      }
    }
    let steps = (d: axes[0].dilation * sizes[1] * sizes[2], h: axes[1].dilation * sizes[2], w: axes[2].dilation)
    var output = 0
    for plane in 0..<x.shape[0] * x.shape[1] {
      for d in spans[0] {
        for h in spans[1] {
          let row = ((plane * sizes[0] + d.first) * sizes[1] + h.first) * sizes[2]
          for w in spans[2] {
            let window = PoolWindow(first: row + w.first, counts: (d.count, h.count, w.count), steps: steps)
            body(output, window, d.positions * h.positions * w.positions)
            output += 1
          }
        }
      }
    }
  }

  /// gx = gy at the flat index; of several values at one index only the last was kept.
  func maxUnpool() throws(GraphError) -> [Double] {
    let indices = forward.operand(1).values.integers
    var owners = [Int](repeating: -1, count: gradient.count)
    for (position, index) in indices.enumerated() {
      guard index >= 0, index < gradient.count else {
        throw forward.error("index: expected 0..<\(gradient.count), got \(index)")
      }
      owners[Int(index)] = position
    }
    var result = [Double](repeating: 0, count: indices.count)
    for (index, owner) in owners.enumerated() where owner >= 0 { result[owner] = gradient[index] }
    return result
  }
}
