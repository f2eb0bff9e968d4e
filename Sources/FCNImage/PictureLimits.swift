/// What a file may ask for before it is refused; checked against its header, before any allocation.
package struct PictureLimits: Sendable, Hashable {
  /// Largest width × height, in pixels.
  package var maxPixels: Int
  /// Largest width or height, in pixels.
  package var maxDimension: Int
  /// Largest file, and largest decoded picture, in bytes.
  package var maxBytes: Int

  package init(maxPixels: Int = 1 << 29, maxDimension: Int = 1 << 20, maxBytes: Int = 1 << 32) {
    self.maxPixels = maxPixels
    self.maxDimension = maxDimension
    self.maxBytes = maxBytes
  }

  /// Bytes of a decoded picture.
  /// - Throws: `ImageError.limit` naming the limit that is exceeded.
  func checkedByteCount(width: Int, height: Int, sampleBytes: Int, name: String) throws(ImageError) -> Int {
    let size = "\(name): \(width)x\(height) pixels"
    guard width > 0, height > 0 else { throw ImageError(.format, "\(size): expected at least 1x1") }
    guard width <= maxDimension, height <= maxDimension else {
      throw ImageError(.limit, "\(size): expected at most \(maxDimension) in width and height")
    }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= maxPixels else {
      throw ImageError(.limit, "\(size): expected at most \(maxPixels) pixels")
    }
    let (bytes, tooMany) = pixels.multipliedReportingOverflow(by: sampleBytes)
    guard !tooMany, bytes <= maxBytes else {
      throw ImageError(.limit, "\(size) of \(sampleBytes) bytes: expected at most \(maxBytes) bytes")
    }
    return bytes
  }
}
