package import FCNTensor

extension Picture {
  /// A picture from an image output `[1, C, H, W]` or `[1, H, W, C]`, through the inverse of a normalization.
  ///
  /// Values are rounded to nearest, ties to even, and clamped to the depth; NaN becomes 0.
  /// C is 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
  /// - Parameters:
  ///   - inverse: as used for the input; `zscore` and `percentile` must be settled (`Preprocessing.resolved(for:)`).
  ///   - bgr: whether the tensor's channels run blue, green, red.
  ///   - bitDepth: 8 or 16; `unit`, `imagenet` and `minus1` fill its range.
  /// - Throws: `ImageError.mismatch` if the shape or the normalization does not fit.
  package init(
    fromTensor tensor: HostTensor, layout: ImageLayout, inverse: Normalization, bgr: Bool = false, bitDepth: Int = 8
  ) throws(ImageError) {
    let dims = tensor.shape.dims
    let axis = layout == .nchw ? 1 : 3
    guard dims.count == 4, dims[0] == 1, (1...4).contains(dims[axis]), tensor.count > 0 else {
      let expected = layout == .nchw ? "1xCxHxW" : "1xHxWxC"
      throw ImageError(.mismatch, "picture from a tensor: expected \(expected), C from 1 to 4, got \(tensor.shape)")
    }
    guard bitDepth == 8 || bitDepth == 16 else {
      throw ImageError(.mismatch, "picture from a tensor: expected 8 or 16 bits, got \(bitDepth)")
    }
    let channels = dims[axis]
    let order = Preprocessing(bgr: bgr).order(channels)
    let gains = try Picture.inverses(inverse, order: order, bitDepth: bitDepth)
    let height = layout == .nchw ? dims[2] : dims[1]
    let width = layout == .nchw ? dims[3] : dims[2]
    try self.init(
      width: width, height: height, channels: channels, bitDepth: bitDepth, hasAlpha: channels == 2 || channels == 4
    ) { bytes in
      let writer = SampleWriter(order: order, gains: gains, layout: layout, pixels: width * height)
      if tensor.elementType == .float32 {
        tensor.withElements(Float.self) { writer.write($0, bytes, bitDepth) }
      } else {
        tensor.doubles().withUnsafeBufferPointer { writer.write($0, bytes, bitDepth) }
      }
    }
  }

  private static func inverses(
    _ normalization: Normalization, order: [Int], bitDepth: Int
  ) throws(ImageError) -> [(gain: Double, bias: Double)] {
    var result: [(gain: Double, bias: Double)] = []
    for formula in try normalization.formulas(order: order, bitDepth: bitDepth, statistics: nil) {
      guard let inverse = formula.inverse else {
        throw ImageError(.mismatch, "normalization \(normalization): a scale of 0 has no inverse")
      }
      result.append(inverse)
    }
    return result
  }
}

/// Rounds network values into interleaved samples.
private struct SampleWriter {
  let order: [Int]
  let gains: [(gain: Double, bias: Double)]
  let layout: ImageLayout
  let pixels: Int

  func write<F: BinaryFloatingPoint>(
    _ source: UnsafeBufferPointer<F>, _ target: UnsafeMutableRawBufferPointer, _ bitDepth: Int
  ) {
    for index in order.indices {
      if bitDepth == 8 {
        writeChannel(index, source, target.bindMemory(to: UInt8.self).baseAddress!, 255)
      } else {
        writeChannel(index, source, target.bindMemory(to: UInt16.self).baseAddress!, 65535)
      }
    }
  }

  private func writeChannel<F: BinaryFloatingPoint, T: FixedWidthInteger>(
    _ index: Int, _ source: UnsafeBufferPointer<F>, _ target: UnsafeMutablePointer<T>, _ top: Double
  ) {
    let channels = order.count
    let from = source.baseAddress! + (layout == .nchw ? index * pixels : index)
    let step = layout == .nchw ? 1 : channels
    let to = target + order[index]
    let (gain, bias) = gains[index]
    for pixel in 0..<pixels {
      let value = Double(from[pixel * step]) * gain + bias
      let clamped = value > 0 ? (value < top ? value : top) : 0
      to[pixel * channels] = T(truncatingIfNeeded: Int32(clamped.rounded(.toNearestOrEven)))
    }
  }
}
