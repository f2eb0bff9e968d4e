package import FCNImage
import FCNTensor

/// What turns stored values into network input, before the picture's depth is known.
package enum InputScaling: Sendable, Hashable, CustomStringConvertible {
  case named(Normalization)
  /// `v·scale + offset` per channel or for all, v on the scale of 8 bits (0…255) whatever the picture's depth.
  case affine(scale: [Double], offset: [Double])

  /// The network takes 0…255.
  package static let bytes = InputScaling.affine(scale: [1], offset: [0])

  /// `(v·factor − mean) / deviation`, one value or one per channel each; v in 0…255.
  /// - Throws: `FCNError.input` naming `place` if counts differ or a number is not finite or a deviation is 0.
  package init(factor: Double, mean: [Double], deviation: [Double], place: String) throws(FCNError) {
    let count = max(mean.count, deviation.count)
    guard (1...4096).contains(count), mean.count == count || mean.count == 1,
      deviation.count == count || deviation.count == 1,
      factor.isFinite, (mean + deviation).allSatisfy(\.isFinite), !deviation.contains(0)
    else {
      throw FCNError(
        .input,
        "\(place): expected finite means and deviations (not 0), one or one per channel, got \(mean), \(deviation)")
    }
    func value(_ list: [Double], _ index: Int) -> Double { list.count == 1 ? list[0] : list[index] }
    self = .affine(
      scale: (0..<count).map { factor / value(deviation, $0) },
      offset: (0..<count).map { 0 - value(mean, $0) / value(deviation, $0) })
  }

  /// For a picture of 8 or 16 bits.
  package func normalization(bitDepth: Int) -> Normalization {
    switch self {
    case .named(let normalization): return normalization
    case .affine(let scale, let offset):
      if bitDepth == 8, scale == [1], offset == [0] { return .none }
      let step = bitDepth == 8 ? 1 : 255.0 / 65535
      return .affine(scale: scale.map { Float($0 * step) }, offset: offset.map { Float($0) })
    }
  }

  package var description: String {
    func list(_ values: [Double]) -> String { values.map { short($0) }.joined(separator: ",") }
    switch self {
    case .named(.none): return "none (stored values)"
    case .named(.unit): return "unit (0…1)"
    case .named(.imagenet): return "imagenet"
    case .named(.minus1): return "minus1 (−1…1)"
    case .named(.zscore): return "zscore"
    case .named(.percentile(let low, let high)): return "percentile:\(short(low)),\(short(high))"
    case .named(.affine(let scale, let offset)):
      return "scale \(list(scale.map(Double.init))) offset \(list(offset.map(Double.init)))"
    case .affine([1], [0]): return "0…255"
    case .affine(let scale, let offset): return "scale \(list(scale)) offset \(list(offset)) on 0…255"
    }
  }
}

extension InputScaling {
  /// Nil for `auto` and files, which must be looked for.
  package init?(_ preprocess: PictureOptions.Preprocess) {
    switch preprocess {
    case .auto, .file: return nil
    case .none: self = .named(.none)
    case .unit: self = .named(.unit)
    case .imagenet: self = .named(.imagenet)
    case .minus1: self = .named(.minus1)
    case .zscore: self = .named(.zscore)
    case .percentile(let low, let high): self = .named(.percentile(low: low, high: high))
    }
  }
}
