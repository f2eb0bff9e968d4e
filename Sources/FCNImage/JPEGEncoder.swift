import CFCNCodecs
import FCNTensor
import Glibc

/// Writes baseline JPEG to memory.
package struct JPEGEncoder: Sendable {
  /// libjpeg's quality, 1…100. From 90 on chroma has full resolution (4:4:4), below it is halved (4:2:0).
  package var quality: Int

  package init(quality: Int = 92) { self.quality = quality }

  /// Grey or RGB of 8 bits.
  /// - Throws: `ImageError.unsupported` for other pictures and for more than 65 500 pixels a side.
  package func encode(_ picture: Picture) throws(ImageError) -> [UInt8] {
    guard picture.bitDepth == 8, !picture.hasAlpha, picture.channels == 1 || picture.channels == 3 else {
      let form = "\(picture.channels) channels of \(picture.bitDepth) bits"
      throw ImageError(.unsupported, "JPEG: expected grey or RGB of 8 bits without alpha, got \(form)")
    }
    guard (1...100).contains(quality) else {
      throw ImageError(.mismatch, "JPEG quality: expected 1…100, got \(quality)")
    }
    let samples = picture.storage.bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    let result = try EncodedBytes.take("JPEG") { output, size, message in
      fcn_jpeg_encode(
        samples, UInt32(picture.width), UInt32(picture.height), Int32(picture.channels), Int32(quality),
        quality >= 90 ? 1 : 0, output, size, message)
    }
    withExtendedLifetime(picture) {}
    return result
  }
}

/// Takes over the buffer that an encoder of the C room made.
enum EncodedBytes {
  static func take(
    _ what: String,
    _ call: (
      UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, UnsafeMutablePointer<Int>, UnsafeMutablePointer<CChar>
    ) -> Int32
  ) throws(ImageError) -> [UInt8] {
    var output: UnsafeMutablePointer<UInt8>?
    var size = 0
    try CodecFailure.check(what) { call(&output, &size, $0) }
    defer { fcn_codec_free(output) }
    return Array(UnsafeBufferPointer(start: output, count: size))
  }
}

/// C strings of text chunks, freed with this object.
final class TextStrings {
  private(set) var texts: [fcn_png_text] = []
  private var strings: [UnsafeMutablePointer<CChar>] = []

  /// - Throws: `ImageError.unsupported` for an empty, long or non-ASCII key, or a NUL.
  init(_ pairs: [PNGText]) throws(ImageError) {
    for pair in pairs {
      let isKey = (1...79).contains(pair.key.utf8.count) && pair.key.utf8.allSatisfy { (32...126).contains($0) }
      guard isKey, !pair.value.utf8.contains(0) else {
        throw ImageError(.unsupported, "PNG text \(pair.key): expected a key of 1…79 ASCII characters and no NUL")
      }
      let isASCII = pair.value.utf8.allSatisfy { $0 < 128 }
      texts.append(fcn_png_text(key: try copy(pair.key), value: try copy(pair.value), is_utf8: isASCII ? 0 : 1))
    }
  }

  private func copy(_ text: String) throws(ImageError) -> UnsafePointer<CChar> {
    guard let pointer = strdup(text) else { throw ImageError(.memory, "PNG text: out of memory") }
    strings.append(pointer)
    return UnsafePointer(pointer)
  }

  deinit { for string in strings { free(string) } }
}
