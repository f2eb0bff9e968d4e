package import FCNTensor

/// A decoded picture: stored values `[H, W, C]`, interleaved, orientation applied, no gamma or profile conversion.
package struct Picture: Sendable {
  package let width: Int
  package let height: Int
  /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha; other counts have no colour meaning.
  package let channels: Int
  /// Bits of a sample: 8 (`UInt8`) or 16 (`UInt16`, native endian).
  package let bitDepth: Int
  /// Whether the last channel is alpha (not premultiplied).
  package let hasAlpha: Bool
  /// height × width × channels samples.
  package let storage: Storage

  /// - Throws: `ImageError.mismatch` unless `storage` has exactly the bytes of the picture.
  package init(width: Int, height: Int, channels: Int, bitDepth: Int, hasAlpha: Bool, storage: Storage)
    throws(ImageError)
  {
    let size = try Picture.byteCount(width: width, height: height, channels: channels, bitDepth: bitDepth)
    guard storage.bytes.count == size, channels > 1 || !hasAlpha else {
      throw ImageError(
        .mismatch,
        "picture \(width)x\(height)x\(channels): expected \(size) bytes, got \(storage.bytes.count)")
    }
    self.width = width
    self.height = height
    self.channels = channels
    self.bitDepth = bitDepth
    self.hasAlpha = hasAlpha
    self.storage = storage
  }

  /// An 8-bit picture from interleaved samples; alpha defaults to what the channel count says (2 and 4 have it).
  /// - Throws: `ImageError.mismatch` if the count of samples does not fit.
  package init(width: Int, height: Int, channels: Int, hasAlpha: Bool? = nil, samples: [UInt8]) throws(ImageError) {
    try self.init(width: width, height: height, channels: channels, bitDepth: 8, hasAlpha: hasAlpha, copying: samples)
  }

  /// A 16-bit picture from interleaved samples.
  /// - Throws: `ImageError.mismatch` if the count of samples does not fit.
  package init(width: Int, height: Int, channels: Int, hasAlpha: Bool? = nil, samples: [UInt16]) throws(ImageError) {
    try self.init(width: width, height: height, channels: channels, bitDepth: 16, hasAlpha: hasAlpha, copying: samples)
  }

  private init<T: BitwiseCopyable>(
    width: Int, height: Int, channels: Int, bitDepth: Int, hasAlpha: Bool?, copying samples: [T]
  ) throws(ImageError) {
    let storage = try Storage.forPicture(count: samples.count * MemoryLayout<T>.stride)
    samples.withUnsafeBytes { storage.mutableBytes.copyMemory(from: $0) }
    try self.init(
      width: width, height: height, channels: channels, bitDepth: bitDepth,
      hasAlpha: hasAlpha ?? (channels == 2 || channels == 4), storage: storage)
  }

  /// A picture whose samples `fill` writes; `storage` is uninitialised before.
  init(
    width: Int, height: Int, channels: Int, bitDepth: Int, hasAlpha: Bool,
    fill: (UnsafeMutableRawBufferPointer) -> Void
  ) throws(ImageError) {
    let size = try Picture.byteCount(width: width, height: height, channels: channels, bitDepth: bitDepth)
    let storage = try Storage.forPicture(count: size)
    fill(storage.mutableBytes)
    try self.init(
      width: width, height: height, channels: channels, bitDepth: bitDepth, hasAlpha: hasAlpha, storage: storage)
  }

  private static func byteCount(width: Int, height: Int, channels: Int, bitDepth: Int) throws(ImageError) -> Int {
    guard width > 0, height > 0, channels > 0, bitDepth == 8 || bitDepth == 16 else {
      throw ImageError(.mismatch, "picture \(width)x\(height)x\(channels) of \(bitDepth) bits: impossible")
    }
    do throws(TensorError) {
      return try Shape([height, width, channels]).checkedCount() * (bitDepth / 8)
    } catch { throw ImageError(error) }
  }

  package var pixelCount: Int { width * height }
  package var sampleCount: Int { width * height * channels }
  /// The largest stored value, 255 or 65535.
  package var maxValue: Int { 1 << bitDepth - 1 }

  /// The samples `[H, W, C]` as `T`, which must be `UInt8` for 8 bits and `UInt16` for 16.
  package func withSamples<T: FixedWidthInteger & UnsignedInteger, R>(
    _ type: T.Type, _ body: (UnsafeBufferPointer<T>) -> R
  ) -> R {
    precondition(T.bitWidth == bitDepth)
    return withExtendedLifetime(storage) { storage.bytes.withMemoryRebound(to: T.self) { body($0) } }
  }

  /// Every sample, widened.
  package var values: [UInt16] {
    bitDepth == 8 ? withSamples(UInt8.self) { $0.map(UInt16.init) } : withSamples(UInt16.self) { Array($0) }
  }
}
