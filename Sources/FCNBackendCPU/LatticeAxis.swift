import FCNGraph

/// One axis of a convolution or transposed convolution as lattices: outputs o = q·outputStep + phase read inputs
/// q·inputStep + offsets[i] with weight taps[i].
struct LatticeAxis: Sendable {
  var inputStep: Int
  var outputStep: Int
  var phase: Int
  var taps: [Int]
  var offsets: [Int]

  /// An axis that the tensor does not have.
  static let none = LatticeAxis(inputStep: 1, outputStep: 1, phase: 0, taps: [0], offsets: [0])

  /// Convolution: one phase, offsets dilation·t − low.
  static func convolution(_ w: WindowAxis) -> [LatticeAxis] {
    [
      LatticeAxis(
        inputStep: w.stride, outputStep: 1, phase: 0, taps: Array(0..<w.kernel),
        offsets: (0..<w.kernel).map { $0 * w.dilation - w.low })
    ]
  }

  /// Transposed convolution: one ordinary convolution per output phase p, with the taps t for which
  /// (p + low − dilation·t) is a multiple of the stride.
  static func transposed(_ w: WindowAxis) -> [LatticeAxis] {
    (0..<w.stride).map { phase in
      let taps = (0..<w.kernel).filter { (phase + w.low - w.dilation * $0) % w.stride == 0 }
      return LatticeAxis(
        inputStep: 1, outputStep: w.stride, phase: phase, taps: taps,
        offsets: taps.map { (phase + w.low - w.dilation * $0).dividedDown(by: w.stride) })
    }
  }

  var lowest: Int { offsets.min() ?? 0 }
  /// From the lowest to the highest offset.
  var span: Int { (offsets.max() ?? 0) - lowest }

  /// Lattice positions whose outputs lie in `range`.
  func positions(_ range: Range<Int>) -> Range<Int> {
    let low = (range.lowerBound - phase).dividedUp(by: outputStep)
    let high = (range.upperBound - 1 - phase).dividedDown(by: outputStep) + 1
    return low..<max(low, high)
  }
}
