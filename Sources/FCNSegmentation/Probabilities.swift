package import FCNTensor
import Glibc

/// Probabilities and confidence of an output's classes.
package enum Probabilities {
  /// Every class's probability, float32 in the shape of `tensor`: softmax over the classes or the sigmoid of logits,
  /// probabilities as they are. Exponentials and sums in Double, the pixel's highest score subtracted first.
  /// - Throws: `.mismatch` for ready-made labels or another tensor than `reading`'s.
  package static func tensor(_ scores: HostTensor, _ reading: ScoreReading) throws(SegmentationError) -> HostTensor {
    let result = try output(scores, reading, scores.shape)
    fill(result) { target in
      forEachImage(scores, reading) { image, pixel, channel, probability in
        let layout = reading.layout
        target[image * layout.imageStride + channel * layout.channelStride + pixel * layout.pixelStride] =
          Float(probability)
      }
    }
    return result
  }

  /// The probability of the label that was chosen, float32 `[N, H, W]`: the highest of the classes; where a threshold
  /// decides, the highest p if it reaches the threshold, else 1 − p. NaN where every score is NaN.
  package static func confidence(
    _ scores: HostTensor, _ reading: ScoreReading
  ) throws(SegmentationError) -> HostTensor {
    let layout = reading.layout
    let result = try output(scores, reading, [layout.images, layout.height, layout.width])
    fill(result) { target in
      target.initialize(repeating: .nan)
      forEachImage(scores, reading) { image, pixel, _, probability in
        let index = image * layout.pixels + pixel
        if !(Float(probability) <= target[index]), !probability.isNaN { target[index] = Float(probability) }
      }
      if reading.kind.isThresholded {
        for index in target.indices where target[index] < Float(reading.threshold) { target[index] = 1 - target[index] }
      }
    }
    return result
  }

  /// `1 / (1 + e^−x)` without overflow.
  @inline(__always)
  package static func sigmoid(_ x: Double) -> Double {
    let e = exp(-abs(x))
    return (x >= 0 ? 1 : e) / (1 + e)
  }

  private static func output(
    _ scores: HostTensor, _ reading: ScoreReading, _ shape: Shape
  ) throws(SegmentationError) -> HostTensor {
    guard reading.kind != .labels else {
      throw SegmentationError(.mismatch, "probabilities: the network gives labels, not scores")
    }
    guard scores.count == reading.layout.images * reading.layout.imageStride else {
      throw SegmentationError(.mismatch, "probabilities: expected the tensor of the reading, got \(scores.shape)")
    }
    do throws(TensorError) { return try HostTensor(.float32, shape, zeroed: false) } catch {
      throw SegmentationError(error)
    }
  }

  private static func fill(_ tensor: HostTensor, _ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    tensor.storage.mutableBytes.withMemoryRebound(to: Float.self, body)
  }

  /// Calls `body(image, pixel, channel, probability)` for every score.
  @inline(__always)
  private static func forEachImage(
    _ scores: HostTensor, _ reading: ScoreReading, _ body: (Int, Int, Int, Double) -> Void
  ) {
    switch scores.elementType {
    case .float32:
      scores.withElements(Float.self) { values in forEach(reading, { Double(values[$0]) }, body) }
    case .float16, .bfloat16, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool:
      scores.withScores { values in forEach(reading, values, body) }
    }
  }

  private static let block = 256

  @inline(__always)
  private static func forEach(
    _ reading: ScoreReading, _ value: (Int) -> Double, _ body: (Int, Int, Int, Double) -> Void
  ) {
    let layout = reading.layout
    var softmax = SoftmaxBlock(channels: reading.kind == .logits ? layout.channels : 0, width: block)
    for image in 0..<layout.images {
      for from in stride(from: 0, to: layout.pixels, by: block) {
        let pixels = from..<min(from + block, layout.pixels)
        if reading.kind == .logits {
          softmax.load(pixels.count) { channel, pixel in value(layout.index(image, channel, from + pixel)) }
        }
        for channel in 0..<layout.channels {
          for pixel in pixels {
            switch reading.kind {
            case .logits: body(image, pixel, channel, softmax.probability(channel, pixel - from))
            case .sigmoidLogits: body(image, pixel, channel, sigmoid(value(layout.index(image, channel, pixel))))
            case .softmax, .sigmoid, .labels: body(image, pixel, channel, value(layout.index(image, channel, pixel)))
            }
          }
        }
      }
    }
  }
}

extension ScoreLayout {
  @inline(__always)
  func index(_ image: Int, _ channel: Int, _ pixel: Int) -> Int {
    image * imageStride + channel * channelStride + pixel * pixelStride
  }
}

/// Softmax of a run of pixels: `p_c = e^(x_c − m) / Σ e^(x_k − m)` with m the highest x.
private struct SoftmaxBlock {
  let channels: Int
  let width: Int
  var exponentials: [Double]
  var highest: [Double]
  var inverse: [Double]

  init(channels: Int, width: Int) {
    self.channels = channels
    self.width = width
    exponentials = [Double](repeating: 0, count: channels * width)
    highest = [Double](repeating: 0, count: width)
    inverse = highest
  }

  @inline(__always)
  mutating func load(_ count: Int, _ value: (Int, Int) -> Double) {
    for pixel in 0..<count {
      highest[pixel] = -.infinity
      inverse[pixel] = 0
    }
    for channel in 0..<channels {
      for pixel in 0..<count {
        let score = value(channel, pixel)
        exponentials[channel * width + pixel] = score
        highest[pixel] = max(highest[pixel], score)
      }
    }
    for channel in 0..<channels {
      for pixel in 0..<count {
        let e = exp(exponentials[channel * width + pixel] - highest[pixel])
        exponentials[channel * width + pixel] = e
        inverse[pixel] += e
      }
    }
    for pixel in 0..<count { inverse[pixel] = 1 / inverse[pixel] }
  }

  @inline(__always)
  func probability(_ channel: Int, _ pixel: Int) -> Double { exponentials[channel * width + pixel] * inverse[pixel] }
}
