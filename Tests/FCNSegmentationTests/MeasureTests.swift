import FCNSegmentation
import FCNTensor
import Testing

@Suite struct MeasureTests {
  func random(_ random: inout SeededGenerator, _ count: Int, _ classes: UInt16) throws -> LabelMap {
    let labels = (0..<count).map { _ in UInt16.random(in: 0..<classes, using: &random) }
    return try LabelMap(width: count, height: 1, labels: labels, classCount: Int(classes))
  }

  func confusion(_ prediction: LabelMap, _ truth: LabelMap, ignore: Int? = nil) throws -> Confusion {
    var confusion = try Confusion(classCount: truth.classCount)
    try confusion.accumulate(prediction: prediction, truth: truth, ignore: ignore)
    return confusion
  }

  func relabelled(_ map: LabelMap, _ order: [Int]) throws -> LabelMap {
    try LabelMap(
      width: map.width, height: map.height, labels: order.map { map.labels[$0] }, classCount: map.classCount)
  }

  @Test func setProperties() throws {
    var generator = SeededGenerator(1)
    for _ in 0..<400 {
      let count = Int.random(in: 1...12, using: &generator)
      let (a, b) = (try random(&generator, count, 3), try random(&generator, count, 3))
      let ab = try confusion(b, a)
      let ba = try confusion(a, b)
      let order = Array(0..<count).shuffled(using: &generator)
      let permuted = try confusion(relabelled(b, order), relabelled(a, order))
      #expect(permuted == ab)
      for label in 0..<3 {
        guard let d = ab.dice(label), let j = ab.jaccard(label) else {
          #expect(ab.truthCount(label) == 0 && ab.predictionCount(label) == 0)
          continue
        }
        #expect(0 <= j && j <= d && d <= 1)
        let (fromJaccard, fromDice): (Double, Double) = (2 * j / (1 + j), d / (2 - d))
        #expect(abs(d - fromJaccard) < 1e-12)
        #expect(abs(j - fromDice) < 1e-12)
        let isEqual = zip(a.labels, b.labels).allSatisfy { (Int($0) == label) == (Int($1) == label) }
        #expect((j == 1) == isEqual)
        let isDisjoint = ab.intersection(label) == 0
        #expect((j == 0) == isDisjoint)
        #expect(ba.jaccard(label) == j && ba.dice(label) == d)
      }
      let swap: [UInt16: UInt16] = [0: 2, 2: 0]
      let swapped = try confusion(
        ValueMap(swap)(b, classCount: 3), ValueMap(swap)(a, classCount: 3))
      #expect(swapped.jaccard(0) == ab.jaccard(2) && swapped.jaccard(1) == ab.jaccard(1))
    }
  }

  @Test func jaccardGrowsWhenAFalsePixelGoes() throws {
    var generator = SeededGenerator(2)
    for _ in 0..<200 {
      let (a, b) = (try random(&generator, 10, 2), try random(&generator, 10, 2))
      guard let extra = a.labels.indices.first(where: { a.labels[$0] == 0 && b.labels[$0] == 1 }) else { continue }
      var labels = b.labels
      labels[extra] = 0
      let better = try LabelMap(width: 10, height: 1, labels: labels, classCount: 2)
      let before = try confusion(b, a).jaccard(1) ?? 1
      let after = try confusion(better, a).jaccard(1) ?? 1
      #expect(after >= before)
    }
  }

  @Test func bothEmptyAndIgnore() throws {
    let truth = try map("0099", classes: 3)
    let prediction = try map("0011", classes: 3)
    let result = try confusion(prediction, truth, ignore: 9)
    #expect(result.total == 2 && result.ignored == 2 && result.accuracy == 1)
    #expect(result.dice(1) == nil && result.dice(1, bothEmpty: .one) == 1)
    #expect(result.jaccard(2, bothEmpty: .nan)?.isNaN == true)
    #expect(throws: SegmentationError.self) { try confusion(prediction, truth) }
    #expect(throws: SegmentationError.self) { try confusion(truth, prediction) }
    #expect(throws: SegmentationError.self) { try confusion(map("00"), prediction) }
    #expect(throws: SegmentationError.self) { try Confusion(classCount: 0) }
  }

  @Test func softProperties() throws {
    var generator = SeededGenerator(3)
    for _ in 0..<500 {
      let count = Int.random(in: 1...8, using: &generator)
      let y = (0..<count).map { _ in Double.random(in: 0...1, using: &generator) }
      let p = (0..<count).map { _ in Double.random(in: 0...1, using: &generator) }
      let soft = try SoftOverlap(truth: y, prediction: p)
      let (j, j2) = (soft.j(epsilon: 0), soft.j2(epsilon: 0))
      #expect(-1e-12 <= j2)
      #expect(j2 <= j + 1e-12)
      #expect(j <= 1 + 1e-12)
      #expect(abs(try SoftOverlap(truth: p, prediction: y).j(epsilon: 0) - j) < 1e-12)
      #expect(abs(try SoftOverlap(truth: y, prediction: y).j2(epsilon: 0)) < 1e-12)
      let (a, b) = (try random(&generator, count, 2), try random(&generator, count, 2))
      let hard = try SoftOverlap(truth: a.labels.map(Double.init), prediction: b.labels.map(Double.init))
      if let jaccard = try confusion(b, a).jaccard(1) {
        #expect(abs(1 - hard.j(epsilon: 0) - jaccard) < 1e-12)
        #expect(abs(1 - hard.j2(epsilon: 0) - jaccard) < 1e-12)
      }
    }
  }

