/// The picture formats of this build.
package enum PictureFormat: String, Sendable, CaseIterable {
  case png = "PNG"
  case jpeg = "JPEG"

  private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// By content, never by name; nil for anything else.
  package init?(content bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: PictureFormat.pngSignature) {
      self = .png
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else {
      return nil
    }
  }

  private static let others: [(signature: [UInt8], name: String)] = [
    ([0x49, 0x49, 0x2A, 0x00], "TIFF"), ([0x4D, 0x4D, 0x00, 0x2A], "TIFF"), ([0x49, 0x49, 0x2B, 0x00], "BigTIFF"),
    ([0x4D, 0x4D, 0x00, 0x2B], "BigTIFF"), ([0x47, 0x49, 0x46, 0x38], "GIF"), ([0x42, 0x4D], "BMP"),
    ([0x52, 0x49, 0x46, 0x46], "WebP or another RIFF file"), ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "NPY"),
    ([0x50, 0x4B, 0x03, 0x04], "ZIP or NPZ"), ([0x25, 0x50, 0x44, 0x46], "PDF"), ([0xFF, 0x0A], "JPEG XL"),
    ([0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50], "JPEG 2000"), ([0x1F, 0x8B], "gzip"),
  ]

  /// The error for bytes of no known format: what was seen, and its name if it has one.
  static func unknown(_ bytes: UnsafeRawBufferPointer, name: String) -> ImageError {
    if bytes.isEmpty { return ImageError(.format, "\(name): not a PNG or JPEG picture (the file is empty)") }
    let digits = bytes.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    let seen = others.first { bytes.starts(with: $0.signature) }.map { ", \($0.name)" } ?? ""
    let rest = bytes.count > 8 ? " …" : ""
    return ImageError(.format, "\(name): not a PNG or JPEG picture (first bytes \(digits)\(rest)\(seen))")
  }
}
