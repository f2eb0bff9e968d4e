/// What keeps a dependence from commuting with shifts, or from being local.
package enum GeometryCause: String, Sendable, Hashable {
  /// Something of fixed position enters: a constant that varies along the axis, coordinates, a mask.
  case position
  /// A ratio or an offset follows from the size of the image.
  case imageSize
  /// The axis is reversed.
  case mirrored
  /// Every output sample depends on the whole axis.
  case global
  /// Axes are merged so that this one can no longer be told apart.
  case mixed
  /// Which samples are read depends on their values.
  case data
  /// The operator, or this form of it, is not known here.
  case unsupported

  /// Whether the network is still a function of places: it depends on where the image lies, not on all of it.
  package var isAnchor: Bool {
    switch self {
    case .position, .imageSize, .mirrored: true
    case .global, .mixed, .data, .unsupported: false
    }
  }
}

/// How one axis of a node's input follows from one output axis, away from borders.
package enum AxisGeometry: Sendable, Hashable {
  /// - Parameter anchor: the intervals hold, but only for this image.
  case local(PeriodicIntervals, anchor: GeometryCause?)
  case all(GeometryCause)
}

extension AxisRule {
  /// The rule as intervals on ℤ. Source: GEOMETRY §3.3, (p, q) of each operator.
  ///
  /// - Parameter n: size of the input axis.
  package func geometry(inputSize n: Int) -> AxisGeometry {
    func step(_ p: Int, _ low: Int, _ high: Int) -> AxisGeometry {
      .local(PeriodicIntervals(inputPeriod: p, intervals: [low...high]), anchor: nil)
    }
    switch self {
    case .pointwise: return .local(.identity, anchor: nil)
    case .window(let w): return step(w.stride, -w.low, w.extent - 1 - w.low)
    case .transposedWindow(let w):
      guard w.stride <= PeriodicIntervals.longestPeriod else { return .all(.global) }
      return .local(PeriodicIntervals(inputPeriod: 1, intervals: w.transposedHulls), anchor: nil)
    case .resample(let axis): return axis.geometry
    case .strided(let start, let step):
      guard step > 0 else { return .all(.mirrored) }
      return .local(PeriodicIntervals(inputPeriod: step, intervals: [start...start]), anchor: nil)
    case .padded(let low, _): return step(1, -low, -low)
    case .spread(let block):
      guard block <= PeriodicIntervals.longestPeriod else { return .all(.global) }
      return .local(PeriodicIntervals(inputPeriod: 1, intervals: Array(repeating: 0...0, count: block)), anchor: nil)
    case .gathered(let block): return step(block, 0, block - 1)
    case .placed(let offset): return step(1, -offset, -offset)
    case .repeated: return .all(n == 1 ? .global : .imageSize)
    case .broadcast, .everything: return .all(.global)
    }
  }

  /// What a sample beyond the border reads as; nil where the rule never leaves the image.
  package var border: Border? {
    switch self {
    case .window(let w): w.border
    case .transposedWindow: .zero
    case .resample(let axis): axis.staysInside ? nil : .edge
    case .padded(_, let border): border
    case .placed: .constant
    case .pointwise, .strided, .spread, .gathered, .repeated, .broadcast, .everything: nil
    }
  }
}

extension WindowAxis {
  /// For 0 ≤ o < stride the hull of all i with stride·i = o + low − dilation·t, 0 ≤ t < kernel. Cost: stride.
  fileprivate var transposedHulls: [ClosedRange<Int>?] {
    var lows = [Int?](repeating: nil, count: stride)
    var highs = lows
    // The residue of dilation·t repeats after at most `stride` taps; the first tap of a residue reads furthest up.
    for scanned in 0..<min(kernel, stride) {
      let (high, phase) = input(scanned)
      if highs[phase] == nil { highs[phase] = high }
      let (low, lastPhase) = input(kernel - 1 - scanned)
      if lows[lastPhase] == nil { lows[lastPhase] = low }
    }
    return zip(lows, highs).map { low, high in
      guard let low, let high else { return nil }
      return low...high
    }
  }

  /// What tap t reads, and the phase that reads it: o = stride·i − low + dilation·t.
  private func input(_ t: Int) -> (index: Int, phase: Int) {
    let position = low - dilation * t
    let index = position.dividedUp(by: stride)
    return (index, index * stride - position)
  }
}

extension ResampleAxis {
  /// x(o + q) = x(o) + p with p/q = step/denominator in lowest terms; taps of one period by the tables of the kernel.
  fileprivate var geometry: AxisGeometry {
    guard let period, period.output <= PeriodicIntervals.longestPeriod else { return .all(.imageSize) }
    let intervals = (0..<period.output).map { Optional(taps($0)) }
    return .local(
      PeriodicIntervals(inputPeriod: period.input, intervals: intervals),
      anchor: coordinates == .alignCorners ? .imageSize : nil)
  }

  /// Aligned corners keep x within the image, but the outer taps of a cubic, or of a wide window, reach beyond it.
  fileprivate var staysInside: Bool {
    guard coordinates == .alignCorners, !antialias else { return false }
    if case .cubic = interpolation { return false }
    return true
  }
}
