/// Labels in colour over a picture.
package enum Overlay {
  /// `round(α·colour + (1 − α)·picture)` for labelled pixels, the picture elsewhere.
  ///
  /// `picture` is `[height, width, 3]` 8-bit RGB; `alpha` is 0 (picture) … 1 (colour), to 1/65536. Label 0 is left
  /// as it is unless `blendsBackground`; so is 255 ("not labelled") unless it is a class.
  /// - Throws: `.option` for `alpha` outside 0…1; `.mismatch` if the picture is not of the label map's size.
  package static func blend(
    picture: [UInt8], labels: LabelMap, palette: Palette, alpha: Double = 0.5, blendsBackground: Bool = false
  ) throws(SegmentationError) -> [UInt8] {
    guard alpha >= 0, alpha <= 1 else {
      throw SegmentationError(.option, "overlay: alpha: expected 0…1, got \(alpha)")
    }
    let (needed, overflow) = labels.labels.count.multipliedReportingOverflow(by: 3)
    guard !overflow, picture.count == needed else {
      throw SegmentationError(
        .mismatch, "overlay: expected \(labels.height)x\(labels.width)x3 bytes of picture, got \(picture.count)")
    }
    let weight = UInt32((alpha * 65536).rounded())
    let highest = Int(labels.labels.max() ?? 0)
    var colors = (0...highest).map { label in
      let color = palette[label]
      return Tint(color, weight)
    }
    if !blendsBackground { colors[0] = .none }
    if highest >= LabelMap.ignoreLabel, labels.classCount <= LabelMap.ignoreLabel {
      colors[LabelMap.ignoreLabel] = .none
    }
    return [UInt8](unsafeUninitializedCapacity: needed) { target, count in
      picture.withUnsafeBufferPointer { source in
        for (pixel, label) in labels.labels.enumerated() {
          let tint = colors[Int(label)]
          let at = pixel * 3
          target[at] = UInt8(truncatingIfNeeded: (UInt32(source[at]) * tint.keep + tint.red) >> 16)
          target[at + 1] = UInt8(truncatingIfNeeded: (UInt32(source[at + 1]) * tint.keep + tint.green) >> 16)
          target[at + 2] = UInt8(truncatingIfNeeded: (UInt32(source[at + 2]) * tint.keep + tint.blue) >> 16)
        }
      }
      count = needed
    }
  }

  /// A colour's share in 1/65536, half a unit added for rounding.
  private struct Tint {
    var keep: UInt32
    var red: UInt32
    var green: UInt32
    var blue: UInt32

    static var none: Tint { Tint(RGB(0, 0, 0), 0) }

    init(_ color: RGB, _ weight: UInt32) {
      keep = 65536 - weight
      red = UInt32(color.red) * weight + 32768
      green = UInt32(color.green) * weight + 32768
      blue = UInt32(color.blue) * weight + 32768
    }
  }
}
