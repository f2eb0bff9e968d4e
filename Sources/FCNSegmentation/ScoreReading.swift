package import FCNTensor
import Glibc

/// How one output is read: where its classes lie, what its numbers are, and where the threshold is.
package struct ScoreReading: Sendable, Hashable {
  package let layout: ScoreLayout
  package let kind: ScoreKind
  /// On the probability, 0…1; used only where `kind.isThresholded`.
  package let threshold: Double
  /// What was decided, for the summary: "2 classes by probability ≥ 0.5 of the sigmoid".
  package let summary: String
  /// What was guessed because neither graph nor options say it; empty when nothing was.
  package let assumptions: [String]

  /// Number of labels that can occur (0 when the labels are ready-made: it is then found in the data).
  package var classCount: Int {
    switch kind {
    case .logits, .softmax: layout.channels
    case .sigmoid, .sigmoidLogits: layout.channels + 1
    case .labels: 0
    }
  }

  /// The label of channel 0: 1 where label 0 is "no class".
  package var firstLabel: Int { kind.isThresholded ? 1 : 0 }

  /// Decides how `tensor` is read.
  ///
  /// 1. Ready-made labels: the graph ends in ArgMax, or the type is an integer and there is at most one channel.
  /// 2. `activation` other than `auto` wins over the graph: `softmax` and `sigmoid` are applied unless the graph ends
  ///    in the same; `none` takes the values as probabilities (each class its own if the graph ends in a sigmoid or
  ///    there is one channel).
  /// 3. The graph's last operator. Scores of one channel are binary: label 1 where the sigmoid of the score reaches
  ///    `threshold`. Scores of C ≥ 2 channels take the highest class; the first wins a tie, NaN loses to everything.
  ///    After a sigmoid with C ≥ 2 the label is 1 + the highest class where its probability reaches `threshold`,
  ///    else 0: C + 1 labels.
  /// 4. Unknown last operator: values that are all in 0…1 are probabilities (softmax if each pixel sums to 1 ± 0.001),
  ///    else scores; this looks at up to 16384 pixels, is an assumption and said. Booleans are probabilities 0 and 1.
  ///
  /// - Throws: `.option` for a threshold outside 0…1 or an activation that contradicts the graph; `.mismatch` for a
  ///   shape that is no image.
  package init(
    _ tensor: HostTensor, final: FinalActivation, activation: ActivationOption = .auto,
    channels hint: ChannelHint = .unknown, threshold: Double = 0.5
  ) throws(SegmentationError) {
    guard threshold >= 0, threshold <= 1 else {
      throw SegmentationError(.option, "threshold: expected 0…1, got \(threshold)")
    }
    let layout = try ScoreLayout(tensor.shape, hint: final == .argmax && tensor.shape.rank < 4 ? .none : hint)
    var assumptions: [String] = []
    if layout.isAssumed, layout.channels > 1 {
      assumptions.append("class axis of \(tensor.shape) with \(layout.channels) classes")
    }
    kind = try ScoreReading.kind(tensor, layout, final, activation, &assumptions)
    self.layout = layout
    self.threshold = threshold
    self.assumptions = assumptions
    summary = ScoreReading.summary(kind, layout.channels, threshold)
  }

  private static func kind(
    _ tensor: HostTensor, _ layout: ScoreLayout, _ final: FinalActivation, _ activation: ActivationOption,
    _ assumptions: inout [String]
  ) throws(SegmentationError) -> ScoreKind {
    let isInteger = !tensor.elementType.isFloat && tensor.elementType != .bool
    if layout.channels == 1 && (final == .argmax || isInteger) { return .labels }
    let isBinary = layout.channels == 1
    switch activation {
    case .none: return final == .sigmoid || isBinary ? .sigmoid : .softmax
    case .softmax:
      guard !isBinary, final != .sigmoid else {
        let reason = isBinary ? "the softmax of one class is 1 everywhere" : "the graph ends in a sigmoid"
        throw SegmentationError(.option, "activation softmax: \(reason); expected auto, none or sigmoid")
      }
      return final == .softmax ? .softmax : .logits
    case .sigmoid:
      guard final != .softmax else {
        throw SegmentationError(
          .option, "activation sigmoid: the graph ends in a softmax; expected auto, none or softmax")
      }
      return final == .sigmoid ? .sigmoid : .sigmoidLogits
    case .auto: break
    }
    if tensor.elementType == .bool { return .sigmoid }
    switch final {
    case .softmax: return isBinary ? .sigmoid : .softmax
    case .sigmoid: return .sigmoid
    case .none: return isBinary ? .sigmoidLogits : .logits
    case .argmax, .unknown: break
    }
    let range = ScoreRange(tensor, layout)
    let kind: ScoreKind =
      range.isProbability
      ? (range.sumsToOne ? .softmax : .sigmoid) : (isBinary ? .sigmoidLogits : .logits)
    assumptions.append(
      range.isProbability ? "probabilities, as all values are in 0…1" : "logits, as values lie outside 0…1")
    return kind
  }

  private static func summary(_ kind: ScoreKind, _ channels: Int, _ threshold: Double) -> String {
    let reached = "where its probability is at least \(threshold)"
    switch kind {
    case .labels: return "labels as the network gives them"
    case .logits: return "\(channels) classes, the highest logit"
    case .softmax: return "\(channels) classes, the highest probability"
    case .sigmoid where channels == 1: return "2 classes: 1 \(reached), else 0"
    case .sigmoidLogits where channels == 1: return "2 classes: 1 where the sigmoid is at least \(threshold), else 0"
    case .sigmoid: return "\(channels + 1) labels: 1 + the most probable of \(channels) classes \(reached), else 0"
    case .sigmoidLogits:
      return
        "\(channels + 1) labels: 1 + the highest of \(channels) classes where its sigmoid is at least "
        + "\(threshold), else 0"
    }
  }

  /// The threshold on the values as they are: on logits `ln(t / (1 − t))`.
  var valueThreshold: Double { kind == .sigmoidLogits ? log(threshold / (1 - threshold)) : threshold }
}

/// Whether the values of the first image look like probabilities, seen at up to 16384 pixels spread over it
/// (pixel k·2654435761 mod n, Knuth's multiplicative sequence).
private struct ScoreRange {
  var isProbability = true
  var sumsToOne: Bool

  init(_ tensor: HostTensor, _ layout: ScoreLayout) {
    sumsToOne = layout.channels > 1
    let samples = min(layout.pixels, 16_384)
    tensor.withScores { values in
      for sample in 0..<samples {
        let pixel = samples == layout.pixels ? sample : sample * 2_654_435_761 % layout.pixels
        var sum = 0.0
        for channel in 0..<layout.channels {
          let value = values(channel * layout.channelStride + pixel * layout.pixelStride)
          if !(value >= 0 && value <= 1) { isProbability = false }
          sum += value
        }
        if abs(sum - 1) > 1e-3 { sumsToOne = false }
      }
    }
  }
}

extension HostTensor {
  /// Calls `body` with a function from element index to value.
  func withScores<R>(_ body: ((Int) -> Double) -> R) -> R {
    switch elementType {
    case .float32: return withElements(Float.self) { values in body { Double(values[$0]) } }
    case .float64: return withElements(Double.self) { values in body { values[$0] } }
    case .float16: return withElements(UInt16.self) { values in body { Double(Float16(bitPattern: values[$0])) } }
    case .bfloat16:
      return withElements(UInt16.self) { values in body { Double(Float(bitPattern: UInt32(values[$0]) << 16)) } }
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool:
      let values = doubles()
      return body { values[$0] }
    }
  }
}
