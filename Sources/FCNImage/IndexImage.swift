import FCNTensor

/// A label map: one number per pixel, `[H, W]` – stored grey values, or the indices of a palette PNG.
package struct IndexImage: Sendable, Hashable {
  package let width: Int
  package let height: Int
  /// height × width values in raster order.
  package let values: [UInt16]
  /// Whether the file was indexed (the values are palette indices), not grey.
  package let isIndexed: Bool

  /// - Throws: `ImageError.mismatch` if the count of values is not width × height.
  package init(width: Int, height: Int, values: [UInt16], isIndexed: Bool = false) throws(ImageError) {
    guard width > 0, height > 0, !width.multipliedReportingOverflow(by: height).overflow,
      values.count == width * height
    else {
      throw ImageError(.mismatch, "label map \(width)x\(height): got \(values.count) values")
    }
    self.width = width
    self.height = height
    self.values = values
    self.isIndexed = isIndexed
  }
}

extension PictureReader {
  /// - Throws: `ImageError.file` if unreadable, else as `readLabels(bytes:)`.
  package static func readLabels(
    path: String, limits: PictureLimits = PictureLimits()
  ) throws(ImageError) -> IndexImage {
    try withFile(path, limits) { bytes throws(ImageError) in try readLabels(bytes: bytes, name: path, limits: limits) }
  }

  package static func readLabels(
    bytes: [UInt8], name: String, limits: PictureLimits = PictureLimits()
  ) throws(ImageError) -> IndexImage {
    try withBytes(bytes) { buffer throws(ImageError) in try readLabels(bytes: buffer, name: name, limits: limits) }
  }

  /// The stored values of a grey PNG (1, 2, 4, 8, 16 bits, unscaled) or the indices of a palette PNG.
  /// - Throws: `ImageError.unsupported` for colour, alpha and JPEG (lossy: its values are no labels); else as `read`.
  package static func readLabels(
    bytes: UnsafeRawBufferPointer, name: String, limits: PictureLimits = PictureLimits()
  ) throws(ImageError) -> IndexImage {
    if PictureFormat(content: bytes) == .jpeg {
      throw ImageError(.unsupported, "\(name): label map: expected a grey or palette PNG, got JPEG")
    }
    let decoder = try PictureDecoder(bytes, isRaw: true, name: name)
    guard decoder.header.channels == 1 else {
      let form = ["", "", "grey with alpha", "RGB", "RGB with alpha"][decoder.header.channels]
      throw ImageError(.unsupported, "\(name): label map: expected a grey or palette PNG, got \(form)")
    }
    let picture = try decoder.decode(limits: limits).oriented(decoder.orientation)
    return try IndexImage(
      width: picture.width, height: picture.height, values: picture.values, isIndexed: decoder.isIndexed)
  }
}
