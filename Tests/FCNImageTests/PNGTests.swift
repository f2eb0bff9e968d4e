import CFCNCodecs
import FCNImage
import FCNTensor
import Testing

@Suite("PNG") struct PNGTests {
  @Test(arguments: [1, 2, 3, 4], [8, 16]) func roundTrip(channels: Int, bits: Int) throws {
    let picture = try PictureFiles.picture(13, 7, channels, bits: bits)
    let back = try PictureReader.read(bytes: PNGEncoder().encode(picture), name: "p")
    #expect(back.values == picture.values)
    #expect(back.width == 13 && back.height == 7 && back.channels == channels && back.bitDepth == bits)
    #expect(back.hasAlpha == (channels % 2 == 0))
  }

  @Test(arguments: [(1, 8), (3, 8), (4, 8), (1, 16), (3, 16)]) func interlaced(channels: Int, bits: Int) throws {
    let picture = try PictureFiles.picture(19, 11, channels, bits: bits)
    let file = PictureFiles.png(
      Array(picture.storage.bytes), 19, 11, color: fcn_color(UInt32(channels)), bits: bits, interlaced: true)
    #expect(try PictureReader.read(bytes: file, name: "p").values == picture.values)
  }

  @Test(arguments: [1, 2, 4]) func lowDepthGrey(bits: Int) throws {
    let top = 1 << bits - 1
    let stored = PictureFiles.noise(9 * 5, top: top)
    let file = PictureFiles.png(stored.map { UInt8($0) }, 9, 5, color: FCN_COLOR_GREY, bits: bits)
    #expect(try PictureReader.read(bytes: file, name: "p").values.map(Int.init) == stored.map { $0 * 255 / top })
    let labels = try PictureReader.readLabels(bytes: file, name: "p")
    #expect(labels.values.map(Int.init) == stored)
    #expect(!labels.isIndexed)
  }

  @Test(arguments: [1, 2, 4, 8], [false, true]) func palette(bits: Int, interlaced: Bool) throws {
    let count = 1 << bits
    let colors = PictureFiles.noise(3 * count, top: 255, seed: 5).map { UInt8($0) }
    let indices = PictureFiles.noise(10 * 6, top: count - 1)
    let file = PictureFiles.png(
      indices.map { UInt8($0) }, 10, 6, color: FCN_COLOR_INDEXED, bits: bits, interlaced: interlaced, palette: colors)
    let picture = try PictureReader.read(bytes: file, name: "p")
    #expect(picture.channels == 3 && !picture.hasAlpha)
    #expect(picture.values == indices.flatMap { index in (0..<3).map { UInt16(colors[3 * index + $0]) } })
    let labels = try PictureReader.readLabels(bytes: file, name: "p")
    #expect(labels.values.map(Int.init) == indices && labels.isIndexed)
  }

  @Test func indexedWithAlphaAndTexts() throws {
    let texts = [PNGText("classes", "sky,tree"), PNGText("Title", "Bäume – 木")]
    let file = try PNGEncoder(texts: texts).encode(
      indices: [0, 1, 2, 1], width: 2, height: 2, palette: [0, 0, 0, 255, 0, 0, 0, 255, 7], alpha: [0, 128])
    let picture = try PictureReader.read(bytes: file, name: "p")
    #expect(picture.channels == 4 && picture.hasAlpha)
    #expect(picture.values == [0, 0, 0, 0, 255, 0, 0, 128, 0, 255, 7, 255, 255, 0, 0, 128])
    #expect(try PictureReader.readLabels(bytes: file, name: "p").values == [0, 1, 2, 1])
    let chunks = file.withUnsafeBytes { bytes in
      PNGChunks(bytes).map { ($0.type, Array(bytes[$0.payload])) }
    }
    #expect(chunks.first { $0.0 == "tEXt" }?.1 == Array("classes\0sky,tree".utf8))
    #expect(chunks.first { $0.0 == "iTXt" }?.1 == Array("Title\0\0\0\0\0Bäume – 木".utf8))
  }

