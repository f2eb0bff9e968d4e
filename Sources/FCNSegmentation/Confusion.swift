/// What Dice and Jaccard are for a class that occurs in neither picture (GEOMETRY §8: not defined).
package enum BothEmpty: String, Sendable, CaseIterable {
  /// No value; means leave the class out.
  case skip
  case one
  case nan
}

/// Counts of pixels by true and predicted class.
package struct Confusion: Sendable, Hashable {
  package let classCount: Int
  /// `[truth, prediction]`
  package private(set) var counts: [Int]
  /// Pixels whose truth was to be ignored.
  package private(set) var ignored = 0

  /// - Throws: `.option` unless `classCount` is 1…4096.
  package init(classCount: Int) throws(SegmentationError) {
    guard (1...4096).contains(classCount) else {
      throw SegmentationError(.option, "classes: expected 1…4096, got \(classCount)")
    }
    self.classCount = classCount
    counts = [Int](repeating: 0, count: classCount * classCount)
  }

  /// Adds one picture; pixels whose truth is `ignore` do not count.
  /// - Throws: `.mismatch` for different sizes or a label that is no class; nothing is then added.
  package mutating func accumulate(
    prediction: LabelMap, truth: LabelMap, ignore: Int? = nil
  ) throws(SegmentationError) {
    guard prediction.width == truth.width, prediction.height == truth.height else {
      throw SegmentationError(
        .mismatch,
        "prediction: expected \(truth.height)x\(truth.width) as the truth, got \(prediction.height)x\(prediction.width)"
      )
    }
    var counts = counts
    var ignored = ignored
    for (at, pair) in zip(truth.labels, prediction.labels).enumerated() {
      let (label, predicted) = (Int(pair.0), Int(pair.1))
      if label == ignore {
        ignored += 1
        continue
      }
      guard label < classCount, predicted < classCount else {
        let (what, value) = label < classCount ? ("prediction", predicted) : ("truth", label)
        throw SegmentationError(
          .mismatch,
          "\(what), row \(at / truth.width), column \(at % truth.width): expected a label in 0…\(classCount - 1), "
            + "got \(value)"
        )
      }
      counts[label * classCount + predicted] += 1
    }
    self.counts = counts
    self.ignored = ignored
  }

  package mutating func add(_ other: Confusion) {
    precondition(classCount == other.classCount)
    for index in counts.indices { counts[index] += other.counts[index] }
    ignored += other.ignored
  }

  package subscript(truth truth: Int, prediction prediction: Int) -> Int { counts[truth * classCount + prediction] }

  /// |A ∩ B|
  package func intersection(_ label: Int) -> Int { self[truth: label, prediction: label] }
  /// |A|, pixels of the class in the truth.
  package func truthCount(_ label: Int) -> Int {
    (0..<classCount).reduce(0) { $0 + self[truth: label, prediction: $1] }
  }
  /// |B|, pixels of the class in the prediction.
  package func predictionCount(_ label: Int) -> Int {
    (0..<classCount).reduce(0) { $0 + self[truth: $1, prediction: label] }
  }

  /// Pixels that count.
  package var total: Int { counts.reduce(0, +) }
  /// Fraction of the pixels with the right label; nil without pixels.
  package var accuracy: Double? {
    let total = total
    return total == 0 ? nil : Double((0..<classCount).reduce(0) { $0 + intersection($1) }) / Double(total)
  }

  /// D = 2 |A ∩ B| / (|A| + |B|)
  package func dice(_ label: Int, bothEmpty: BothEmpty = .skip) -> Double? {
    ratio(2 * intersection(label), truthCount(label) + predictionCount(label), bothEmpty)
  }

  /// J = |A ∩ B| / |A ∪ B|
  package func jaccard(_ label: Int, bothEmpty: BothEmpty = .skip) -> Double? {
    let common = intersection(label)
    return ratio(common, truthCount(label) + predictionCount(label) - common, bothEmpty)
  }

  private func ratio(_ numerator: Int, _ denominator: Int, _ bothEmpty: BothEmpty) -> Double? {
    if denominator > 0 { return Double(numerator) / Double(denominator) }
    switch bothEmpty {
    case .skip: return nil
    case .one: return 1
    case .nan: return .nan
    }
  }
}

/// The mean of the values that there are; nil if there are none.
func mean(_ values: some Sequence<Double?>) -> Double? {
  let present = values.compactMap { $0 }
  return present.isEmpty ? nil : present.reduce(0, +) / Double(present.count)
}
