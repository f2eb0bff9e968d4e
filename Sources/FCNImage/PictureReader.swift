import CFCNCodecs
import FCNTensor

/// What a file's header promises: size as seen (orientation applied) and form after decoding.
package struct PictureHeader: Sendable, Hashable {
  package var format: PictureFormat
  package var width: Int
  package var height: Int
  package var channels: Int
  /// 8 or 16.
  package var bitDepth: Int
  package var hasAlpha: Bool
  package var orientation: Orientation
}

/// Reads PNG and JPEG. The format is found by content. Nothing in a file can trap.
package enum PictureReader {
  /// - Throws: `ImageError.file` if unreadable, else as `read(bytes:)`.
  package static func read(path: String, limits: PictureLimits = PictureLimits()) throws(ImageError) -> Picture {
    try withFile(path, limits) { bytes throws(ImageError) in try read(bytes: bytes, name: path, limits: limits) }
  }

  package static func read(
    bytes: [UInt8], name: String, limits: PictureLimits = PictureLimits()
  ) throws(ImageError) -> Picture {
    try withBytes(bytes) { buffer throws(ImageError) in try read(bytes: buffer, name: name, limits: limits) }
  }

  /// The picture: palettes as RGB, tRNS as alpha, grey of 1, 2, 4 bits scaled to 0…255, EXIF orientation applied.
  /// - Parameter name: stands in messages.
  /// - Throws: `ImageError` `.format` (unknown, damaged, truncated), `.unsupported` (CMYK), `.limit`, `.memory`.
  package static func read(
    bytes: UnsafeRawBufferPointer, name: String, limits: PictureLimits = PictureLimits()
  ) throws(ImageError) -> Picture {
    let decoder = try PictureDecoder(bytes, isRaw: false, name: name)
    return try decoder.decode(limits: limits).oriented(decoder.orientation)
  }

  /// The header alone; nothing is decoded and no limit is checked.
  package static func header(
    bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) -> PictureHeader {
    try PictureDecoder(bytes, isRaw: false, name: name).header
  }

  package static func header(
    path: String, limits: PictureLimits = PictureLimits()
  ) throws(ImageError) -> PictureHeader {
    try withFile(path, limits) { bytes throws(ImageError) in try header(bytes: bytes, name: path) }
  }

  /// The file is read, not mapped: a mapping of a file that shrinks would fault.
  static func withFile<R>(
    _ path: String, _ limits: PictureLimits, _ body: (UnsafeRawBufferPointer) throws(ImageError) -> R
  ) throws(ImageError) -> R {
    let file: MappedFile
    do throws(TensorError) {
      file = try MappedFile(path: path, limit: limits.maxBytes, maps: false)
    } catch { throw ImageError(error) }
    defer { withExtendedLifetime(file) {} }
    return try body(file.bytes)
  }

  static func withBytes<R>(
    _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(ImageError) -> R
  ) throws(ImageError) -> R {
    let result = bytes.withUnsafeBytes { buffer -> Result<R, ImageError> in
      do throws(ImageError) { return .success(try body(buffer)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}

/// One file's bytes and header, ready to decode.
struct PictureDecoder {
  let bytes: UnsafeRawBufferPointer
  let isRaw: Bool
  let name: String
  let format: PictureFormat
  let stored: fcn_picture_header
  let orientation: Orientation

  /// - Parameter isRaw: palette indices and unscaled grey instead of colours (PNG).
  init(_ bytes: UnsafeRawBufferPointer, isRaw: Bool, name: String) throws(ImageError) {
    guard let format = PictureFormat(content: bytes) else { throw PictureFormat.unknown(bytes, name: name) }
    self.bytes = bytes
    self.isRaw = isRaw
    self.name = name
    self.format = format
    var header = fcn_picture_header()
    let base = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    try CodecFailure.check("\(name): \(format.rawValue)") { message in
      switch format {
      case .png: fcn_png_header(base, bytes.count, isRaw ? 1 : 0, &header, message)
      case .jpeg: fcn_jpeg_header(base, bytes.count, &header, message)
      }
    }
    stored = header
    orientation =
      switch format {
      case .png: EXIF.orientation(png: bytes) ?? .upright
      case .jpeg: EXIF.orientation(jpeg: bytes) ?? .upright
      }
  }

  var header: PictureHeader {
    let (width, height) = (Int(stored.width), Int(stored.height))
    return PictureHeader(
      format: format, width: orientation.swapsAxes ? height : width, height: orientation.swapsAxes ? width : height,
      channels: Int(stored.channels), bitDepth: Int(stored.sample_bits), hasAlpha: stored.has_alpha != 0,
      orientation: orientation)
  }

  var isIndexed: Bool { stored.color == Int32(FCN_COLOR_INDEXED.rawValue) }

  /// The picture as stored, before its orientation.
  func decode(limits: PictureLimits) throws(ImageError) -> Picture {
    let (width, height, channels) = (Int(stored.width), Int(stored.height), Int(stored.channels))
    let size = try limits.checkedByteCount(
      width: width, height: height, sampleBytes: channels * Int(stored.sample_bits) / 8, name: name)
    let storage = try Storage.forPicture(count: size)
    let base = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    let target = storage.mutableBytes.baseAddress!
    try CodecFailure.check("\(name): \(format.rawValue)") { message in
      switch format {
      case .png: fcn_png_decode(base, bytes.count, isRaw ? 1 : 0, target, size, message)
      case .jpeg: fcn_jpeg_decode(base, bytes.count, target, size, message)
      }
    }
    return try Picture(
      width: width, height: height, channels: channels, bitDepth: Int(stored.sample_bits),
      hasAlpha: stored.has_alpha != 0, storage: storage)
  }
}

/// Status codes of the C room as errors.
enum CodecFailure {
  static func check(_ what: String, _ call: (UnsafeMutablePointer<CChar>) -> Int32) throws(ImageError) {
    var status: Int32 = 0
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(FCN_CODEC_MESSAGE)) { message in
      message.initialize(repeating: 0)
      status = call(message.baseAddress!)
      return status == 0 ? "" : String(cString: message.baseAddress!)
    }
    if status == Int32(FCN_CODEC_OK.rawValue) { return }
    if status == Int32(FCN_CODEC_MEMORY.rawValue) { throw ImageError(.memory, "\(what): out of memory") }
    if status == Int32(FCN_CODEC_UNSUPPORTED.rawValue) { throw ImageError(.unsupported, "\(what): \(text)") }
    throw ImageError(.format, "\(what), damaged: \(text)")
  }
}
