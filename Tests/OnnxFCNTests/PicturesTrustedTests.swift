import FCNImage
import FCNTensor
import OnnxFCN
import Testing

/// A network run on a picture alone and on the same picture inside a larger one of noise.
struct Embedding {
  let pipeline: PicturePipeline
  let alone: PictureResult
  let inside: PictureResult
  /// Of the picture in the larger one, in rows and columns of the output.
  let offset: Int

  /// - Parameters:
  ///   - margin: noise above and on the left, in picture samples; a multiple of the network's period.
  ///   - larger: the larger picture's height and width.
  ///   - scale: input samples per output sample.
  init(
    _ pipeline: PicturePipeline, _ size: (Int, Int), larger: (Int, Int), margin: Int, scale: Int = 1, seed: UInt64 = 7
  ) throws {
    self.pipeline = pipeline
    offset = margin / scale
    var generator = SeededGenerator(seed)
    let channels = pipeline.input.channels
    func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(generator.integer(in: 0...255)) } }
    let picture = try Picture(
      width: size.1, height: size.0, channels: channels, samples: noise(size.0 * size.1 * channels))
    let canvas = try picture.inside(
      noise(larger.0 * larger.1 * channels), height: larger.0, width: larger.1, at: margin)
    alone = try pipeline.process(picture, name: "alone")
    inside = try pipeline.process(canvas, name: "inside")
  }

  /// Rows `y` and columns `x` of the raw output, every channel.
  static func raw(_ result: PictureResult, _ y: Range<Int>, _ x: Range<Int>) throws -> [UInt64] {
    let tensor = result.outputs[result.pipeline.output.index]
    let (height, width, channels) = (result.view.height, result.view.width, result.view.channels)
    let values = tensor.doubles()
    let isLast = tensor.shape.dims.suffix(2) == [width, channels]
    var bits: [UInt64] = []
    for channel in 0..<channels {
      for row in y {
        for column in x {
          let plane = channel * height * width + row * width + column
          let pixel = (row * width + column) * channels + channel
          bits.append(values[isLast ? pixel : plane].bitPattern)
        }
      }
    }
    return bits
  }

  func areEqual(_ y: Range<Int>, _ x: Range<Int>) throws -> Bool {
    func moved(_ range: Range<Int>) -> Range<Int> { range.lowerBound + offset..<range.upperBound + offset }
    return try Embedding.raw(alone, y, x) == Embedding.raw(inside, moved(y), moved(x))
  }
}

@Suite struct PicturesTrustedTests {
  static func pipeline(_ name: String, backend: String = "reference", border: PictureOptions.Border = .reflect)
    throws -> PicturePipeline
  {
    var options = PictureOptions()
    options.preprocess = .unit
    options.backend = backend
    options.border = border
    let engine = try Engine(options: EngineOptions(kernels: "direct"))
    let model = try Model(path: "\(TestData.path)/networks/\(name)/model.onnx", engine: engine)
    return try PicturePipeline(model: model, options: options)
  }

  struct Case: Sendable, CustomStringConvertible {
    var name: String
    /// Of the picture, which may be padded, and of the larger one.
    var size: (Int, Int)
    var larger: (Int, Int)
    var margin: Int
    var scale = 1
    /// Noise pictures; behind five maximum poolings one alone may hide what lies around from the outermost samples.
    var samples: UInt64 = 1

    var description: String { "\(name) \(size.0)x\(size.1)" }
  }

  static let cases = [
    Case(name: "plain", size: (24, 31), larger: (41, 44), margin: 7),
    Case(name: "deblur", size: (29, 26), larger: (44, 45), margin: 9),
    Case(name: "unet_deconv", size: (112, 120), larger: (128, 144), margin: 8),
    Case(name: "unet_bilinear", size: (64, 68), larger: (72, 80), margin: 4),
    Case(name: "unet_bilinear", size: (61, 70), larger: (76, 80), margin: 4),
    Case(name: "unet_nearest", size: (58, 61), larger: (68, 72), margin: 4),
    Case(name: "unet_stride2", size: (53, 52), larger: (64, 64), margin: 4),
    Case(name: "density", size: (64, 72), larger: (80, 84), margin: 8, scale: 4),
    Case(name: "density", size: (62, 71), larger: (80, 84), margin: 8, scale: 4),
    Case(name: "segnet", size: (416, 405), larger: (480, 480), margin: 32, samples: 3),
    Case(name: "fcn32s", size: (450, 461), larger: (512, 514), margin: 32),
  ]

  @Test(arguments: cases)
  func insideNothingDependsOnWhatLiesAround(_ entry: Case) throws {
    let pipeline = try Self.pipeline(entry.name)
    var changed: Set<String> = []
    for seed in 0..<entry.samples {
      let pair = try Embedding(
        pipeline, entry.size, larger: entry.larger, margin: entry.margin, scale: entry.scale, seed: seed)
      let region = pair.alone.trusted
      let box = try #require(region.rectangle, "\(region.reasons)")
      #expect(box.top > 0 && box.left > 0 && box.bottom < region.height && box.right < region.width)
      let (rows, columns) = (box.top..<box.bottom, box.left..<box.right)
      #expect(try pair.areEqual(rows, columns), "\(box), seed \(seed)")
      if try !pair.areEqual(box.top - 1..<box.top, columns) { changed.insert("above") }
      if try !pair.areEqual(box.bottom..<box.bottom + 1, columns) { changed.insert("below") }
      if try !pair.areEqual(rows, box.left - 1..<box.left) { changed.insert("left") }
      if try !pair.areEqual(rows, box.right..<box.right + 1) { changed.insert("right") }
    }
    #expect(changed == ["above", "below", "left", "right"])
  }

