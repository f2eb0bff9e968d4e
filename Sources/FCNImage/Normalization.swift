/// How stored values become network values. Statistics are of the whole picture, each channel by itself.
package enum Normalization: Sendable, Hashable {
  /// Stored values: 0…255 or 0…65535.
  case none
  /// v / 255, or v / 65535 at 16 bits.
  case unit
  /// (unit − mean) / deviation with torchvision's RGB means and deviations; three channels.
  case imagenet
  /// unit · 2 − 1.
  case minus1
  /// (v − mean) / (deviation + 10⁻⁶); population deviation (BioImage.IO `zero_mean_unit_variance`).
  case zscore
  /// (v − p(low)) / (p(high) − p(low) + 10⁻⁶), percentiles 0…100 interpolated linearly (BioImage.IO `scale_range`).
  case percentile(low: Double, high: Double)
  /// v · scale + offset on stored values, one number for all channels or one for each channel of the tensor.
  case affine(scale: [Float], offset: [Float])

  package static let imagenetMean: [Float] = [0.485, 0.456, 0.406]
  package static let imagenetDeviation: [Float] = [0.229, 0.224, 0.225]

  /// Whether it depends on the picture's own statistics.
  package var needsStatistics: Bool {
    switch self {
    case .zscore, .percentile: true
    case .none, .unit, .imagenet, .minus1, .affine: false
    }
  }

  /// One formula per channel of a tensor of `channels`, whose channel k shows colour `order[k]` of the picture.
  /// - Parameter statistics: of the picture's channels, for `zscore` and `percentile`.
  /// - Throws: `ImageError.mismatch` if channels and parameters do not fit.
  func formulas(
    order: [Int], bitDepth: Int, statistics: [ChannelStatistics]?
  ) throws(ImageError) -> [ChannelFormula] {
    let top = Float(1 << bitDepth - 1)
    switch self {
    case .none: return order.map { _ in ChannelFormula() }
    case .unit: return order.map { _ in ChannelFormula(divisor: top) }
    case .minus1: return order.map { _ in ChannelFormula(divisor: top, scale: 2, offset: -1) }
    case .imagenet:
      guard order.count == 3 else {
        throw ImageError(.mismatch, "normalization imagenet: expected 3 channels, got \(order.count)")
      }
      return order.map {
        ChannelFormula(
          divisor: top, mean: Normalization.imagenetMean[$0], deviation: Normalization.imagenetDeviation[$0])
      }
    case .zscore:
      let statistics = try known(statistics)
      return order.map { ChannelFormula(center: statistics[$0].mean, spread: statistics[$0].deviation + 1e-6) }
    case .percentile(let low, let high):
      guard low >= 0, low < high, high <= 100 else {
        throw ImageError(.mismatch, "normalization percentile:\(low),\(high): expected 0 ≤ low < high ≤ 100")
      }
      let statistics = try known(statistics)
      return order.map {
        let bottom = statistics[$0].percentile(low)
        return ChannelFormula(center: bottom, spread: statistics[$0].percentile(high) - bottom + 1e-6)
      }
    case .affine(let scale, let offset):
      func fits(_ values: [Float]) -> Bool { values.count == 1 || values.count == order.count }
      guard fits(scale), fits(offset), (scale + offset).allSatisfy(\.isFinite) else {
        let got = "\(scale.count) scales, \(offset.count) offsets"
        throw ImageError(.mismatch, "normalization affine: expected 1 or \(order.count) finite numbers, got \(got)")
      }
      return order.indices.map { index in
        ChannelFormula(
          scale: scale.count == 1 ? scale[0] : scale[index], offset: offset.count == 1 ? offset[0] : offset[index])
      }
    }
  }

  private func known(_ statistics: [ChannelStatistics]?) throws(ImageError) -> [ChannelStatistics] {
    guard let statistics else {
      throw ImageError(.mismatch, "normalization \(self): needs the statistics of a picture")
    }
    return statistics
  }
}

/// One channel's way from stored value v to network value and back.
struct ChannelFormula: Sendable, Hashable {
  private var divisor: Float = 1
  private var mean: Float = 0
  private var deviation: Float = 1
  private var scale: Float = 1
  private var offset: Float = 0
  private var center: Double?
  private var spread: Double = 1

  /// ((v / divisor − mean) / deviation) · scale + offset, each step rounded to Float as the training frameworks do.
  init(divisor: Float = 1, mean: Float = 0, deviation: Float = 1, scale: Float = 1, offset: Float = 0) {
    self.divisor = divisor
    self.mean = mean
    self.deviation = deviation
    self.scale = scale
    self.offset = offset
  }

  /// (v − center) / spread in Double, rounded once.
  init(center: Double, spread: Double) {
    self.center = center
    self.spread = spread
  }

  func value(_ stored: Int) -> Float {
    if let center { return Float((Double(stored) - center) / spread) }
    return ((Float(stored) / divisor - mean) / deviation) * scale + offset
  }

  /// The inverse as stored = network · gain + bias, in Double; nil if the formula is constant.
  var inverse: (gain: Double, bias: Double)? {
    if let center { return (spread, center) }
    guard scale != 0 else { return nil }
    let gain = Double(divisor) * Double(deviation) / Double(scale)
    return (gain, Double(mean) * Double(divisor) - Double(offset) * gain)
  }

  /// As scale and offset on stored values.
  var affine: (scale: Float, offset: Float) {
    if let center { return (Float(1 / spread), Float(-center / spread)) }
    let gain = Double(scale) / (Double(divisor) * Double(deviation))
    return (Float(gain), Float(Double(offset) - Double(mean) * Double(scale) / Double(deviation)))
  }
}
