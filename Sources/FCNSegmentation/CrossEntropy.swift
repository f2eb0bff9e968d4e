package import FCNTensor
import Glibc

/// A sum of `−w(x) log p_l(x)(x)` over the pixels that count, and what it may be divided by.
package struct CrossEntropy: Sendable, Hashable {
  package private(set) var sum = 0.0
  /// Σ w
  package private(set) var weight = 0.0
  package private(set) var pixels = 0

  package init() {}

  /// `sum / Σw`; nil without pixels. With weights of 1 this is the mean over pixels.
  package var mean: Double? { weight > 0 ? sum / weight : nil }

  /// A probability below the smallest normal float32 counts as that, so that one pixel costs at most 87.3.
  package static let floor = Double(Float.leastNormalMagnitude)

  package mutating func add(_ other: CrossEntropy) {
    sum += other.sum
    weight += other.weight
    pixels += other.pixels
  }

  mutating func add(_ loss: Double, weight w: Double) {
    sum += w * loss
    weight += w
    pixels += 1
  }

  /// Cross-entropy of one image of an output against its truth.
  ///
  /// Softmax readings: `−log p_l`, with log-sum-exp on logits. Thresholded readings: the sum over the channels of the
  /// binary cross-entropy `−y log p − (1 − y) log(1 − p)` with y = 1 for the truth's own channel (label 0 has none).
  /// `weights` is `[height, width]`, or empty for 1. Pixels whose truth is `ignore` do not count.
  /// - Throws: `.mismatch` for other sizes, ready-made labels, or a true label without a channel.
  package init(
    _ scores: HostTensor, _ reading: ScoreReading, image: Int = 0, truth: LabelMap, weights: [Double] = [],
    ignore: Int? = nil
  ) throws(SegmentationError) {
    let layout = reading.layout
    try reading.check(scores, image, truth)
    guard weights.isEmpty || weights.count == layout.pixels else {
      throw SegmentationError(.mismatch, "cross-entropy: expected \(layout.pixels) weights, got \(weights.count)")
    }
    let bad = scores.withScores { value -> Int? in
      var row = [Double](repeating: 0, count: layout.channels)
      for pixel in 0..<layout.pixels {
        let label = Int(truth.labels[pixel])
        if label == ignore { continue }
        guard label < reading.classCount else { return label }
        for channel in 0..<layout.channels { row[channel] = value(layout.index(image, channel, pixel)) }
        add(CrossEntropy.loss(row, label, reading.kind), weight: weights.isEmpty ? 1 : weights[pixel])
      }
      return nil
    }
    if let bad {
      throw SegmentationError(.mismatch, "truth: expected a label in 0…\(reading.classCount - 1), got \(bad)")
    }
  }

  private static func loss(_ row: [Double], _ label: Int, _ kind: ScoreKind) -> Double {
    switch kind {
    case .softmax, .labels: return -log(max(row[label], floor))
    case .logits:
      let highest = row.max() ?? 0
      return highest + log(row.reduce(0) { $0 + exp($1 - highest) }) - row[label]
    case .sigmoid:
      return row.indices.reduce(0) { $0 - log(max($1 == label - 1 ? row[$1] : 1 - row[$1], floor)) }
    case .sigmoidLogits:
      return row.indices.reduce(0) { $0 + binary(logit: row[$1], truth: $1 == label - 1 ? 1 : 0) }
    }
  }

  /// `−y log σ(x) − (1 − y) log(1 − σ(x)) = max(x, 0) − x y + log(1 + e^−|x|)`
  package static func binary(logit x: Double, truth y: Double) -> Double { max(x, 0) - x * y + log1p(exp(-abs(x))) }

  /// `−y log p − (1 − y) log(1 − p)`, both probabilities at least `floor`; 0 where a factor is 0.
  package static func binary(probability p: Double, truth y: Double) -> Double {
    (y > 0 ? -y * log(max(p, floor)) : 0) + (y < 1 ? -(1 - y) * log(max(1 - p, floor)) : 0)
  }
}

extension ScoreReading {
  func check(_ scores: HostTensor, _ image: Int, _ truth: LabelMap) throws(SegmentationError) {
    try layout.checkImage(image)
    guard kind != .labels, scores.count == layout.images * layout.imageStride else {
      throw SegmentationError(.mismatch, "probabilities: expected scores per class, got \(scores.shape)")
    }
    guard truth.width == layout.width, truth.height == layout.height else {
      throw SegmentationError(
        .mismatch, "truth: expected \(layout.height)x\(layout.width), got \(truth.height)x\(truth.width)")
    }
  }

  /// The soft overlap of each channel with its true class, in channel order; channel c is label c + `firstLabel`.
  package func overlaps(
    _ scores: HostTensor, image: Int = 0, truth: LabelMap, ignore: Int? = nil
  ) throws(SegmentationError) -> [SoftOverlap] {
    try check(scores, image, truth)
    let probabilities = kind.isLogits ? try Probabilities.tensor(scores, self) : scores
    return probabilities.withScores { value in
      (0..<layout.channels).map { channel in
        var overlap = SoftOverlap()
        for pixel in 0..<layout.pixels {
          let label = Int(truth.labels[pixel])
          if label == ignore { continue }
          let y = label == channel + firstLabel ? 1.0 : 0.0
          overlap.add(truth: y, prediction: value(layout.index(image, channel, pixel)))
        }
        return overlap
      }
    }
  }
}
