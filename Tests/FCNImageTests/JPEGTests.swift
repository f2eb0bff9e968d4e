import FCNImage
import Testing

@Suite("JPEG") struct JPEGTests {
  /// A smooth 24 × 16 picture, so that compression changes little.
  static func smooth(_ channels: Int) throws -> Picture {
    var samples: [UInt8] = []
    for y in 0..<16 {
      for x in 0..<24 {
        for channel in 0..<channels { samples.append(UInt8(40 + 5 * x + 4 * y + 10 * channel)) }
      }
    }
    return try Picture(width: 24, height: 16, channels: channels, samples: samples)
  }

  static func largestDifference(_ a: Picture, _ b: Picture) -> Int {
    zip(a.values, b.values).map { abs(Int($0) - Int($1)) }.max() ?? 0
  }

  @Test(arguments: [1, 3], [80, 95]) func roundTrip(channels: Int, quality: Int) throws {
    let picture = try JPEGTests.smooth(channels)
    let file = try JPEGEncoder(quality: quality).encode(picture)
    let back = try PictureReader.read(bytes: file, name: "p")
    #expect(back.width == 24 && back.height == 16 && back.channels == channels && back.bitDepth == 8)
    #expect(JPEGTests.largestDifference(back, picture) <= 8)
  }

  @Test(arguments: Orientation.allCases, [false, true])
  func orientation(_ orientation: Orientation, little: Bool) throws {
    let plain = try JPEGEncoder().encode(JPEGTests.smooth(3))
    let stored = try PictureReader.read(bytes: plain, name: "p")
    let file = PictureFiles.withEXIF(plain, PictureFiles.exif(orientation.rawValue, little: little))
    let seen = try PictureReader.read(bytes: file, name: "p")
    let header = try file.withUnsafeBytes { try PictureReader.header(bytes: $0, name: "p") }
    #expect(header.width == seen.width && header.height == seen.height && header.orientation == orientation)
    let (w, h) = (stored.width, stored.height)
    #expect((seen.width, seen.height) == (orientation.swapsAxes ? (h, w) : (w, h)))
    // EXIF 2.3, tag 0x0112: where the 0th row and the 0th column lie.
    func place(_ x: Int, _ y: Int) -> (Int, Int) {
      switch orientation.rawValue {
      case 1: (x, y)
      case 2: (w - 1 - x, y)
      case 3: (w - 1 - x, h - 1 - y)
      case 4: (x, h - 1 - y)
      case 5: (y, x)
      case 6: (h - 1 - y, x)
      case 7: (h - 1 - y, w - 1 - x)
      default: (y, w - 1 - x)
      }
    }
    let from = stored.values
    let to = seen.values
    var wrong = 0
    for y in 0..<h {
      for x in 0..<w {
        let (sx, sy) = place(x, y)
        for channel in 0..<3 where from[(y * w + x) * 3 + channel] != to[(sy * seen.width + sx) * 3 + channel] {
          wrong += 1
        }
      }
    }
    #expect(wrong == 0)
  }

  @Test(arguments: [0, 9, 200]) func unknownOrientationIsUpright(value: Int) throws {
    let plain = try JPEGEncoder().encode(JPEGTests.smooth(1))
    let file = PictureFiles.withEXIF(plain, PictureFiles.exif(value, little: true))
    #expect(try PictureReader.read(bytes: file, name: "p").width == 24)
  }

  @Test func endlessDirectoryIsUpright() throws {
    let plain = try JPEGEncoder().encode(JPEGTests.smooth(1))
    let tiff: [UInt8] = [0x49, 0x49, 42, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
    #expect(try PictureReader.read(bytes: PictureFiles.withEXIF(plain, tiff), name: "p").width == 24)
    let many: [UInt8] = [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0xFF, 0xFF, 1, 2]
    #expect(try PictureReader.read(bytes: PictureFiles.withEXIF(plain, many), name: "p").width == 24)
  }

  @Test func orientsSixteenBits() throws {
    let picture = try Picture(width: 3, height: 2, channels: 1, samples: [1, 2, 3, 400, 500, 600] as [UInt16])
    #expect(try picture.oriented(.threeQuarterTurn).values == [3, 600, 2, 500, 1, 400])
  }

  @Test func fourComponentsAreRefused() throws {
    let error = #expect(throws: ImageError.self) { try PictureReader.read(bytes: JPEGTests.cmyk, name: "c.jpg") }
    #expect(error?.code == .unsupported)
    #expect(error?.detail.contains("CMYK") == true)
  }

  /// The head of a CMYK file: SOI, a frame of four components, a scan header.
  static let cmyk: [UInt8] =
    [0xFF, 0xD8, 0xFF, 0xC0, 0, 20, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]
    + [0xFF, 0xDA, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0, 0xFF, 0xD9]

  @Test func encoderRefusesWhatDoesNotFit() throws {
    #expect(throws: ImageError.self) { try JPEGEncoder().encode(PictureFiles.picture(2, 2, 4, bits: 8)) }
    #expect(throws: ImageError.self) { try JPEGEncoder().encode(PictureFiles.picture(2, 2, 1, bits: 16)) }
    #expect(throws: ImageError.self) { try JPEGEncoder(quality: 0).encode(PictureFiles.picture(2, 2, 1, bits: 8)) }
    #expect(throws: ImageError.self) { try JPEGEncoder().encode(PictureFiles.picture(70_000, 1, 1, bits: 8)) }
  }
}
