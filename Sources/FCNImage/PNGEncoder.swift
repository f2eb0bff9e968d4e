import CFCNCodecs
import FCNTensor

/// A text chunk of a PNG: tEXt when key and value are ASCII, else iTXt.
package struct PNGText: Sendable, Hashable {
  /// 1…79 printable ASCII characters.
  package var key: String
  package var value: String

  package init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
}

/// Writes PNG to memory; the caller writes the file (`AtomicFile`).
package struct PNGEncoder: Sendable {
  /// zlib's level, 0…9. Up to 3, colour is coded by runs after the Paeth filter: for photographs six
  /// times as fast as level 6 and as small. Drawings gain from 6.
  package var level: Int
  package var texts: [PNGText]

  package init(level: Int = 3, texts: [PNGText] = []) {
    self.level = level
    self.texts = texts
  }

  /// Grey, grey and alpha, RGB or RGBA of 8 or 16 bits, as the picture has it.
  /// - Throws: `ImageError.unsupported` for other channel counts and bad text keys, `.memory`.
  package func encode(_ picture: Picture) throws(ImageError) -> [UInt8] {
    let alphaFits = picture.hasAlpha == (picture.channels == 2 || picture.channels == 4)
    guard (1...4).contains(picture.channels), alphaFits else {
      throw ImageError(.unsupported, "PNG of \(picture.channels) channels: expected grey or RGB, with or without alpha")
    }
    var image = fcn_png_image()
    image.width = UInt32(picture.width)
    image.height = UInt32(picture.height)
    image.color = Int32(picture.channels)
    image.bits = Int32(picture.bitDepth)
    image.is_run_length = picture.channels >= 3 && level <= 3 ? 1 : 0
    image.samples = picture.storage.bytes.baseAddress
    let result = try write(&image)
    withExtendedLifetime(picture) {}
    return result
  }

  /// An indexed 8-bit PNG: `indices` `[H, W]` in raster order, `palette` of 1…256 colours as
  /// `RGBRGB…`, `alpha` for its first entries.
  /// - Throws: `ImageError.mismatch` if the counts do not fit or an index is beyond the palette.
  package func encode(
    indices: [UInt8], width: Int, height: Int, palette: [UInt8], alpha: [UInt8] = []
  ) throws(ImageError) -> [UInt8] {
    let colors = palette.count / 3
    guard palette.count % 3 == 0, (1...256).contains(colors), alpha.count <= colors else {
      let got = "\(palette.count) bytes and \(alpha.count) alphas"
      throw ImageError(.mismatch, "PNG palette: expected 1…256 colours of 3 bytes and no more alphas, got \(got)")
    }
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, width <= Int(Int32.max), height <= Int(Int32.max), !overflow, indices.count == count
    else { throw ImageError(.mismatch, "PNG \(width)x\(height): got \(indices.count) indices") }
    guard let largest = indices.max(), Int(largest) < colors else {
      throw ImageError(.mismatch, "PNG palette of \(colors) colours: got index \(indices.max() ?? 0)")
    }
    var image = fcn_png_image()
    image.width = UInt32(width)
    image.height = UInt32(height)
    image.color = Int32(FCN_COLOR_INDEXED.rawValue)
    image.bits = 8
    image.palette_count = Int32(colors)
    image.palette_alpha_count = Int32(alpha.count)
    return try indices.withUnsafeBytes { samples in
      palette.withUnsafeBufferPointer { palette in
        alpha.withUnsafeBufferPointer { alpha in
          image.samples = samples.baseAddress
          image.palette = palette.baseAddress
          image.palette_alpha = alpha.baseAddress
          return Result { () throws(ImageError) in try write(&image) }
        }
      }
    }.get()
  }

  private func write(_ image: inout fcn_png_image) throws(ImageError) -> [UInt8] {
    guard (0...9).contains(level) else { throw ImageError(.mismatch, "PNG level: expected 0…9, got \(level)") }
    image.level = Int32(level)
    let strings = try TextStrings(texts)
    defer { withExtendedLifetime(strings) {} }
    return try strings.texts.withUnsafeBufferPointer { buffer in
      Result { () throws(ImageError) in
        image.texts = buffer.baseAddress
        image.text_count = Int32(buffer.count)
        return try EncodedBytes.take("PNG") { fcn_png_encode(&image, $0, $1, $2) }
      }
    }.get()
  }
}
