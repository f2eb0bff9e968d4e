/// The one thing wanted from EXIF: tag 0x0112 of the first directory. Every offset is checked.
enum EXIF {
  /// Orientation from a TIFF structure (the EXIF payload after `Exif\0\0`, or a PNG eXIf chunk); nil if absent or bad.
  static func orientation(tiff bytes: UnsafeRawBufferPointer) -> Orientation? {
    guard bytes.count >= 8 else { return nil }
    let isLittle: Bool
    switch (bytes[0], bytes[1]) {
    case (0x49, 0x49): isLittle = true
    case (0x4D, 0x4D): isLittle = false
    default: return nil
    }
    func word(_ offset: Int) -> Int? {
      guard offset >= 0, offset <= bytes.count - 2 else { return nil }
      let (a, b) = (Int(bytes[offset]), Int(bytes[offset + 1]))
      return isLittle ? b << 8 | a : a << 8 | b
    }
    func long(_ offset: Int) -> Int? {
      guard let first = word(offset), let second = word(offset + 2) else { return nil }
      return isLittle ? second << 16 | first : first << 16 | second
    }
    guard word(2) == 42, let directory = long(4), let count = word(directory) else { return nil }
    for index in 0..<count {
      let entry = directory + 2 + 12 * index
      guard let tag = word(entry), let type = word(entry + 2), let items = long(entry + 4) else { return nil }
      guard tag == 0x0112 else { continue }
      guard items == 1, type == 3 || type == 4 else { return nil }
      return (type == 3 ? word(entry + 8) : long(entry + 8)).flatMap(Orientation.init(rawValue:))
    }
    return nil
  }

  /// Orientation of a JPEG file: the first APP1 segment that begins with `Exif\0\0`, before the first scan.
  static func orientation(jpeg bytes: UnsafeRawBufferPointer) -> Orientation? {
    var offset = 2
    while offset + 4 <= bytes.count {
      guard bytes[offset] == 0xFF else { return nil }
      let marker = bytes[offset + 1]
      if marker == 0xFF {
        offset += 1
        continue
      }
      if marker == 0x01 || (0xD0...0xD8).contains(marker) {
        offset += 2
        continue
      }
      if marker == 0xDA || marker == 0xD9 { return nil }
      let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
      guard length >= 2, offset + 2 + length <= bytes.count else { return nil }
      let payload = UnsafeRawBufferPointer(rebasing: bytes[offset + 4..<offset + 2 + length])
      if marker == 0xE1, payload.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) {
        return orientation(tiff: UnsafeRawBufferPointer(rebasing: payload[6...]))
      }
      offset += 2 + length
    }
    return nil
  }

  /// Orientation of a PNG file: its eXIf chunk, before or after the picture data.
  static func orientation(png bytes: UnsafeRawBufferPointer) -> Orientation? {
    for chunk in PNGChunks(bytes) where chunk.type == "eXIf" {
      return orientation(tiff: UnsafeRawBufferPointer(rebasing: bytes[chunk.payload]))
    }
    return nil
  }
}

/// The chunks of a PNG file in order, as far as they lie within it. Checksums are not looked at.
package struct PNGChunks: Sequence, IteratorProtocol {
  package struct Chunk {
    /// Four letters.
    package let type: String
    /// Where the content lies in the file.
    package let payload: Range<Int>
  }

  private let bytes: UnsafeRawBufferPointer
  private var offset = 8

  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  package mutating func next() -> Chunk? {
    guard offset + 12 <= bytes.count else { return nil }
    var length = 0
    for index in offset..<offset + 4 { length = length << 8 | Int(bytes[index]) }
    guard length <= bytes.count - offset - 12 else { return nil }
    let type = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
    let payload = offset + 8..<offset + 8 + length
    offset += 12 + length
    return Chunk(type: type, payload: payload)
  }
}
