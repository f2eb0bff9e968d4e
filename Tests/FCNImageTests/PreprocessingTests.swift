import FCNImage
import FCNTensor
import Testing

@Suite("Preprocessing") struct PreprocessingTests {
  static func apply(
    _ preprocessing: Preprocessing, _ picture: Picture, _ channels: Int, layout: ImageLayout = .nchw,
    _ type: ElementType = .float32
  ) throws -> [Double] {
    let tensor = try preprocessing.apply(picture, layout: layout, elementType: type, channels: channels)
    #expect(tensor.elementType == type)
    #expect(tensor.shape == layout.shape(height: picture.height, width: picture.width, channels: channels))
    return tensor.doubles()
  }

  let pair = [10, 20, 30, 40, 50, 60] as [UInt8]
  func picture() throws -> Picture { try Picture(width: 2, height: 1, channels: 3, samples: pair) }

  @Test func layouts() throws {
    let plain = Preprocessing()
    #expect(try PreprocessingTests.apply(plain, picture(), 3) == [10, 40, 20, 50, 30, 60])
    #expect(try PreprocessingTests.apply(plain, picture(), 3, layout: .nhwc) == [10, 20, 30, 40, 50, 60])
    let bgr = Preprocessing(bgr: true)
    #expect(try PreprocessingTests.apply(bgr, picture(), 3) == [30, 60, 20, 50, 10, 40])
    #expect(try PreprocessingTests.apply(bgr, picture(), 3, layout: .nhwc) == [30, 20, 10, 60, 50, 40])
    let chosen = Preprocessing(channels: [2, 0])
    #expect(try PreprocessingTests.apply(chosen, picture(), 2) == [30, 60, 10, 40])
  }

  @Test(arguments: [ElementType.uint8, .uint16, .int32, .int64, .float16, .bfloat16, .float64])
  func elementTypes(type: ElementType) throws {
    #expect(try PreprocessingTests.apply(Preprocessing(), picture(), 3, type) == [10, 40, 20, 50, 30, 60])
  }

