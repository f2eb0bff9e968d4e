import Glibc

/// Interpolation along one axis (ONNX Resize-19): the source coordinate of every output index and its taps.
///
/// Coordinates are exact rationals of the global index, x(o) = (a·o + b)/c, whenever the scale is a small fraction;
/// otherwise Doubles of the global index. Either way they depend on neither tile nor thread.
package struct ResampleAxis: Sendable, Hashable {
  package var inputSize: Int
  package var outputSize: Int
  package var interpolation: Interpolation
  package var coordinates: CoordinateTransform
  package var antialias: Bool
  package var excludesOutside: Bool
  /// Start and end of the crop in [0, 1] (tf_crop_and_resize).
  package var roi: [Double]
  package var scale: Double
  /// x(o) = (numeratorStep·o + numeratorStart)/denominator, if exact.
  private var exact: ExactCoordinate?

  struct ExactCoordinate: Sendable, Hashable {
    var step: Int
    var start: Int
    var denominator: Int
  }

  /// - Parameter ratio: the scale as a fraction, output/input.
  package init(
    inputSize: Int, outputSize: Int, scale: Double, ratio: (numerator: Int, denominator: Int)?, resize: Resize,
    roi: [Double] = []
  ) {
    self.inputSize = inputSize
    self.outputSize = outputSize
    self.scale = scale
    self.roi = roi
    interpolation = resize.interpolation
    coordinates = resize.coordinates
    antialias = resize.antialias && scale < 1
    excludesOutside = resize.excludesOutside
    exact = ratio.flatMap {
      ResampleAxis.exact($0.numerator, $0.denominator, inputSize, outputSize, resize.coordinates)
    }
  }

  /// With scale u/v: half_pixel ((2o+1)v − u)/2u; asymmetric ov/u; align_corners o(n−1)/(m−1); tf_half_pixel
  /// (2o+1)v/2u; half_pixel_symmetric ((2o+1)v − u + nu − mv)/2u.
  private static func exact(_ u: Int, _ v: Int, _ n: Int, _ m: Int, _ transform: CoordinateTransform)
    -> ExactCoordinate?
  {
    let limit = 1 << 26
    guard u > 0, v > 0, u < limit, v < limit, n < limit, m < limit else { return nil }
    switch transform {
    case .halfPixel: return ExactCoordinate(step: 2 * v, start: v - u, denominator: 2 * u)
    case .pytorchHalfPixel:
      return m > 1
        ? ExactCoordinate(step: 2 * v, start: v - u, denominator: 2 * u)
        : ExactCoordinate(step: 0, start: 0, denominator: 1)
    case .asymmetric: return ExactCoordinate(step: v, start: 0, denominator: u)
    case .alignCorners:
      return m > 1
        ? ExactCoordinate(step: n - 1, start: 0, denominator: m - 1)
        : ExactCoordinate(step: 0, start: 0, denominator: 1)
    case .tfHalfPixelForNN: return ExactCoordinate(step: 2 * v, start: v, denominator: 2 * u)
    case .halfPixelSymmetric:
      return ExactCoordinate(step: 2 * v, start: v - u + n * u - m * v, denominator: 2 * u)
    case .tfCropAndResize: return nil
    }
  }

  /// The shortest shift of the output that shifts x by a whole number of samples; nil where x is not an exact fraction
  /// or does not advance.
  package var period: (input: Int, output: Int)? {
    guard let exact, exact.step > 0 else { return nil }
    let divisor = greatestCommonDivisor(exact.step, exact.denominator)
    return (exact.step / divisor, exact.denominator / divisor)
  }

  /// x(o) as whole part and fraction in [0, 1), with the remainder when exact.
  func position(_ o: Int) -> (whole: Int, fraction: Double) {
    if let exact {
      let numerator = exact.step * o + exact.start
      let whole = numerator.dividedDown(by: exact.denominator)
      return (whole, Double(numerator - whole * exact.denominator) / Double(exact.denominator))
    }
    let x = coordinate(o)
    let whole = x.rounded(.down)
    return (Int(max(-1e15, min(1e15, whole))), x - whole)
  }

  /// x(o) in floating point.
  private func coordinate(_ o: Int) -> Double {
    let n = Double(inputSize)
    let m = Double(outputSize)
    let x = Double(o)
    switch coordinates {
    case .halfPixel: return (x + 0.5) / scale - 0.5
    case .pytorchHalfPixel: return m > 1 ? (x + 0.5) / scale - 0.5 : 0
    case .asymmetric: return x / scale
    case .alignCorners: return m > 1 ? x * (n - 1) / (m - 1) : 0
    case .tfHalfPixelForNN: return (x + 0.5) / scale
    case .halfPixelSymmetric: return n / 2 * (1 - m / (n * scale)) + (x + 0.5) / scale - 0.5
    case .tfCropAndResize:
      let start = roi.first ?? 0
      let end = roi.last ?? 1
      return m > 1 ? start * (n - 1) + x * (end - start) * (n - 1) / (m - 1) : 0.5 * (start + end) * (n - 1)
    }
  }

  /// Whether x(o) leaves the image where the operator extrapolates.
  package func extrapolates(_ o: Int) -> Bool {
    guard coordinates == .tfCropAndResize else { return false }
    let x = coordinate(o)
    return x < 0 || x > Double(inputSize - 1)
  }

  /// Virtual indices of the first and last tap of output `o`.
  package func taps(_ o: Int) -> ClosedRange<Int> {
    let (whole, fraction) = position(o)
    switch interpolation {
    case .nearest(let rounding):
      let index = ResampleAxis.nearest(
        whole, fraction, rounding == .floorOrCeil ? (scale < 1 ? .ceil : .floor) : rounding)
      return index...index
    case .linear:
      if antialias { return support(whole, fraction, radius: 1) }
      return whole...(fraction == 0 ? whole : whole + 1)
    case .cubic:
      if antialias { return support(whole, fraction, radius: 2) }
      return fraction == 0 ? whole...whole : whole - 1...whole + 2
    }
  }

  private func support(_ whole: Int, _ fraction: Double, radius: Double) -> ClosedRange<Int> {
    let reach = min(radius / scale, 1e9)
    return whole + Int((fraction - reach).rounded(.down)) + 1...whole + Int((fraction + reach).rounded(.up)) - 1
  }

  static func nearest(_ whole: Int, _ fraction: Double, _ rounding: NearestRounding) -> Int {
    switch rounding {
    case .floor, .floorOrCeil: whole
    case .ceil: fraction > 0 ? whole + 1 : whole
    case .preferFloor: fraction > 0.5 ? whole + 1 : whole
    case .preferCeil: fraction >= 0.5 ? whole + 1 : whole
    }
  }

  /// The weight of every tap of output `o`, in the order of `taps(o)`; they sum to 1.
  package func weights(_ o: Int) -> [Double] {
    let (whole, fraction) = position(o)
    let range = taps(o)
    var result: [Double]
    switch interpolation {
    case .nearest: return [1]
    case .linear:
      if antialias {
        result = range.map { max(0, 1 - abs((Double($0 - whole) - fraction) * scale)) }
      } else {
        result = fraction == 0 ? [1] : [1 - fraction, fraction]
      }
    case .cubic(let a):
      let stretch = antialias ? scale : 1
      result = range.map { ResampleAxis.cubic(abs((Double($0 - whole) - fraction) * stretch), a) }
    }
    if excludesOutside {
      for (offset, index) in range.enumerated() where index < 0 || index >= inputSize { result[offset] = 0 }
    }
    if excludesOutside || antialias {
      let sum = result.reduce(0, +)
      if sum != 0 { result = result.map { $0 / sum } }
    }
    return result
  }

  /// Keys' cubic convolution kernel at distance d.
  static func cubic(_ d: Double, _ a: Double) -> Double {
    if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
    if d < 2 { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a }
    return 0
  }
}
