import FCNImage
import FCNTensor
import OnnxFCN
import Testing

/// Files of the package's testdata.
enum TestData {
  static let path = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/testdata"
  static let model = path + "/demo/model.onnx"
  static let image = path + "/demo/image.png"
  static let truth = path + "/demo/truth.png"

  /// The demo picture and its truth, cut to `size` x `size`.
  static func crop(_ size: Int) throws -> (picture: Picture, truth: [Bool]) {
    let picture = try PictureReader.read(path: image)
    let truth = try PictureReader.readLabels(path: truth)
    var samples: [UInt8] = []
    var labels: [Bool] = []
    for y in 0..<size {
      picture.withSamples(UInt8.self) { samples += $0[y * picture.width..<y * picture.width + size] }
      labels += truth.values[y * truth.width..<y * truth.width + size].map { $0 == 255 }
    }
    return (try Picture(width: size, height: size, channels: 1, samples: samples), labels)
  }
}

@Suite struct PicturesDemoTests {
  let model: Model

  init() throws { model = try Model(path: TestData.model, engine: try Engine()) }

  @Test func nucleiAreFoundOnTheExactGrid() throws {
    let (picture, truth) = try TestData.crop(401)
    let result = try PicturePipeline(model: model).process(picture, name: "crop.png")
    let labels = try #require(result.labels)
    #expect(labels.count == 401 * 401)
    #expect(result.classNames == ["background", "nucleus"])
    var both = 0
    var either = 0
    for (label, isNucleus) in zip(labels, truth) {
      if label == 1 && isNucleus { both += 1 }
      if label == 1 || isNucleus { either += 1 }
    }
    #expect(Double(both) / Double(either) >= 0.85)
    #expect(result.summary.hasPrefix("crop.png: 401×401 → padded 416×416 (bottom 15, right 15, reflect), 2 classes: "))
  }

  @Test func filesReadBackAsTheResult() throws {
    let (picture, _) = try TestData.crop(70)
    let result = try PicturePipeline(model: model).process(picture, name: "p")
    let map = try PictureReader.readLabels(bytes: try result.encoded(.labels), name: "labels")
    #expect(map.isIndexed && map.values == result.labels)
    let npy = try NPY.read(bytes: try result.encoded(.labels, fileExtension: "npy"), name: "labels")
    #expect(npy.elementType == .uint8 && npy.integers().map { UInt16($0) } == result.labels)
    let prob = try NPY.read(bytes: try result.encoded(.prob), name: "prob")
    #expect(prob.shape == [1, 1, 70, 70])
    #expect(zip(prob.doubles(), map.values).allSatisfy { ($0 >= 0.5) == ($1 == 1) })
    let confidence = try NPY.read(bytes: try result.encoded(.confidence), name: "confidence")
    #expect(confidence.shape == [70, 70] && confidence.doubles().allSatisfy { $0 >= 0.5 && $0 <= 1 })
    for kind in ["png", "jpg"] {
      let overlay = try PictureReader.read(bytes: try result.encoded(.overlay, fileExtension: kind), name: "overlay")
      #expect((overlay.width, overlay.height, overlay.channels) == (70, 70, 3))
    }
    let stats = try JSONValue(parsing: try result.encoded(.stats), name: "stats")
    let pixels = stats["classes"]?.elements?.compactMap { $0["pixels"]?.int }.reduce(0, +)
    #expect(pixels == 4900)
    #expect(stats["padding"]?["bottom"]?.int == 10)
  }

  @Test func textNamesTheClasses() throws {
    let (picture, _) = try TestData.crop(32)
    let bytes = try PicturePipeline(model: model).process(picture, name: "p").encoded(.labels)
    let text = bytes.withUnsafeBytes { buffer in
      PNGChunks(buffer).filter { $0.type == "tEXt" }.map { String(decoding: buffer[$0.payload], as: UTF8.self) }
    }
    #expect(text.contains("onnxfcn.classes\u{0}[\"background\",\"nucleus\"]"))
  }

  @Test func resampledResultsLieOnThePicture() throws {
    let (picture, _) = try TestData.crop(100)
    var options = PictureOptions()
    options.size = .exact(height: 64, width: 80)
    let result = try PicturePipeline(model: model, options: options).process(picture, name: "p")
    #expect(result.labels?.count == 10_000)
    #expect(try result.probabilities().shape == [1, 1, 100, 100])
    #expect(result.summary.contains("→ resampled 64×80, 2 classes"))
  }

  @Test func aCancelledControlStopsTheRun() throws {
    let (picture, _) = try TestData.crop(64)
    let control = PictureControl()
    control.cancel()
    let error = #expect(throws: FCNError.self) {
      try PicturePipeline(model: model).process(picture, name: "p", control: control)
    }
    #expect(error?.category == .cancelled)
  }

  @Test func wrongNamesAndInputsAreSaid() throws {
    var options = PictureOptions()
    options.outputName = "nothing"
    #expect(throws: FCNError.self) { try PicturePipeline(model: model, options: options) }
    let tensor = try Tensor(shape: [1], floats: [0])
    #expect(throws: FCNError.self) { try PicturePipeline(model: model, tensors: ["nothing": tensor]) }
    let error = #expect(throws: FCNError.self) { try model.process(picture: TestData.path + "/none.png") }
    #expect(error?.category == .input)
  }

  @Test(arguments: ["fcn8s", "segnet", "unet_resnet34", "unet_nearest", "unet_softmax", "deblur", "density"])
  func networksOfTheFieldTakeOddSizes(_ name: String) throws {
    let model = try Model(path: "\(TestData.path)/networks/\(name)/model.onnx", engine: try Engine())
    let samples = (0..<37 * 53 * 3).map { UInt8(($0 * 29) % 256) }
    let picture = try Picture(width: 53, height: 37, channels: 3, samples: samples)
    let result = try PicturePipeline(model: model).process(picture, name: name)
    switch result.content {
    case .segmentation: #expect((result.labelWidth, result.labelHeight) == (53, 37))
    case .image(let image, _): #expect((image.width, image.height) == (53, 37))
    case .density(let tensor, let sum): #expect(tensor.shape.rank == 4 && sum.isFinite)
    case .none: Issue.record("no content")
    }
  }
}
