/// Sums for the soft Jaccard losses of y, ŷ ∈ [0, 1]ⁿ (GEOMETRY §8), added over pixels and pictures in Double.
package struct SoftOverlap: Sendable, Hashable {
  /// I = Σ y ŷ
  package private(set) var product = 0.0
  /// Σ y
  package private(set) var truth = 0.0
  /// Σ ŷ
  package private(set) var prediction = 0.0
  /// Σ y²
  package private(set) var truthSquares = 0.0
  /// Σ ŷ²
  package private(set) var predictionSquares = 0.0

  /// The ε of the losses unless another is given.
  package static let epsilon = 1e-7

  package init() {}

  /// - Throws: `.mismatch` for different counts.
  package init(truth: [Double], prediction: [Double]) throws(SegmentationError) {
    guard truth.count == prediction.count else {
      throw SegmentationError(.mismatch, "soft Jaccard: expected \(truth.count) predictions, got \(prediction.count)")
    }
    for (y, p) in zip(truth, prediction) { add(truth: y, prediction: p) }
  }

  @inline(__always)
  package mutating func add(truth y: Double, prediction p: Double) {
    product += y * p
    truth += y
    prediction += p
    truthSquares += y * y
    predictionSquares += p * p
  }

  package mutating func add(_ other: SoftOverlap) {
    product += other.product
    truth += other.truth
    prediction += other.prediction
    truthSquares += other.truthSquares
    predictionSquares += other.predictionSquares
  }

  /// `j = 1 − I / (Σy + Σŷ − I + ε)`; 1 where all is zero, also for ε = 0.
  package func j(epsilon: Double = epsilon) -> Double { loss(truth + prediction - product + epsilon) }

  /// `j2 = 1 − I / (Σy² + Σŷ² − I + ε)`; 1 where all is zero, also for ε = 0.
  package func j2(epsilon: Double = epsilon) -> Double { loss(truthSquares + predictionSquares - product + epsilon) }

  private func loss(_ denominator: Double) -> Double { denominator == 0 ? 1 : 1 - product / denominator }
}
