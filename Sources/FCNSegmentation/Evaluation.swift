package import FCNTensor

/// How predictions are held against the truth.
package struct EvaluationOptions: Sendable, Hashable {
  /// Number of classes.
  package var classCount: Int
  /// One per class, or empty.
  package var classNames: [String] = []
  /// The truth label that does not count; nothing is ignored by default.
  package var ignore: Int?
  /// What the truth's values mean; nil keeps them, but {0, 255} with two classes reads 255 as 1.
  package var map: ValueMap?
  package var bothEmpty = BothEmpty.skip
  /// Adds the weighted cross-entropy with these weights.
  package var weights: BorderWeights?
  /// ε of the soft Jaccard losses.
  package var epsilon = SoftOverlap.epsilon

  package init(classCount: Int) { self.classCount = classCount }
}

/// Scores per class, with how they are read.
package struct PredictedScores: Sendable {
  package var tensor: HostTensor
  package var reading: ScoreReading
  package var image: Int

  package init(_ tensor: HostTensor, _ reading: ScoreReading, image: Int = 0) {
    self.tensor = tensor
    self.reading = reading
    self.image = image
  }
}

/// Measures over a set of pictures, one added at a time; keeps numbers, not pictures.
package struct Evaluation: Sendable {
  package let options: EvaluationOptions
  private var images: [ImageMeasures] = []
  private var pooled: ImageMeasures
  private var notes: [String] = []

  package init(_ options: EvaluationOptions) throws(SegmentationError) {
    guard options.classNames.isEmpty || options.classNames.count == options.classCount else {
      throw SegmentationError(
        .option, "class names: expected \(options.classCount), got \(options.classNames.count)")
    }
    self.options = options
    pooled = ImageMeasures(name: "pooled", confusion: try Confusion(classCount: options.classCount))
  }

  /// Adds a picture given as labels.
  /// - Throws: `.mismatch` naming the picture; it is then not counted.
  package mutating func add(
    name: String, prediction: LabelMap, truth: LabelMap
  ) throws(SegmentationError) {
    try add(name, prediction, truth, nil)
  }

  /// Adds a picture given as scores: also the soft measures and the cross-entropies.
  package mutating func add(
    name: String, scores: PredictedScores, truth: LabelMap
  ) throws(SegmentationError) {
    do throws(SegmentationError) {
      let labels = try LabelMap(scores.tensor, scores.reading, image: scores.image)
      try add(name, labels, truth, scores.reading.kind == .labels ? nil : scores)
    } catch { throw Evaluation.named(error, name) }
  }

  /// The figures of all pictures so far.
  package var report: EvaluationReport {
    EvaluationReport(options: options, images: images, pooled: pooled, notes: notes)
  }

  private mutating func add(
    _ name: String, _ prediction: LabelMap, _ truth: LabelMap, _ scores: PredictedScores?
  ) throws(SegmentationError) {
    do throws(SegmentationError) {
      var truth = truth
      if let map = options.map {
        truth = try map(truth, classCount: options.classCount)
      } else if options.ignore != 255, let map = ValueMap.binary255(truth, classCount: options.classCount) {
        truth = try map(truth, classCount: 2)
        let note = "truth with the values 0 and 255 and two classes: 255 is read as 1"
        if !notes.contains(note) { notes.append(note) }
      }
      var measures = ImageMeasures(name: name, confusion: try Confusion(classCount: options.classCount))
      try measures.confusion.accumulate(prediction: prediction, truth: truth, ignore: options.ignore)
      if let scores { try measures.addScores(scores, truth, options) }
      images.append(measures)
      pooled.add(measures)
    } catch { throw Evaluation.named(error, name) }
  }

  private static func named(_ error: SegmentationError, _ name: String) -> SegmentationError {
    error.detail.hasPrefix("\(name): ")
      ? error : SegmentationError(error.code, "\(name): \(error.detail)", node: error.node)
  }
}

/// The measures of one picture, or of a set taken as one picture ("pooled").
package struct ImageMeasures: Sendable, Hashable {
  package let name: String
  package internal(set) var confusion: Confusion
  /// Per class; nil where the class has no channel (label 0 of a thresholded output). Empty without scores.
  package internal(set) var overlaps: [SoftOverlap?] = []
  package internal(set) var crossEntropy: CrossEntropy?
  package internal(set) var weightedCrossEntropy: CrossEntropy?

  init(name: String, confusion: Confusion) {
    self.name = name
    self.confusion = confusion
  }

  mutating func addScores(
    _ scores: PredictedScores, _ truth: LabelMap, _ options: EvaluationOptions
  ) throws(SegmentationError) {
    let reading = scores.reading
    guard reading.classCount == options.classCount else {
      throw SegmentationError(
        .mismatch, "probabilities: expected \(options.classCount) labels, got \(reading.classCount)")
    }
    overlaps = [SoftOverlap?](repeating: nil, count: reading.firstLabel)
    overlaps += try reading.overlaps(scores.tensor, image: scores.image, truth: truth, ignore: options.ignore)
    crossEntropy = try CrossEntropy(
      scores.tensor, reading, image: scores.image, truth: truth, ignore: options.ignore)
    if let weights = options.weights {
      weightedCrossEntropy = try CrossEntropy(
        scores.tensor, reading, image: scores.image, truth: truth, weights: try weights.map(truth),
        ignore: options.ignore)
    }
  }

  mutating func add(_ other: ImageMeasures) {
    confusion.add(other.confusion)
    if overlaps.isEmpty { overlaps = [SoftOverlap?](repeating: nil, count: other.overlaps.count) }
    for (label, overlap) in other.overlaps.enumerated() {
      guard let overlap else { continue }
      var sum = overlaps[label] ?? SoftOverlap()
      sum.add(overlap)
      overlaps[label] = sum
    }
    crossEntropy = ImageMeasures.sum(crossEntropy, other.crossEntropy)
    weightedCrossEntropy = ImageMeasures.sum(weightedCrossEntropy, other.weightedCrossEntropy)
  }

  private static func sum(_ a: CrossEntropy?, _ b: CrossEntropy?) -> CrossEntropy? {
    guard var a, let b else { return a ?? b }
    a.add(b)
    return a
  }
}
