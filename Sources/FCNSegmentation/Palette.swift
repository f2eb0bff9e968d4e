/// A colour of 8-bit sRGB.
package struct RGB: Sendable, Hashable {
  package var red: UInt8
  package var green: UInt8
  package var blue: UInt8

  package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// From `0xRRGGBB`.
  init(hex: UInt32) {
    self.init(
      UInt8(truncatingIfNeeded: hex >> 16), UInt8(truncatingIfNeeded: hex >> 8), UInt8(truncatingIfNeeded: hex))
  }
}

/// The colours of labels.
package struct Palette: Sendable, Hashable {
  package let name: String
  /// One per label; labels beyond take generated colours.
  package let colors: [RGB]
  /// One per colour, or empty.
  package let classNames: [String]

  package init(name: String, colors: [RGB], classNames: [String] = []) {
    self.name = name
    self.colors = colors
    self.classNames = classNames
  }

  /// The names that `--palette` knows.
  package static let names = ["voc", "cityscapes", "glasbey"]

  /// The palette of that name, or nil.
  package static func named(_ name: String) -> Palette? {
    switch name {
    case "voc": voc
    case "cityscapes": cityscapes
    case "glasbey": glasbey
    default: nil
    }
  }

  /// The label's colour. Beyond the table: 255 is the VOC "ignore" cream, others follow `glasbey`.
  package subscript(label: Int) -> RGB {
    if colors.indices.contains(label) { return colors[label] }
    if label == LabelMap.ignoreLabel { return Palette.vocColor(255) }
    return Palette.glasbey.colors[(label % 256 + 256) % 256]
  }

  /// `count` colours as `RGBRGB…`, as a PNG's PLTE holds them.
  package func bytes(count: Int) -> [UInt8] {
    (0..<count).flatMap { label in
      let color = self[label]
      return [color.red, color.green, color.blue]
    }
  }

  /// The 256 colours of the PASCAL VOC development kit (`VOClabelcolormap`).
  package static let voc = Palette(name: "voc", colors: (0..<256).map(vocColor))

  /// Bits 0, 1, 2 of the label's octal digits go to red, green, blue, from the highest bit of each downwards.
  static func vocColor(_ label: Int) -> RGB {
    var rest = label
    var color: (UInt8, UInt8, UInt8) = (0, 0, 0)
    for shift in stride(from: 7, through: 0, by: -1) {
      color.0 |= UInt8(rest & 1) << UInt8(shift)
      color.1 |= UInt8(rest >> 1 & 1) << UInt8(shift)
      color.2 |= UInt8(rest >> 2 & 1) << UInt8(shift)
      rest >>= 3
    }
    return RGB(color.0, color.1, color.2)
  }
}