  /// Rows and columns that are added to reach the network's size are foreign: what they hold changes nothing inside,
  /// and the first sample outside in some noise picture (behind five maximum poolings, in few).
  @Test(arguments: [
    ("unet_bilinear", 61, 70), ("unet_nearest", 58, 61), ("unet_stride2", 53, 55), ("density", 62, 71),
    ("segnet", 630, 620),
  ])
  func insideNothingDependsOnWhatIsAdded(_ name: String, _ height: Int, _ width: Int) throws {
    let pipelines = try [PictureOptions.Border.reflect, .zero].map {
      try Self.pipeline(name, backend: "cpu", border: $0)
    }
    var changed: Set<String> = []
    for seed in 0..<12 where changed.count < 2 {
      var generator = SeededGenerator(UInt64(seed))
      let channels = pipelines[0].input.channels
      let samples = (0..<height * width * channels).map { _ in UInt8(generator.integer(in: 0...255)) }
      let picture = try Picture(width: width, height: height, channels: channels, samples: samples)
      let results = try pipelines.map { try $0.process(picture, name: name) }
      #expect(results[0].trusted == results[1].trusted)
      let box = try #require(results[0].trusted.rectangle)
      let (rows, columns) = (box.top..<box.bottom, box.left..<box.right)
      func areEqual(_ y: Range<Int>, _ x: Range<Int>) throws -> Bool {
        try Embedding.raw(results[0], y, x) == Embedding.raw(results[1], y, x)
      }
      #expect(try areEqual(rows, columns), "\(box), seed \(seed)")
      if try !areEqual(box.bottom..<box.bottom + 1, columns) { changed.insert("below") }
      if try !areEqual(rows, box.right..<box.right + 1) { changed.insert("right") }
    }
    #expect(changed == ["below", "right"])
  }

  @Test func nothingIsTrustedWhereStatisticsReachEverywhere() throws {
    let pipeline = try Self.pipeline("lraspp_mnv3", backend: "cpu")
    let picture = try Picture(width: 64, height: 64, channels: 3, samples: [UInt8](repeating: 9, count: 64 * 64 * 3))
    let region = try pipeline.process(picture, name: "p").trusted
    #expect(region.rectangle == nil && region.mask == [UInt8](repeating: 0, count: 64 * 64))
    #expect(region.reasons.first?.text == "block4.squeeze.mean reduces over the whole axis")
    #expect(region.note?.hasPrefix("nothing is trusted: block4.squeeze.mean reduces over the whole axis") == true)
    #expect(region.json["rectangle"] == JSONValue.null)
  }

  @Test func aPictureBelowTheBorderDepthIsNotTrusted() throws {
    let result = try Self.pipeline("unet_nearest", backend: "cpu").process(
      try Picture(width: 45, height: 37, channels: 3, samples: [UInt8](repeating: 9, count: 37 * 45 * 3)), name: "p")
    let region = result.trusted
    #expect((region.height, region.width) == (37, 45) && region.rectangle == nil)
    #expect(region.reasons.first?.text.hasPrefix("the border reaches 22 of 40 rows of the output") == true)
  }

  @Test func aSecondInputHasNoBorderOfItsOwn() throws {
    let model = try Model(path: "\(TestData.path)/networks/coordconv/model.onnx", engine: try Engine())
    let coords = try Tensor(shape: [1, 2, 20, 24], floats: [Float](repeating: 0.5, count: 2 * 20 * 24))
    var options = PictureOptions()
    options.preprocess = .unit
    let pipeline = try PicturePipeline(model: model, options: options, tensors: ["coords": coords])
    let channels = pipeline.input.channels
    let picture = try Picture(
      width: 24, height: 20, channels: channels, samples: [UInt8](repeating: 9, count: 20 * 24 * channels))
    let box = try #require(try pipeline.process(picture, name: "p").trusted.rectangle)
    #expect(box == TrustedRegion.Rectangle(top: 3, left: 3, bottom: 17, right: 21))
  }

  /// Resampled to half the size, restored, and resized back to the picture's size.
  @Test func anImageThatIsResizedBackHoldsInALargerPicture() throws {
    let model = try Model(path: "\(TestData.path)/networks/deblur/model.onnx", engine: try Engine())
    func image(_ picture: Picture) throws -> (samples: [UInt16], region: TrustedRegion) {
      var options = PictureOptions()
      options.preprocess = .unit
      options.backend = "reference"
      options.size = .exact(height: picture.height / 2, width: picture.width / 2)
      let result = try PicturePipeline(model: model, options: options).process(picture, name: "p")
      guard case .image(let image, _) = result.content else { throw FCNError(.usage, "no image") }
      return (image.values, result.trusted)
    }
    let (height, width, larger, margin) = (60, 64, 96, 16)
    let channels = try PicturePipeline(model: model).input.channels
    var generator = SeededGenerator(2)
    func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(generator.integer(in: 0...255)) } }
    let picture = try Picture(
      width: width, height: height, channels: channels, samples: noise(height * width * channels))
    let canvas = try picture.inside(noise(larger * larger * channels), height: larger, width: larger, at: margin)
    let (small, region) = try image(picture)
    let large = try image(canvas).samples
    #expect((region.height, region.width) == (height, width))
    // A resampled sample at the edge, eight of the network, and what the way back reads: 2·9 + 1.
    #expect(region.rectangle == TrustedRegion.Rectangle(top: 19, left: 19, bottom: height - 19, right: width - 19))
    var differing = 0
    for y in 0..<height {
      for x in 0..<width {
        let own = (y * width + x) * channels
        let other = ((y + margin) * larger + x + margin) * channels
        if small[own..<own + channels] == large[other..<other + channels] { continue }
        differing += 1
        #expect(region.mask[y * width + x] == 0, "(\(y), \(x))")
      }
    }
    #expect(differing > 0)
  }
}
