import FCNTensor

extension Picture {
  /// The channels at `indices`, in that order; no alpha in the result.
  /// - Throws: `ImageError.mismatch` if an index is not a channel.
  package func selecting(_ indices: [Int]) throws(ImageError) -> Picture {
    guard !indices.isEmpty, indices.allSatisfy({ (0..<channels).contains($0) }) else {
      throw ImageError(.mismatch, "channels \(indices): expected indices 0…\(channels - 1) of the picture's channels")
    }
    return try pixelwise(channels: indices.count, hasAlpha: false) { pixel, result in
      for index in indices.indices { result[index] = pixel[indices[index]] }
    } wide: { pixel, result in
      for index in indices.indices { result[index] = pixel[indices[index]] }
    }
  }

  /// Without its alpha channel; the colours stay as stored.
  package func droppingAlpha() throws(ImageError) -> Picture {
    hasAlpha ? try selecting(Array(0..<channels - 1)) : self
  }

  /// Blended over a white ground: round(c·α + max·(1 − α)), in stored values.
  package func compositedOverWhite() throws(ImageError) -> Picture {
    guard hasAlpha else { return self }
    let colors = channels - 1
    return try pixelwise(channels: colors, hasAlpha: false) { pixel, result in
      Picture.blend(pixel, result, colors)
    } wide: { pixel, result in
      Picture.blend(pixel, result, colors)
    }
  }

  /// Luma of ITU-R BT.601 in stored values: (19595 R + 38470 G + 7471 B + 2¹⁵) / 2¹⁶, rounded down. Needs RGB.
  package func grey() throws(ImageError) -> Picture {
    if channels == 1 { return self }
    guard channels == 3 else { throw ImageError(.mismatch, "grey from \(channels) channels: expected 3 (RGB)") }
    return try pixelwise(channels: 1, hasAlpha: false) { pixel, result in
      result[0] = Picture.luma(pixel)
    } wide: { pixel, result in
      result[0] = Picture.luma(pixel)
    }
  }

  /// Grey copied to three channels.
  package func replicatedToRGB() throws(ImageError) -> Picture {
    if channels == 3 { return self }
    guard channels == 1 else { throw ImageError(.mismatch, "RGB from \(channels) channels: expected 1 (grey)") }
    return try pixelwise(channels: 3, hasAlpha: false) { pixel, result in
      for channel in 0..<3 { result[channel] = pixel[0] }
    } wide: { pixel, result in
      for channel in 0..<3 { result[channel] = pixel[0] }
    }
  }

  /// At 8 or 16 bits a sample: round(v / 257), or v · 257.
  package func converted(toBitDepth depth: Int) throws(ImageError) -> Picture {
    if depth == bitDepth { return self }
    return try Picture(width: width, height: height, channels: channels, bitDepth: depth, hasAlpha: hasAlpha) { bytes in
      if depth == 16 {
        let target = bytes.bindMemory(to: UInt16.self)
        withSamples(UInt8.self) { for index in 0..<$0.count { target[index] = UInt16($0[index]) * 257 } }
      } else {
        let target = bytes.bindMemory(to: UInt8.self)
        withSamples(UInt16.self) { source in
          for index in 0..<source.count { target[index] = UInt8((UInt32(source[index]) + 128) / 257) }
        }
      }
    }
  }

  @inline(__always)
  private static func blend<T: FixedWidthInteger & UnsignedInteger>(
    _ pixel: UnsafePointer<T>, _ result: UnsafeMutablePointer<T>, _ colors: Int
  ) {
    let top = UInt64(T.max)
    let alpha = UInt64(pixel[colors])
    for channel in 0..<colors {
      result[channel] = T((UInt64(pixel[channel]) * alpha + top * (top - alpha) + top / 2) / top)
    }
  }

  @inline(__always)
  private static func luma<T: FixedWidthInteger & UnsignedInteger>(_ pixel: UnsafePointer<T>) -> T {
    let (red, green, blue) = (UInt64(pixel[0]), UInt64(pixel[1]), UInt64(pixel[2]))
    return T(truncatingIfNeeded: (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16)
  }

  /// A picture of equal size and depth, each pixel from the pixel at its place: `narrow` at 8 bits, `wide` at 16.
  private func pixelwise(
    channels count: Int, hasAlpha: Bool, narrow: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void,
    wide: (UnsafePointer<UInt16>, UnsafeMutablePointer<UInt16>) -> Void
  ) throws(ImageError) -> Picture {
    try Picture(width: width, height: height, channels: count, bitDepth: bitDepth, hasAlpha: hasAlpha) { bytes in
      if bitDepth == 8 {
        eachPixel(bytes.bindMemory(to: UInt8.self).baseAddress!, count, narrow)
      } else {
        eachPixel(bytes.bindMemory(to: UInt16.self).baseAddress!, count, wide)
      }
    }
  }

  @inline(__always)
  private func eachPixel<T: FixedWidthInteger & UnsignedInteger>(
    _ target: UnsafeMutablePointer<T>, _ count: Int, _ body: (UnsafePointer<T>, UnsafeMutablePointer<T>) -> Void
  ) {
    withSamples(T.self) { samples in
      let source = samples.baseAddress!
      for index in 0..<pixelCount { body(source + index * channels, target + index * count) }
    }
  }
}
