import FCNImage
import FCNTensor
import OnnxFCN
import Testing

/// PNG files of tests.
enum PNGPicture {
  static func encode(_ picture: Picture) throws -> [UInt8] { try PNGEncoder().encode(picture) }

  static func write(_ values: [UInt8], width: Int, to path: String) throws {
    let picture = try Picture(width: width, height: values.count / width, channels: 1, samples: values)
    try AtomicFile.write(try encode(picture), to: path)
  }
}

@Suite struct PicturesEvaluationTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ prediction: String, _ truth: String, classes: Int? = nil) throws -> EvaluationOutcome {
    var options = EvaluationRunner.Options()
    options.classCount = classes
    return try EvaluationRunner(
      prediction: folder.path + "/" + prediction, truth: folder.path + "/" + truth, options: options
    ).run()
  }

  @Test func whiteTruthReadsAsOneAndIsSaid() throws {
    try PNGPicture.write([0, 0, 255, 255], width: 2, to: folder.path + "/t.png")
    try PNGPicture.write([0, 1, 1, 1], width: 2, to: folder.path + "/p.png")
    let outcome = try run("p.png", "t.png")
    #expect(outcome.mean(1).jaccard == 2.0 / 3)
    #expect(outcome.mean(0).dice == 2.0 / 3)
    #expect(outcome.notes.contains { $0.contains("255 is read as 1") })
  }

  @Test func foldersMatchByName() throws {
    for name in ["t", "p"] { try PictureBatch.write([], to: "\(folder.path)/\(name)/x") }
    for name in ["1", "2", "3"] { try PNGPicture.write([0, 255], width: 2, to: "\(folder.path)/t/\(name).png") }
    try PNGPicture.write([0, 1], width: 2, to: folder.path + "/p/1_labels.png")
    try PNGPicture.write([1, 1], width: 2, to: folder.path + "/p/2.png")
    let outcome = try run("p", "t")
    #expect(outcome.mean(1).jaccard == 0.75)
    #expect(outcome.notes.contains { $0.contains("1 of 3 truths have no prediction") })
    #expect(outcome.failures.isEmpty)
  }

  @Test func aPictureOfAnotherSizeIsListed() throws {
    for name in ["t", "p"] { try PictureBatch.write([], to: "\(folder.path)/\(name)/x") }
    for name in ["1", "2"] { try PNGPicture.write([0, 1], width: 2, to: "\(folder.path)/t/\(name).png") }
    try PNGPicture.write([0, 1], width: 2, to: folder.path + "/p/1.png")
    try PNGPicture.write([0, 1], width: 1, to: folder.path + "/p/2.png")
    let outcome = try run("p", "t")
    #expect(outcome.failures.map(\.name) == ["2"])
    #expect(outcome.mean(1).dice == 1)
  }

  @Test func probabilitiesGiveLosses() throws {
    try PNGPicture.write([0, 255], width: 2, to: folder.path + "/t.png")
    let tensor = try HostTensor([0.25, 0.75] as [Float], shape: [1, 1, 1, 2])
    try AtomicFile.write(try NPY.encode(tensor), to: folder.path + "/p.npy")
    let outcome = try run("p.npy", "t.png")
    let loss = try #require(outcome.json["pooled"]?["crossEntropy"]?.double)
    #expect(abs(loss - 0.287682) < 1e-5)
    #expect(outcome.json["pooled"]?["weightedCrossEntropy"] != nil)
  }

  @Test func nothingThatMatchesIsAnError() throws {
    try PNGPicture.write([0, 1], width: 2, to: folder.path + "/p.png")
    let error = #expect(throws: FCNError.self) { try run("p.png", "none.png") }
    #expect(error?.category == .input)
    #expect(throws: FCNError.self) { try run("p.png", "") }
  }
}