  @Test func integerInputsTakeStoredValuesOnly() throws {
    let wide = try Picture(width: 1, height: 1, channels: 1, samples: [65535] as [UInt16])
    #expect(try PreprocessingTests.apply(Preprocessing(), wide, 1, .uint16) == [65535])
    #expect(throws: ImageError.self) { try PreprocessingTests.apply(Preprocessing(), wide, 1, .uint8) }
    #expect(throws: ImageError.self) { try PreprocessingTests.apply(Preprocessing(), wide, 1, .float16) }
    #expect(throws: ImageError.self) {
      try PreprocessingTests.apply(Preprocessing(normalization: .unit), picture(), 3, .uint8)
    }
    #expect(throws: ImageError.self) { try PreprocessingTests.apply(Preprocessing(), picture(), 3, .bool) }
    #expect(try wide.converted(toBitDepth: 8).values == [255])
  }

  @Test func greyAndRGB() throws {
    // (19595·10 + 38470·20 + 7471·30 + 32768) >> 16 and the same for 40, 50, 60
    #expect(try PreprocessingTests.apply(Preprocessing(), picture(), 1) == [18, 48])
    let white = try Picture(width: 1, height: 1, channels: 3, samples: [65535, 65535, 65535] as [UInt16])
    #expect(try PreprocessingTests.apply(Preprocessing(), white, 1) == [65535])
    let grey = try Picture(width: 2, height: 1, channels: 1, samples: [7, 9] as [UInt8])
    #expect(try PreprocessingTests.apply(Preprocessing(bgr: true), grey, 3) == [7, 9, 7, 9, 7, 9])
    let error = #expect(throws: ImageError.self) { try PreprocessingTests.apply(Preprocessing(), picture(), 4) }
    #expect(error?.detail == "the picture has 3 channels, the network takes 4")
  }

  @Test func alphaPolicies() throws {
    let rgba = try Picture(width: 1, height: 1, channels: 4, samples: [100, 0, 255, 51] as [UInt8])
    #expect(try PreprocessingTests.apply(Preprocessing(alpha: .drop), rgba, 3) == [100, 0, 255])
    #expect(try PreprocessingTests.apply(Preprocessing(alpha: .composite), rgba, 3) == [224, 204, 255])
    #expect(try PreprocessingTests.apply(Preprocessing(alpha: .keep), rgba, 4) == [100, 0, 255, 51])
    #expect(try PreprocessingTests.apply(Preprocessing(bgr: true, alpha: .keep), rgba, 4) == [255, 0, 100, 51])
    #expect(try PreprocessingTests.apply(Preprocessing(channels: [3], alpha: .keep), rgba, 1) == [51])
    #expect(throws: ImageError.self) { try PreprocessingTests.apply(Preprocessing(alpha: .keep), rgba, 3) }
    let greyAlpha = try Picture(width: 1, height: 1, channels: 2, samples: [0, 0] as [UInt16])
    #expect(try PreprocessingTests.apply(Preprocessing(alpha: .composite), greyAlpha, 3) == [65535, 65535, 65535])
  }

  @Test func fixedNormalizations() throws {
    func values(_ normalization: Normalization, bgr: Bool = false) throws -> [Double] {
      try PreprocessingTests.apply(Preprocessing(bgr: bgr, normalization: normalization), picture(), 3)
    }
    let stored: [Float] = [10, 40, 20, 50, 30, 60]
    #expect(try values(.unit) == stored.map { Double($0 / 255) })
    #expect(try values(.minus1) == stored.map { Double($0 / 255 * 2 - 1) })
    let mean = Normalization.imagenetMean
    let deviation = Normalization.imagenetDeviation
    let imagenet = stored.indices.map { Double((stored[$0] / 255 - mean[$0 / 2]) / deviation[$0 / 2]) }
    #expect(try values(.imagenet) == imagenet)
    #expect(try values(.imagenet, bgr: true) == Array(imagenet[4...] + imagenet[2..<4] + imagenet[..<2]))
    #expect(try values(.affine(scale: [2], offset: [1, 2, 3])) == [21, 81, 42, 102, 63, 123])
    #expect(throws: ImageError.self) { try values(.affine(scale: [1, 2], offset: [0])) }
    #expect(throws: ImageError.self) { try values(.affine(scale: [.nan], offset: [0])) }
    #expect(throws: ImageError.self) {
      try PreprocessingTests.apply(Preprocessing(normalization: .imagenet), picture(), 1)
    }
    let wide = try Picture(width: 1, height: 1, channels: 1, samples: [13107] as [UInt16])
    #expect(try PreprocessingTests.apply(Preprocessing(normalization: .unit), wide, 1) == [Double(Float(0.2))])
  }

  @Test func wholePictureStatistics() throws {
    let grey = try Picture(width: 4, height: 1, channels: 1, samples: [0, 10, 20, 50] as [UInt8])
    let scored = try PreprocessingTests.apply(Preprocessing(normalization: .zscore), grey, 1)
    let deviation = 350.0.squareRoot() + 1e-6
    #expect(scored == [-20.0, -10, 0, 30].map { Double(Float($0 / deviation)) })
    let statistics = grey.statistics()[0]
    #expect(statistics.percentile(0) == 0 && statistics.percentile(100) == 50)
    #expect(statistics.percentile(50) == 15 && abs(statistics.percentile(90) - 41) < 1e-12)
    let scaled = try PreprocessingTests.apply(
      Preprocessing(normalization: .percentile(low: 0, high: 50)), grey, 1)
    let range = 15 + 1e-6
    #expect(scaled == [0.0, 10, 20, 50].map { Double(Float($0 / range)) })
    #expect(throws: ImageError.self) {
      try PreprocessingTests.apply(Preprocessing(normalization: .percentile(low: 9, high: 3)), grey, 1)
    }
    let flat = try Picture(width: 2, height: 1, channels: 1, samples: [500, 500] as [UInt16])
    #expect(try PreprocessingTests.apply(Preprocessing(normalization: .zscore), flat, 1) == [0, 0])
  }

  @Test(
    arguments: [
      Normalization.none, .unit, .imagenet, .minus1, .zscore, .percentile(low: 1, high: 99.8),
      .affine(scale: [0.5, 2, -1], offset: [3, -4, 0.25]),
    ], [ImageLayout.nchw, .nhwc])
  func inverseGivesThePictureBack(normalization: Normalization, layout: ImageLayout) throws {
    for bits in [8, 16] {
      for bgr in [false, true] {
        let picture = try PictureFiles.picture(7, 5, 3, bits: bits)
        let forward = Preprocessing(bgr: bgr, normalization: normalization)
        let tensor = try forward.apply(picture, layout: layout, elementType: .float32, channels: 3)
        let settled = try forward.resolved(for: picture, channels: 3).normalization
        let back = try Picture(fromTensor: tensor, layout: layout, inverse: settled, bgr: bgr, bitDepth: bits)
        #expect(back.values == picture.values)
      }
    }
  }

  @Test func inverseClamps() throws {
    let tensor = try HostTensor([-1, 0.5, 2, .nan, .infinity, -.infinity] as [Float], shape: [1, 1, 2, 3])
    let picture = try Picture(fromTensor: tensor, layout: .nchw, inverse: .unit)
    #expect(picture.values == [0, 128, 255, 0, 255, 0])
    #expect(throws: ImageError.self) { try Picture(fromTensor: tensor, layout: .nhwc, inverse: .zscore) }
    #expect(throws: ImageError.self) { try Picture(fromTensor: tensor, layout: .nchw, inverse: .zscore) }
    let wrong = try HostTensor([Float](repeating: 0, count: 6), shape: [1, 6, 1, 1])
    #expect(throws: ImageError.self) { try Picture(fromTensor: wrong, layout: .nchw, inverse: .none) }
    let halves = try HostTensor(doubles: [0.25, 1], elementType: .float16, shape: [1, 1, 2, 1])
    #expect(try Picture(fromTensor: halves, layout: .nhwc, inverse: .unit).values == [64, 255])
  }
}
