import FCNImage
import FCNTensor
import OnnxFCN
import Testing

/// Where the clean samples of an output lie on the grid that is written.
@Suite struct PicturesTrustedGridTests {
  private func axis(_ picture: Int, _ resampled: Int, _ network: Int, _ output: Int) -> GridMapping.Axis {
    GridMapping.Axis(picture: picture, resampled: resampled, network: network, output: output)
  }

  @Test func samplesOfTheSameGridStay() {
    for isInterpolated in [false, true] {
      #expect(axis(5, 5, 8, 8).trusted(1..<4, isInterpolated: isInterpolated) == 1..<4)
      #expect(axis(5, 5, 8, 8).trusted(1..<8, isInterpolated: isInterpolated) == 1..<5)
      #expect(axis(5, 5, 8, 8).trusted(3..<3, isInterpolated: isInterpolated).isEmpty)
    }
  }

  @Test func bothNeighboursOfAValueCount() {
    let coarse = axis(7, 7, 8, 2)
    #expect(coarse.trusted(0..<2, isInterpolated: false) == 0..<7)
    #expect(coarse.trusted(0..<2, isInterpolated: true) == 2..<6)
    #expect(coarse.trusted(1..<2, isInterpolated: false) == 4..<7)
    #expect(coarse.trusted(1..<2, isInterpolated: true).isEmpty)
    let finer = axis(3, 3, 3, 6)
    #expect(finer.trusted(1..<6, isInterpolated: false) == 0..<3)
    #expect(finer.trusted(1..<6, isInterpolated: true) == 1..<3)
  }

  @Test func aResizedSampleReachesAsFarAsItsFilter() {
    #expect(ResizingReach(from: 8, to: 4).clean(0..<8) == 1..<3)
    #expect(ResizingReach(from: 4, to: 8).clean(0..<4) == 1..<7)
    #expect(ResizingReach(from: 6, to: 6).clean(2..<5) == 2..<5)
  }

  @Test(arguments: [(7, 3), (9, 4), (5, 8), (12, 5), (4, 4), (6, 1)])
  func theFilterReadsWhatItsReachSays(_ from: Int, _ to: Int) throws {
    func resized(_ changed: Int?) throws -> [UInt16] {
      let samples = (0..<from).map { $0 == changed ? UInt16(60_000) : 100 }
      return try Picture(width: from, height: 1, channels: 1, samples: samples).resized(width: to, height: 1).values
    }
    let plain = try resized(nil)
    for sample in 0..<from {
      let other = try resized(sample)
      for index in 0..<to {
        let reaches = ResizingReach(from: from, to: to).samples(index).contains(sample)
        #expect((other[index] != plain[index]) == reaches, "\(sample) → \(index)")
      }
    }
  }

  /// One padded convolution, then what `finish` adds.
  private func convolution(
    kernel: [Int], stride: Int = 1, isChannelsLast: Bool = false, swapsAxes: Bool = false
  ) throws -> PicturePipeline {
    var tiny = TinyModel()
    tiny.metadata = [("onnxfcn.preprocess", "unit")]
    var generator = SeededGenerator(3)
    let weights = (0..<2 * 3 * kernel[0] * kernel[1]).map { _ in Float(generator.real(in: -1...1)) }
    tiny.constant("w", weights, shape: [2, 3] + kernel)
    var value = "x"
    if isChannelsLast {
      tiny.input.shape = [1, nil, nil, 3]
      tiny.output = [1, nil, nil, 2]
      tiny.node("Transpose", [value], "t", [("perm", [0, 3, 1, 2])])
      value = "t"
    }
    let pads = [kernel[0] / 2, kernel[1] / 2, kernel[0] / 2, kernel[1] / 2]
    tiny.node(
      "Conv", [value, "w"], isChannelsLast || swapsAxes ? "c" : "y",
      [("kernel_shape", kernel), ("pads", pads), ("strides", [stride, stride])])
    if isChannelsLast { tiny.node("Transpose", ["c"], "y", [("perm", [0, 2, 3, 1])]) }
    if swapsAxes { tiny.node("Transpose", ["c"], "y", [("perm", [0, 1, 3, 2])]) }
    return try PicturePipeline(model: try tiny.model())
  }

