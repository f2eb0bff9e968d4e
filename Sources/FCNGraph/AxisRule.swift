/// What a sample beyond the border of an image reads as.
package enum Border: String, Sendable, Hashable, CaseIterable {
  /// Absent terms: 0.
  case zero
  /// Left out (max: −∞; average without padding: not counted).
  case ignored
  case constant, edge, reflect, wrap
}

/// Which input indices one output index depends on, along one axis, in global coordinates; with the output size that
/// follows. The one description of spatial operators: shape inference, region requests and geometry read it.
/// Source: GEOMETRY §3.3; n input size, m output size, e = dilation·(kernel−1)+1.
package enum AxisRule: Sendable, Hashable {
  /// o
  case pointwise
  /// stride·o − low + dilation·t, 0 ≤ t < kernel
  case window(WindowAxis)
  /// (o + low − dilation·t)/stride where that is an integer
  case transposedWindow(WindowAxis)
  /// Interpolation taps around the resampled coordinate.
  case resample(ResampleAxis)
  /// start + step·o; negative steps mirror.
  case strided(start: Int, step: Int)
  /// o − low, beyond the border by `border`
  case padded(low: Int, border: Border)
  /// ⌊o/block⌋
  case spread(block: Int)
  /// block·o … block·o + block − 1
  case gathered(block: Int)
  /// o − offset where that is inside the input (Concat)
  case placed(offset: Int)
  /// o mod n (Tile)
  case repeated
  /// The single element of an axis of size 1.
  case broadcast
  /// The whole axis.
  case everything
}

/// A sliding window along one axis, its padding resolved.
package struct WindowAxis: Sendable, Hashable {
  package var kernel: Int
  package var stride: Int
  package var dilation: Int
  package var low: Int
  package var high: Int
  package var border: Border

  package init(kernel: Int, stride: Int = 1, dilation: Int = 1, low: Int = 0, high: Int = 0, border: Border = .zero) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.low = low
    self.high = high
    self.border = border
  }

  /// Samples from the first tap to the last, dilation·(kernel−1)+1.
  package var extent: Int { dilation * (kernel - 1) + 1 }

  /// The taps t of output `o` whose index stride·o − low + dilation·t lies in `bounds`. Cost: constant.
  package func taps(_ o: Int, within bounds: Range<Int>) -> Range<Int> {
    let start = stride * o - low
    let first = max(0, (bounds.lowerBound - start).dividedUp(by: dilation))
    let last = min(kernel - 1, (bounds.upperBound - 1 - start).dividedDown(by: dilation))
    return first..<max(first, last + 1)
  }

  /// ⌊(n + low + high − e)/stride⌋ + 1; rounding up, windows that start in the far padding are dropped. Below 1: none.
  package func size(_ n: Int, roundsUp: Bool = false) -> Int {
    let room = n + low + high - extent
    if room < 0 { return 0 }
    guard roundsUp else { return room / stride + 1 }
    let m = (room + stride - 1) / stride + 1
    return (m - 1) * stride >= n + low ? m - 1 : m
  }

  /// stride·(n−1) + outputPadding + e − low − high
  package func transposedSize(_ n: Int, outputPadding: Int) -> Int {
    stride * (n - 1) + outputPadding + extent - low - high
  }
}

extension AxisRule {
  /// The hull of the input indices, clipped to `0..<n`, that the outputs `range` of `0..<m` read.
  /// Empty where they read nothing (bias-only outputs, parts of a Concat).
  package func request(_ range: Range<Int>, inputSize n: Int) -> Range<Int> {
    if range.isEmpty || n == 0 { return 0..<0 }
    let first = range.lowerBound
    let last = range.upperBound - 1
    func clipped(_ low: Int, _ high: Int) -> Range<Int> {
      let low = max(0, low)
      let high = min(n - 1, high)
      return low <= high ? low..<high + 1 : min(max(low, 0), n)..<min(max(low, 0), n)
    }
    switch self {
    case .pointwise: return clipped(first, last)
    case .window(let w): return clipped(w.stride * first - w.low, w.stride * last - w.low + w.extent - 1)
    case .transposedWindow(let w):
      return clipped(
        (first + w.low - w.extent + 1).dividedUp(by: w.stride), (last + w.low).dividedDown(by: w.stride))
    case .resample(let axis):
      // A cubic kernel has one tap where the coordinate is whole: the neighbouring output may reach further.
      let taps = [first, min(first + 1, last), max(last - 1, first), last].map(axis.taps)
      // Taps beyond the edge read the edge.
      let from = taps.reduce(taps[0].lowerBound) { min($0, $1.lowerBound) }
      let to = taps.reduce(taps[0].upperBound) { max($0, $1.upperBound) }
      return clipped(min(max(from, 0), n - 1), min(max(to, 0), n - 1))
    case .strided(let start, let step):
      return clipped(min(start + step * first, start + step * last), max(start + step * first, start + step * last))
    case .padded(let low, let border):
      let from = first - low
      let to = last - low
      switch border {
      case .zero, .ignored, .constant: return clipped(from, to)
      case .edge: return clipped(min(max(from, 0), n - 1), min(max(to, 0), n - 1))
      case .reflect, .wrap: return from >= 0 && to < n ? from..<to + 1 : 0..<n
      }
    case .spread(let block): return clipped(first / block, last / block)
    case .gathered(let block): return clipped(first * block, last * block + block - 1)
    case .placed(let offset): return clipped(first - offset, last - offset)
    case .repeated: return first / n == last / n ? first % n..<last % n + 1 : 0..<n
    case .broadcast: return 0..<1
    case .everything: return 0..<n
    }
  }

  /// The input index that a padded output index reads, nil where it reads the constant.
  package static func resolve(_ index: Int, size n: Int, border: Border) -> Int? {
    if index >= 0 && index < n { return index }
    switch border {
    case .zero, .ignored, .constant: return nil
    case .edge: return n > 0 ? min(max(index, 0), n - 1) : nil
    case .reflect:
      if n <= 1 { return n == 1 ? 0 : nil }
      let period = 2 * (n - 1)
      let phase = ((index % period) + period) % period
      return phase < n ? phase : period - phase
    case .wrap: return n > 0 ? ((index % n) + n) % n : nil
    }
  }
}

extension Int {
  /// ⌊self/divisor⌋ for a positive divisor.
  package func dividedDown(by divisor: Int) -> Int {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }

  /// ⌈self/divisor⌉ for a positive divisor.
  package func dividedUp(by divisor: Int) -> Int { -(-self).dividedDown(by: divisor) }
}
