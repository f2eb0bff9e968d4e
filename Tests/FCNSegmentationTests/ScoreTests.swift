import FCNSegmentation
import FCNTensor
import Testing

@Suite struct ScoreTests {
  func labels(
    _ values: [Float], _ shape: Shape, _ final: FinalActivation, _ hint: ChannelHint = .first, threshold: Double = 0.5
  ) throws -> [UInt16] {
    let tensor = try HostTensor(values, shape: shape)
    return try LabelMap(tensor, ScoreReading(tensor, final: final, channels: hint, threshold: threshold)).labels
  }

  @Test func firstWinsTiesAndNaNLoses() throws {
    let nan = Float.nan
    let values: [Float] = [1, nan, nan, -.infinity, 2, 1, -5, nan, -.infinity, 2, 0, nan, nan, nan, 1]
    #expect(try labels(values, [1, 3, 1, 5], .none) == [0, 1, 0, 0, 0])
    let last = (0..<5).flatMap { pixel in (0..<3).map { values[$0 * 5 + pixel] } }
    #expect(try labels(last, [1, 1, 5, 3], .none, .last) == [0, 1, 0, 0, 0])
  }

  @Test(arguments: [1, 7, 8, 9, 2047, 2048, 2049, 4111]) func blocksAgreeWithPlainLoop(width: Int) throws {
    var random = SeededGenerator(UInt64(width))
    let values = (0..<5 * width).map { _ in Float(Int.random(in: -3...3, using: &random)) }
    let expected = (0..<width).map { x in
      UInt16((1..<5).reduce(0) { values[$1 * width + x] > values[$0 * width + x] ? $1 : $0 })
    }
    #expect(try labels(values, [1, 5, 1, width], .none) == expected)
    let doubles = try HostTensor(doubles: values.map(Double.init), elementType: .float16, shape: [1, 5, 1, width])
    let reading = try ScoreReading(doubles, final: .softmax, channels: .first)
    #expect(try LabelMap(doubles, reading).labels == expected)
  }

  @Test func binaryThreshold() throws {
    #expect(try labels([-1, 0, 2, .nan], [1, 1, 2, 2], .none) == [0, 1, 1, 0])
    #expect(try labels([0.4, 0.5, 0.6, .nan], [1, 1, 2, 2], .sigmoid) == [0, 1, 1, 0])
    #expect(try labels([0, 1, 2.3, 3], [2, 2], .none, threshold: 0.9) == [0, 0, 1, 1])
    #expect(throws: SegmentationError.self) { try labels([0], [1, 1], .none, threshold: .nan) }
  }