  private func box(_ pipeline: PicturePipeline, _ height: Int, _ width: Int) throws -> TrustedRegion.Rectangle? {
    let picture = try Picture(
      width: width, height: height, channels: 3, samples: [UInt8](repeating: 9, count: height * width * 3))
    return try pipeline.process(picture, name: "p").trusted.rectangle
  }

  @Test func rowsAndColumnsAreFollowedToWhereTheyLie() throws {
    typealias Rectangle = TrustedRegion.Rectangle
    #expect(
      try box(try convolution(kernel: [3, 7]), 20, 24) == Rectangle(top: 1, left: 3, bottom: 19, right: 21))
    #expect(
      try box(try convolution(kernel: [3, 7], swapsAxes: true), 20, 20)
        == Rectangle(top: 3, left: 1, bottom: 17, right: 19))
    let last = try convolution(kernel: [3, 7], isChannelsLast: true)
    #expect(try box(last, 20, 24) == Rectangle(top: 1, left: 3, bottom: 19, right: 21))
    #expect(try box(last, 3, 24) == Rectangle(top: 1, left: 3, bottom: 2, right: 21))
  }

  /// A grid of half the size, and one of half the size after resampling to half.
  @Test(arguments: [nil, 2])
  func coarseAndResampledGridsHoldInALargerPicture(_ shrinking: Int?) throws {
    let model = try convolution(kernel: [3, 5], stride: 2).model
    func pipeline(_ height: Int, _ width: Int) throws -> PicturePipeline {
      var options = PictureOptions()
      options.backend = "reference"
      if let shrinking { options.size = .exact(height: height / shrinking, width: width / shrinking) }
      return try PicturePipeline(model: model, options: options)
    }
    let (margin, size, larger) = (16, (48, 56), (80, 96))
    var generator = SeededGenerator(5)
    func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(generator.integer(in: 0...255)) } }
    let picture = try Picture(width: size.1, height: size.0, channels: 3, samples: noise(size.0 * size.1 * 3))
    let canvas = try picture.inside(noise(larger.0 * larger.1 * 3), height: larger.0, width: larger.1, at: margin)
    let alone = try pipeline(size.0, size.1).process(picture, name: "alone")
    let inside = try pipeline(larger.0, larger.1).process(canvas, name: "inside")
    let (small, large) = (try alone.probabilities().host.doubles(), try inside.probabilities().host.doubles())
    func areEqual(_ y: Range<Int>, _ x: Range<Int>) -> Bool {
      y.allSatisfy { y in
        x.allSatisfy { x in
          (0..<2).allSatisfy { channel in
            let own = (channel * size.0 + y) * size.1 + x
            return small[own] == large[(channel * larger.0 + y + margin) * larger.1 + x + margin]
          }
        }
      }
    }
    let box = try #require(alone.trusted.rectangle)
    let (rows, columns) = (box.top..<box.bottom, box.left..<box.right)
    #expect(areEqual(rows, columns))
    for y in rows {
      let labels = try #require(alone.labels)[y * size.1 + box.left..<y * size.1 + box.right]
      let start = (y + margin) * larger.1 + margin
      #expect(labels.elementsEqual(try #require(inside.labels)[start + box.left..<start + box.right]))
    }
    #expect(!areEqual(box.top - 1..<box.top, columns), "above \(box)")
    #expect(!areEqual(box.bottom..<box.bottom + 1, columns), "below \(box)")
    #expect(!areEqual(rows, box.left - 1..<box.left), "left of \(box)")
    #expect(!areEqual(rows, box.right..<box.right + 1), "right of \(box)")
  }
}

extension Picture {
  /// This 8-bit picture as a part of `samples`, its first pixel at (`margin`, `margin`).
  func inside(_ samples: [UInt8], height: Int, width: Int, at margin: Int) throws -> Picture {
    var samples = samples
    let length = self.width * channels
    withSamples(UInt8.self) { own in
      for y in 0..<self.height {
        let start = ((y + margin) * width + margin) * channels
        samples.replaceSubrange(start..<start + length, with: own[y * length..<(y + 1) * length])
      }
    }
    return try Picture(width: width, height: height, channels: channels, samples: samples)
  }
}
