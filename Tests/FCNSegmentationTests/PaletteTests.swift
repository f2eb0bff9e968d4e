import FCNSegmentation
import Testing

@Suite struct PaletteTests {
  @Test func vocGolden() {
    let expected = [
      RGB(0, 0, 0), RGB(128, 0, 0), RGB(0, 128, 0), RGB(128, 128, 0), RGB(0, 0, 128), RGB(128, 0, 128),
      RGB(0, 128, 128), RGB(128, 128, 128), RGB(64, 0, 0),
    ]
    #expect(Array(Palette.voc.colors.prefix(9)) == expected)
    #expect(Palette.voc[255] == RGB(224, 224, 192))
    #expect(Palette.voc.bytes(count: 2) == [0, 0, 0, 128, 0, 0])
  }

  @Test func datasets() {
    #expect(Palette.cityscapes.colors.count == 19 && Palette.cityscapes.classNames.count == 19)
    #expect(Palette.cityscapes[0] == RGB(128, 64, 128) && Palette.cityscapes[18] == RGB(119, 11, 32))
    for name in Palette.names { #expect(Palette.named(name)?.name == name) }
    #expect(Palette.named("viridis") == nil)
  }

  @Test func glasbeyIsDistinct() {
    let colors = Palette.glasbey.colors
    #expect(colors.count == 256 && Set(colors).count == 256 && colors[0] == RGB(0, 0, 0))
    #expect(!colors.contains(RGB(255, 255, 255)))
    #expect(Palette.cityscapes[300] == colors[44])
  }

  func parse(_ text: String) throws -> Palette { try PaletteFile.parse(Array(text.utf8), name: "p") }

  @Test(arguments: [
    #"{"sky":[1,2,3],"road":[4,5,255]}"#, "GIMP Palette\nName: x\nColumns: 4\n# c\n  1   2 3\tsky\r\n4 5 255 road\n",
    "name,r,g,b\nsky,1,2,3\nroad,4,5,255\n", "# c\n\"sky\", 1, 2, 3\r\nroad,4,5,255",
  ])
  func forms(text: String) throws {
    let palette = try parse(text)
    #expect(palette.colors == [RGB(1, 2, 3), RGB(4, 5, 255)] && palette.classNames == ["sky", "road"])
  }

  @Test func namesAreOptional() throws {
    #expect(try parse("1,2,3\n4,5,6").classNames.isEmpty)
    #expect(try parse("GIMP Palette\n1 2 3\n4 5 6 b c").classNames == ["class 0", "b c"])
    #expect(try parse("\"a,\"\"b\"\"\",1,2,3").classNames == ["a,\"b\""])
  }

  @Test(arguments: [
    "", "{}", "{\"a\":[1,2]}", "{\"a\":[1,2,256]}", "{\"a\":[1,2,3.5]}", "{\"a\":1}", "GIMP Palette\n1 2", "hello",
    "GIMP Palette\n1 2 300", "a,1,2,3\nb,1,2", "1,2,3\nx,y,z", "\"a,1,2,3", "1,2,3\n1,2,-3", "{\"a\":[1,2,3,4]}",
  ])
  func refuses(text: String) {
    #expect(throws: SegmentationError.self) { try parse(text) }
  }

  @Test func overlay() throws {
    let labels = try map("01", "25", classes: 3)
    let picture = [UInt8](repeating: 100, count: 12)
    let palette = Palette(name: "t", colors: [RGB(9, 9, 9), RGB(200, 0, 255), RGB(0, 0, 0)])
    let half = try Overlay.blend(picture: picture, labels: labels, palette: palette)
    #expect(Array(half[0..<9]) == [100, 100, 100, 150, 50, 178, 50, 50, 50])
    #expect(try Overlay.blend(picture: picture, labels: labels, palette: palette, alpha: 0) == picture)
    let full = try Overlay.blend(picture: picture, labels: labels, palette: palette, alpha: 1, blendsBackground: true)
    #expect(Array(full[0..<6]) == [9, 9, 9, 200, 0, 255])
    #expect(throws: SegmentationError.self) { try Overlay.blend(picture: [1], labels: labels, palette: palette) }
    #expect(throws: SegmentationError.self) {
      try Overlay.blend(picture: picture, labels: labels, palette: palette, alpha: .nan)
    }
  }

  @Test func overlayLeavesIgnored() throws {
    let labels = try LabelMap(width: 1, height: 1, bytes: [255], classCount: 2)
    #expect(try Overlay.blend(picture: [1, 2, 3], labels: labels, palette: .voc, alpha: 1) == [1, 2, 3])
    let class255 = try LabelMap(width: 1, height: 1, bytes: [255], classCount: 256)
    #expect(try Overlay.blend(picture: [1, 2, 3], labels: class255, palette: .voc, alpha: 1) == [224, 224, 192])
  }
}