  @Test func softCorners() throws {
    let half = try SoftOverlap(truth: [0.5, 0.5, 0.5, 0.5], prediction: [0.5, 0.5, 0.5, 0.5])
    #expect(abs(half.j(epsilon: 0) - 2.0 / 3) < 1e-12)
    #expect(half.j2(epsilon: 0) == 0)
    let empty = try SoftOverlap(truth: [0, 0], prediction: [0, 0])
    #expect(empty.j() == 1 && empty.j2() == 1 && empty.j(epsilon: 0) == 1 && empty.j2(epsilon: 0) == 1)
    #expect(throws: SegmentationError.self) { try SoftOverlap(truth: [0], prediction: []) }
  }

  @Test func crossEntropyOnLogitsAndProbabilities() throws {
    let truth = try map("01", "10")
    let logits = try HostTensor([2, 0, 1, -1, 0, 3, 1, 2] as [Float], shape: [1, 2, 2, 2])
    let reading = try ScoreReading(logits, final: .none, channels: .first)
    let direct = try CrossEntropy(logits, reading, truth: truth)
    let p = try Probabilities.tensor(logits, reading)
    let through = try CrossEntropy(p, ScoreReading(p, final: .softmax, channels: .first), truth: truth)
    #expect(abs(direct.sum - through.sum) < 1e-6)
    #expect(direct.pixels == 4 && direct.weight == 4)
    // ln(1 + e^-d) where the true class leads by d = 2, 3, 0, -3
    let expected: [Double] = [0.126928011, 0.048587352, 0.693147181, 3.048587352]
    #expect(abs(direct.sum - expected.reduce(0, +)) < 1e-6)
    let weighted = try CrossEntropy(logits, reading, truth: truth, weights: [1, 0, 0, 3])
    #expect(abs(weighted.sum - expected[0] - 3 * expected[3]) < 1e-6)
    #expect(weighted.weight == 4)
    #expect(try CrossEntropy(logits, reading, truth: truth, ignore: 1).pixels == 2)
    let zero = try HostTensor([0, 1] as [Float], shape: [1, 2, 1, 1])
    let worst = try CrossEntropy(
      zero, ScoreReading(zero, final: .softmax, channels: .first), truth: map("0", classes: 2))
    #expect(worst.sum > 87 && worst.sum < 88)
    #expect(throws: SegmentationError.self) { try CrossEntropy(logits, reading, truth: map("02", "10")) }
  }

  @Test func binaryCrossEntropy() throws {
    for x in [-30.0, -1, 0, 0.5, 20] {
      for y in [0.0, 0.3, 1] {
        let p = Probabilities.sigmoid(x)
        let difference = CrossEntropy.binary(logit: x, truth: y) - CrossEntropy.binary(probability: p, truth: y)
        #expect(abs(difference) < 1e-4)
      }
    }
    let logits = try HostTensor([2, -2] as [Float], shape: [1, 1, 1, 2])
    let loss = try CrossEntropy(logits, ScoreReading(logits, final: .none), truth: map("10"))
    #expect(abs(loss.sum - 2 * 0.126928011) < 1e-6)
  }

  @Test func borderWeightsAgreeWithBruteForce() throws {
    let labels = try map("1000000", "1100002", "0000022", "0000000", "3000000", "0003000", classes: 4)
    let weights = try BorderWeights(borderWeight: 10, sigma: 2, classWeights: [0.5, 2])
    let parts = try ConnectedComponents(labels)
    let result = try weights.map(labels)
    for at in labels.labels.indices {
      let label = Int(labels.labels[at])
      guard label == 0 else {
        #expect(result[at] == (label == 1 ? 2 : 1))
        continue
      }
      var distances = (0..<parts.count).map { part in
        guard parts.labels[part] != 0 else { return Double.infinity }
        return labels.labels.indices.filter { parts.components[$0] == part }.map { other in
          let (dy, dx) = (Double(other / 7 - at / 7), Double(other % 7 - at % 7))
          return (dy * dy + dx * dx).squareRoot()
        }.min()!
      }
      distances.sort()
      #expect(abs(result[at] - weights.weight(classWeight: 0.5, d1: distances[0], d2: distances[1])) < 1e-9)
    }
    #expect(try BorderWeights().map(map("010")) == [1, 1, 1])
    #expect(throws: SegmentationError.self) { try BorderWeights(sigma: 0) }
  }
}
