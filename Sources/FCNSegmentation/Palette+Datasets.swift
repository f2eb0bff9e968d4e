extension Palette {
  /// The 19 classes of Cityscapes by train id (Cordts et al. 2016, cityscapesScripts `labels.py`).
  package static let cityscapes = Palette(
    name: "cityscapes", colors: cityscapesTable.map { RGB(hex: $0.color) }, classNames: cityscapesTable.map(\.name))

  private static let cityscapesTable: [(name: String, color: UInt32)] = [
    ("road", 0x804080), ("sidewalk", 0xF423E8), ("building", 0x464646), ("wall", 0x66669C), ("fence", 0xBE9999),
    ("pole", 0x999999), ("traffic light", 0xFAAA1E), ("traffic sign", 0xDCDC00), ("vegetation", 0x6B8E23),
    ("terrain", 0x98FB98), ("sky", 0x4682B4), ("person", 0xDC143C), ("rider", 0xFF0000), ("car", 0x00008E),
    ("truck", 0x000046), ("bus", 0x003C64), ("train", 0x005064), ("motorcycle", 0x0000E6),
    ("bicycle", 0x770B20),
  ]
}