  @Test func colorKeyBecomesAlpha() throws {
    let rgb = PictureFiles.png([1, 2, 3, 4, 5, 6], 2, 1, color: FCN_COLOR_RGB, bits: 8)
    let keyed = PictureFiles.inserting("tRNS", [0, 4, 0, 5, 0, 6], before: "IDAT", into: rgb)
    #expect(try PictureReader.read(bytes: keyed, name: "p").values == [1, 2, 3, 255, 4, 5, 6, 0])
    let grey = PictureFiles.png([3, 0], 2, 1, color: FCN_COLOR_GREY, bits: 2)
    let keyedGrey = PictureFiles.inserting("tRNS", [0, 3], before: "IDAT", into: grey)
    let picture = try PictureReader.read(bytes: keyedGrey, name: "p")
    #expect(picture.hasAlpha && picture.values == [255, 0, 0, 255])
    #expect(try PictureReader.readLabels(bytes: keyedGrey, name: "p").values == [3, 0])
    let wide = PictureFiles.png([1, 0, 2, 0], 2, 1, color: FCN_COLOR_GREY, bits: 16)
    let keyedWide = PictureFiles.inserting("tRNS", [0, 2], before: "IDAT", into: wide)
    #expect(try PictureReader.read(bytes: keyedWide, name: "p").values == [1, 65535, 2, 0])
  }

  @Test func labelsKeepSixteenBits() throws {
    let picture = try Picture(width: 3, height: 1, channels: 1, samples: [0, 300, 65535] as [UInt16])
    #expect(try PictureReader.readLabels(bytes: PNGEncoder().encode(picture), name: "p").values == [0, 300, 65535])
  }

  @Test(arguments: [2, 3, 4]) func labelsRefuseColour(channels: Int) throws {
    let file = try PNGEncoder().encode(PictureFiles.picture(3, 3, channels, bits: 8))
    let error = #expect(throws: ImageError.self) { try PictureReader.readLabels(bytes: file, name: "truth.png") }
    #expect(error?.code == .unsupported)
    #expect(error?.detail.contains("truth.png: label map: expected a grey or palette PNG") == true)
  }

  @Test func orientationChunkIsApplied() throws {
    let file = PictureFiles.png([1, 2, 3, 4, 5, 6], 3, 2, color: FCN_COLOR_GREY, bits: 8)
    let turned = PictureFiles.inserting("eXIf", PictureFiles.exif(6, little: false), before: "IDAT", into: file)
    let picture = try PictureReader.read(bytes: turned, name: "p")
    #expect(picture.width == 2 && picture.height == 3 && picture.values == [4, 1, 5, 2, 6, 3])
    #expect(try PictureReader.readLabels(bytes: turned, name: "p").values == [4, 1, 5, 2, 6, 3])
  }

  @Test func encoderRefusesWhatDoesNotFit() throws {
    let encoder = PNGEncoder()
    #expect(throws: ImageError.self) { try encoder.encode(indices: [0, 9], width: 2, height: 1, palette: [0, 0, 0]) }
    #expect(throws: ImageError.self) { try encoder.encode(indices: [0], width: 2, height: 1, palette: [0, 0, 0]) }
    #expect(throws: ImageError.self) { try encoder.encode(indices: [0], width: 1, height: 1, palette: [0, 0]) }
    #expect(throws: ImageError.self) { try encoder.encode(indices: [], width: 0, height: 0, palette: [0, 0, 0]) }
    let picture = try PictureFiles.picture(2, 2, 1, bits: 8)
    #expect(throws: ImageError.self) { try PNGEncoder(texts: [PNGText("", "x")]).encode(picture) }
    #expect(throws: ImageError.self) { try PNGEncoder(texts: [PNGText("k", "a\0b")]).encode(picture) }
    #expect(throws: ImageError.self) { try PNGEncoder(level: 10).encode(picture) }
  }
}
