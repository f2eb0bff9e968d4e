import FCNSegmentation
import FCNTensor
import Testing

@Suite struct EvaluationTests {
  @Test func valueMaps() throws {
    #expect(try ValueMap(parsing: "0:0,255:1").pairs == [0: 0, 255: 1])
    for text in ["", "1", "1:", "a:b", "1:2,", "1:2:3", "1:2,1:3", "-1:0", "0:70000"] {
      #expect(throws: SegmentationError.self) { try ValueMap(parsing: text) }
    }
    let mask = try LabelMap(width: 2, height: 1, bytes: [0, 255])
    #expect(ValueMap.binary255(mask, classCount: 2) == ValueMap([255: 1]))
    #expect(ValueMap.binary255(mask, classCount: 3) == nil)
    #expect(ValueMap.binary255(try LabelMap(width: 3, height: 1, bytes: [0, 1, 255]), classCount: 2) == nil)
  }

  @Test func pooledAndMean() throws {
    var evaluation = try Evaluation(EvaluationOptions(classCount: 2))
    try evaluation.add(name: "a", prediction: map("1100"), truth: map("1000"))
    try evaluation.add(name: "b", prediction: map("0000", classes: 2), truth: map("0000", classes: 2))
    let report = evaluation.report
    let pooled: [Double?] = [6.0 / 7, 0.5]
    #expect(report.figures(report.pooled).jaccard == pooled)
    let means: [Double?] = [5.0 / 6, 0.5]
    for (got, wanted) in zip(report.meanFigures.jaccard, means) { #expect(abs(got! - wanted!) < 1e-12) }
    #expect(report.json["pooled"]?["jaccard"]?["classes"]?.elements?.count == 2)
    #expect(report.json["images"]?.elements?[1]["dice"]?["classes"] == [1.0, nil])
    #expect(report.lines.contains("class 1   0.6667        0.6667        0.5000        0.5000"))
    #expect(report.pooled.overlaps.isEmpty && report.json["pooled"]?["j"] == nil)
  }

  @Test func reads255AsOneAndSaysSo() throws {
    let truth = try LabelMap(width: 2, height: 1, bytes: [0, 255])
    var evaluation = try Evaluation(EvaluationOptions(classCount: 2))
    try evaluation.add(name: "a", prediction: map("01"), truth: truth)
    #expect(evaluation.report.pooled.confusion.accuracy == 1 && evaluation.report.notes.count == 1)
    var options = EvaluationOptions(classCount: 2)
    options.ignore = 255
    var ignoring = try Evaluation(options)
    try ignoring.add(name: "a", prediction: map("01"), truth: truth)
    #expect(ignoring.report.pooled.confusion.ignored == 1 && ignoring.report.notes.isEmpty)
    options = EvaluationOptions(classCount: 2)
    options.map = ValueMap([255: 0])
    var mapped = try Evaluation(options)
    try mapped.add(name: "a", prediction: map("01"), truth: truth)
    #expect(mapped.report.pooled.confusion.accuracy == 0.5)
  }

  @Test func badPictureIsNamedAndNotCounted() throws {
    var evaluation = try Evaluation(EvaluationOptions(classCount: 2))
    let error = #expect(throws: SegmentationError.self) {
      try evaluation.add(name: "x.png", prediction: map("013"), truth: map("010"))
    }
    #expect(error?.detail == "x.png: prediction, row 0, column 2: expected a label in 0…1, got 3")
    #expect(evaluation.report.images.isEmpty && evaluation.report.pooled.confusion.total == 0)
    #expect(evaluation.report.figures(evaluation.report.pooled).accuracy == nil)
    #expect(!evaluation.report.lines.isEmpty)
  }

  @Test func softMeasuresComeWithScores() throws {
    let p = try HostTensor([0.75, 0.25, 0.25, 0.75] as [Float], shape: [1, 2, 1, 2])
    var options = EvaluationOptions(classCount: 2)
    options.weights = try BorderWeights()
    options.epsilon = 0
    var evaluation = try Evaluation(options)
    let scores = PredictedScores(p, try ScoreReading(p, final: .softmax, channels: .first))
    try evaluation.add(name: "a", scores: scores, truth: map("01"))
    try evaluation.add(name: "b", scores: scores, truth: map("01"))
    let figures = evaluation.report.figures(evaluation.report.pooled)
    // I = 0.75, Σy = Σŷ = 1; Σŷ² = 0.625
    #expect(figures.j.allSatisfy { abs($0! - 0.4) < 1e-12 })
    let expected: Double = 1 - 0.75 / 0.875
    #expect(figures.j2.allSatisfy { abs($0! - expected) < 1e-12 })
    #expect(abs(figures.crossEntropy! - 0.28768207) < 1e-7)
    #expect(figures.weightedCrossEntropy != nil)
    #expect(
      try JSONValue(parsing: evaluation.report.json.serialized(pretty: true), name: "t") == evaluation.report.json)
  }

  @Test func thresholdedScoresHaveNoChannelForBackground() throws {
    let p = try HostTensor([0.9, 0.2] as [Float], shape: [1, 1, 1, 2])
    var evaluation = try Evaluation(EvaluationOptions(classCount: 2))
    try evaluation.add(name: "a", scores: PredictedScores(p, try ScoreReading(p, final: .sigmoid)), truth: map("10"))
    let report = evaluation.report
    #expect(report.pooled.overlaps.count == 2 && report.pooled.overlaps[0] == nil)
    #expect(report.figures(report.pooled).dice == [1, 1])
    #expect(report.json["pooled"]?["j"]?["classes"]?.elements?[0] == .null)
  }
}