  @Test func multiLabelSigmoid() throws {
    let values: [Float] = [0.9, 0.2, 0.6, 0.1, 0.8, 0.3, 0.7, .nan]
    let tensor = try HostTensor(values, shape: [1, 2, 1, 4])
    let reading = try ScoreReading(tensor, final: .sigmoid, channels: .first)
    let map = try LabelMap(tensor, reading, classNames: ["cat", "dog"])
    #expect(map.labels == [1, 0, 2, 0])
    #expect(map.classCount == 3 && map.name(0) == "background" && map.name(2) == "dog")
    #expect(reading.summary.hasPrefix("3 labels: 1 + the most probable of 2 classes"))
    let confidence = try Probabilities.confidence(tensor, reading).doubles()
    let expected = [0.9, 0.7, 0.7, 0.9]
    for (got, wanted) in zip(confidence, expected) { #expect(abs(got - wanted) < 1e-6) }
  }

  @Test func readyLabels() throws {
    for shape in [[1, 1, 2, 2], [1, 2, 2], [2, 2]] as [Shape] {
      let tensor = try HostTensor([0, 3, 255, 1] as [Int64], shape: shape)
      let reading = try ScoreReading(tensor, final: .unknown)
      #expect(reading.kind == .labels && reading.assumptions.isEmpty)
      let map = try LabelMap(tensor, reading)
      #expect(map.labels == [0, 3, 255, 1] && map.classCount == 4)
    }
    let bad = try HostTensor([0, -1] as [Int64], shape: [1, 2])
    #expect(throws: SegmentationError.self) { try LabelMap(bad, ScoreReading(bad, final: .argmax)) }
  }

  @Test func unknownActivationLooksAtValues() throws {
    func kind(_ values: [Float], _ shape: Shape) throws -> ScoreKind {
      try ScoreReading(HostTensor(values, shape: shape), final: .unknown, channels: .first).kind
    }
    #expect(try kind([0.25, 0.5, 0.75, 0.5], [1, 2, 1, 2]) == .softmax)
    #expect(try kind([0.25, 0.5, 0.25, 0.5], [1, 2, 1, 2]) == .sigmoid)
    #expect(try kind([0.25, 5, 0.75, 0.5], [1, 2, 1, 2]) == .logits)
    #expect(try kind([0.25, -0.5], [1, 1, 1, 2]) == .sigmoidLogits)
  }

  @Test func overrides() throws {
    let two = try HostTensor([0.2, 0.8] as [Float], shape: [1, 2, 1, 1])
    #expect(try ScoreReading(two, final: .none, activation: .sigmoid).kind == .sigmoidLogits)
    #expect(try ScoreReading(two, final: .sigmoid, activation: .sigmoid).kind == .sigmoid)
    #expect(try ScoreReading(two, final: .unknown, activation: .softmax).kind == .logits)
    #expect(try ScoreReading(two, final: .unknown, activation: .none).kind == .softmax)
    #expect(throws: SegmentationError.self) { try ScoreReading(two, final: .softmax, activation: .sigmoid) }
    let one = try HostTensor([0.2] as [Float], shape: [1, 1, 1, 1])
    #expect(throws: SegmentationError.self) { try ScoreReading(one, final: .none, activation: .softmax) }
  }

  @Test func layouts() throws {
    func axes(_ shape: Shape, _ hint: ChannelHint = .unknown) throws -> [Int] {
      let layout = try ScoreLayout(shape, hint: hint)
      return [layout.images, layout.channels, layout.height, layout.width]
    }
    #expect(try axes([2, 21, 16, 16]) == [2, 21, 16, 16])
    #expect(try axes([2, 16, 16, 21]) == [2, 21, 16, 16])
    #expect(try axes([1, 30, 20, 3]) == [1, 3, 30, 20])
    #expect(try axes([1, 3, 30, 20]) == [1, 3, 30, 20])
    #expect(try axes([1, 1, 1, 9]) == [1, 1, 1, 9])
    #expect(try axes([1, 5, 6, 7], .last) == [1, 7, 5, 6])
    #expect(try axes([4, 5, 6]) == [4, 1, 5, 6])
    #expect(try axes([4, 5, 6], .first) == [1, 4, 5, 6])
    #expect(try axes([4, 5, 6], .last) == [1, 6, 4, 5])
    #expect(throws: SegmentationError.self) { try ScoreLayout([3]) }
    #expect(throws: SegmentationError.self) { try ScoreLayout([1, 0, 3, 3]) }
    #expect(throws: SegmentationError.self) { try ScoreLayout([1, 2, 3, 4, 5]) }
  }

  @Test func secondImageOfABatch() throws {
    let tensor = try HostTensor([9, 0, 0, 9, 0, 9, 9, 0] as [Float], shape: [2, 2, 1, 2])
    let reading = try ScoreReading(tensor, final: .none, channels: .first)
    #expect(try LabelMap(tensor, reading, image: 1).labels == [1, 0])
    #expect(throws: SegmentationError.self) { try LabelMap(tensor, reading, image: 2) }
  }

  @Test func softmaxSumsToOneAndDoesNotOverflow() throws {
    var random = SeededGenerator(3)
    let values = (0..<4 * 700).map { _ in Float.random(in: -2000...2000, using: &random) }
    let tensor = try HostTensor(values, shape: [1, 4, 7, 100])
    let reading = try ScoreReading(tensor, final: .none, channels: .first)
    let p = try Probabilities.tensor(tensor, reading).doubles()
    let confidence = try Probabilities.confidence(tensor, reading).doubles()
    for pixel in 0..<700 {
      let row = (0..<4).map { p[$0 * 700 + pixel] }
      #expect(abs(row.reduce(0, +) - 1) < 1e-6)
      #expect(confidence[pixel] == row.max())
    }
    let logits = try HostTensor([0, 1000, -1000] as [Float], shape: [1, 1, 1, 3])
    let sigmoid = try Probabilities.tensor(logits, ScoreReading(logits, final: .none)).doubles()
    #expect(sigmoid == [0.5, 1, 0])
  }

  @Test func crop() throws {
    let whole = try map("0123", "4567")
    #expect(try whole.crop(to: Region([0..<2, 1..<3])).labels == [1, 2, 5, 6])
    #expect(throws: SegmentationError.self) { try whole.crop(to: Region([0..<3, 0..<1])) }
  }
}
