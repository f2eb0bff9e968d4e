import CFCNCodecs
import FCNImage

/// Pictures and files that the tests make.
enum PictureFiles {
  /// Seeded samples, 0…top.
  static func noise(_ count: Int, top: Int, seed: UInt64 = 1) -> [Int] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state >> 33) % (top + 1)
    }
  }

  static func picture(_ width: Int, _ height: Int, _ channels: Int, bits: Int, seed: UInt64 = 1) throws -> Picture {
    let samples = noise(width * height * channels, top: 1 << bits - 1, seed: seed)
    return bits == 8
      ? try Picture(width: width, height: height, channels: channels, samples: samples.map { UInt8($0) })
      : try Picture(width: width, height: height, channels: channels, samples: samples.map { UInt16($0) })
  }

  /// A PNG of any colour and depth straight from the C room; samples below 16 bits are bytes.
  static func png(
    _ samples: [UInt8], _ width: Int, _ height: Int, color: fcn_color, bits: Int, interlaced: Bool = false,
    palette: [UInt8] = []
  ) -> [UInt8] {
    var output: UnsafeMutablePointer<UInt8>?
    var size = 0
    var message = [CChar](repeating: 0, count: 256)
    let status = samples.withUnsafeBytes { samples in
      palette.withUnsafeBufferPointer { palette in
        var image = fcn_png_image()
        image.width = UInt32(width)
        image.height = UInt32(height)
        image.color = Int32(color.rawValue)
        image.bits = Int32(bits)
        image.samples = samples.baseAddress
        image.palette = palette.baseAddress
        image.palette_count = Int32(palette.count / 3)
        image.level = 6
        image.is_interlaced = interlaced ? 1 : 0
        return fcn_png_encode(&image, &output, &size, &message)
      }
    }
    precondition(status == 0)
    defer { fcn_codec_free(output) }
    return Array(UnsafeBufferPointer(start: output, count: size))
  }

  /// The PNG with one more chunk in front of the first chunk called `before`.
  static func inserting(_ type: String, _ payload: [UInt8], before: String, into png: [UInt8]) -> [UInt8] {
    let position = png.withUnsafeBytes { bytes in
      PNGChunks(bytes).first { $0.type == before }!.payload.lowerBound - 8
    }
    return Array(png[..<position]) + chunk(type, payload) + Array(png[position...])
  }

  static func chunk(_ type: String, _ payload: [UInt8]) -> [UInt8] {
    bigEndian(payload.count) + Array(type.utf8) + payload + bigEndian(Int(crc(Array(type.utf8) + payload)))
  }

  static func bigEndian(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var result = UInt32.max
    for byte in bytes {
      result ^= UInt32(byte)
      for _ in 0..<8 { result = result >> 1 ^ (result & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~result
  }

  /// A TIFF structure with one entry, the orientation.
  static func exif(_ orientation: Int, little: Bool) -> [UInt8] {
    let o = UInt8(orientation)
    return little
      ? [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, o, 0, 0, 0, 0, 0, 0, 0]
      : [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, o, 0, 0, 0, 0, 0, 0]
  }

  /// The JPEG with an EXIF segment after its start.
  static func withEXIF(_ jpeg: [UInt8], _ tiff: [UInt8]) -> [UInt8] {
    let length = tiff.count + 8
    let head: [UInt8] = [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255), 0x45, 0x78, 0x69, 0x66, 0, 0]
    return Array(jpeg[..<2]) + head + tiff + Array(jpeg[2...])
  }
}
