import CFCNCodecs
import FCNImage
import FCNTensor
import Glibc
import Testing

@Suite("Damaged and hostile picture files") struct DamagedFileTests {
  static func samples() throws -> [(name: String, bytes: [UInt8])] {
    let rgb = try PictureFiles.picture(9, 7, 3, bits: 8)
    let jpeg = try JPEGEncoder(quality: 80).encode(JPEGTests.smooth(3))
    let indexed = try PNGEncoder(texts: [PNGText("classes", "a,b")]).encode(
      indices: [0, 1, 1, 0], width: 2, height: 2, palette: [0, 0, 0, 9, 9, 9], alpha: [7])
    let interlaced = PictureFiles.png(
      Array(rgb.storage.bytes), 9, 7, color: FCN_COLOR_RGB, bits: 8, interlaced: true)
    return [
      ("rgb.png", try PNGEncoder().encode(rgb)), ("indexed.png", indexed), ("interlaced.png", interlaced),
      ("exif.png", PictureFiles.inserting("eXIf", PictureFiles.exif(5, little: true), before: "IDAT", into: indexed)),
      ("rgb.jpg", jpeg), ("exif.jpg", PictureFiles.withEXIF(jpeg, PictureFiles.exif(6, little: true))),
    ]
  }

  @Test func everyTruncationIsAnError() throws {
    for (name, bytes) in try DamagedFileTests.samples() {
      _ = try PictureReader.read(bytes: bytes, name: name)
      for length in 0..<bytes.count {
        let error = #expect(throws: ImageError.self, "\(name) cut to \(length)") {
          try PictureReader.read(bytes: Array(bytes[..<length]), name: name)
        }
        #expect(error?.code == .format)
        _ = try? PictureReader.readLabels(bytes: Array(bytes[..<length]), name: name)
      }
    }
  }

  @Test func mutationsNeverTrap() throws {
    let limits = PictureLimits(maxPixels: 1 << 20, maxDimension: 1 << 16, maxBytes: 1 << 24)
    for (name, bytes) in try DamagedFileTests.samples() {
      let draws = PictureFiles.noise(500 * 8, top: 1 << 30, seed: 77)
      for trial in 0..<500 {
        var mutated = bytes
        for flip in 0...(trial % 4) {
          let draw = draws[trial * 8 + flip]
          mutated[draw / 8 % mutated.count] ^= 1 << UInt8(draw % 8)
        }
        _ = try? PictureReader.read(bytes: mutated, name: name, limits: limits)
        _ = try? PictureReader.readLabels(bytes: mutated, name: name, limits: limits)
      }
    }
  }

  /// Mutations that keep the checksums right reach the code behind them.
  @Test func mutatedChunksNeverTrap() throws {
    let limits = PictureLimits(maxPixels: 1 << 20, maxDimension: 1 << 16, maxBytes: 1 << 24)
    let (_, bytes) = try DamagedFileTests.samples()[3]
    let chunks = bytes.withUnsafeBytes { buffer in PNGChunks(buffer).map { ($0.type, Array(buffer[$0.payload])) } }
    let draws = PictureFiles.noise(500 * 3, top: 1 << 30, seed: 99)
    for trial in 0..<500 {
      var file = Array(bytes[..<8])
      for (index, chunk) in chunks.enumerated() {
        var payload = chunk.1
        if index == draws[trial * 3] % chunks.count, !payload.isEmpty {
          payload[draws[trial * 3 + 1] % payload.count] = UInt8(draws[trial * 3 + 2] & 255)
        }
        file += PictureFiles.chunk(chunk.0, payload)
      }
      _ = try? PictureReader.read(bytes: file, name: "m", limits: limits)
      _ = try? PictureReader.readLabels(bytes: file, name: "m", limits: limits)
    }
  }

  @Test(arguments: [(0x7FFF_FFFF, 0x7FFF_FFFF), (1_000_000, 1_000_000), (1 << 20, 1 << 10)])
  func pngBombIsRefusedFromItsHeader(width: Int, height: Int) throws {
    let header = PictureFiles.bigEndian(width) + PictureFiles.bigEndian(height) + [16, 6, 0, 0, 0]
    let file =
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + PictureFiles.chunk("IHDR", header)
      + PictureFiles.chunk("IDAT", [0x78, 0x9C]) + PictureFiles.chunk("IEND", [])
    let error = #expect(throws: ImageError.self) { try PictureReader.read(bytes: file, name: "bomb.png") }
    #expect(error?.code == .limit)
    #expect(error?.detail.contains("bomb.png: \(width)x\(height) pixels") == true)
  }

  @Test func jpegBombIsRefusedFromItsHeader() throws {
    var file = try JPEGEncoder().encode(JPEGTests.smooth(1))
    let frame = file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == 0xC0 }!
    for offset in 5...8 { file[frame + offset] = 0xFA }
    let error = #expect(throws: ImageError.self) { try PictureReader.read(bytes: file, name: "bomb.jpg") }
    #expect(error?.code == .limit)
  }

  @Test func limitsAreInclusive() throws {
    let file = try PNGEncoder().encode(PictureFiles.picture(10, 4, 3, bits: 16))
    let exact = PictureLimits(maxPixels: 40, maxDimension: 10, maxBytes: 240)
    _ = try PictureReader.read(bytes: file, name: "p", limits: exact)
    for limits in [PictureLimits(maxPixels: 39), PictureLimits(maxDimension: 9), PictureLimits(maxBytes: 239)] {
      let error = #expect(throws: ImageError.self) { try PictureReader.read(bytes: file, name: "p", limits: limits) }
      #expect(error?.code == .limit)
    }
  }

  @Test func otherFilesAreNamedByWhatTheyHold() throws {
    func message(_ bytes: [UInt8]) -> String {
      do {
        _ = try PictureReader.read(bytes: bytes, name: "x")
        return "read"
      } catch { return error.detail }
    }
    #expect(message(Array("#!/bin/sh".utf8)) == "x: not a PNG or JPEG picture (first bytes 23 21 2f 62 69 6e 2f 73 …)")
    #expect(message([0x49, 0x49, 0x2A, 0]) == "x: not a PNG or JPEG picture (first bytes 49 49 2a 00, TIFF)")
    #expect(message([]) == "x: not a PNG or JPEG picture (the file is empty)")
  }

  @Test func pathsAreRead() throws {
    let picture = try PictureFiles.picture(40, 30, 3, bits: 8)
    let path = "/tmp/fcn-image-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).png"
    defer { unlink(path) }
    try AtomicFile.write(PNGEncoder().encode(picture), to: path)
    #expect(try PictureReader.read(path: path).values == picture.values)
    #expect(try PictureReader.header(path: path).width == 40)
    #expect(throws: ImageError.self) { try PictureReader.read(path: path, limits: PictureLimits(maxBytes: 100)) }
    let labels = try PNGEncoder().encode(indices: [1, 0], width: 2, height: 1, palette: [1, 2, 3, 4, 5, 6])
    try AtomicFile.write(labels, to: path)
    #expect(try PictureReader.readLabels(path: path).values == [1, 0])
  }

  @Test func pathsThatCannotBeRead() throws {
    for path in ["/nonexistent/x.png", "/tmp"] {
      let error = #expect(throws: ImageError.self) { try PictureReader.read(path: path) }
      #expect(error?.code == .file)
    }
  }
}
