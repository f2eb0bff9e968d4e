import FCNImage
import Glibc

/// Colours from dark violet over blue and green to pale yellow, of evenly growing lightness.
///
/// A path in OKLab: lightness L = 0.24 + 0.72 t, hue from 310° down to 105°, as much chroma as sRGB has room for up to
/// 0.15. Source of the colour space: B. Ottosson, A perceptual color space for image processing, 2020.
enum ColorMap {
  /// sRGB for `t` in 0…1.
  static func color(_ t: Double) -> [UInt8] {
    let t = t.isFinite ? min(1, max(0, t)) : 0
    let hue = (310 - 205 * t) * .pi / 180
    var chroma = 0.15
    while chroma > 0.005 {
      let rgb = linear(0.24 + 0.72 * t, chroma * cos(hue), chroma * sin(hue))
      if rgb.allSatisfy({ (0...1).contains($0) }) { return rgb.map(encoded) }
      chroma -= 0.005
    }
    return linear(0.24 + 0.72 * t, 0, 0).map(encoded)
  }

  static func hexadecimal(_ t: Double) -> String {
    "#" + color(t).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// OKLab to linear sRGB.
  private static func linear(_ lightness: Double, _ a: Double, _ b: Double) -> [Double] {
    let l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b)
    let red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s
    let green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s
    let blue = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s
    return [red, green, blue]
  }

  private static func cube(_ value: Double) -> Double { value * value * value }

  private static func encoded(_ value: Double) -> UInt8 {
    let value = min(1, max(0, value))
    let encoded = value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055
    return UInt8((encoded * 255).rounded())
  }

  /// Values of 0…1 in C order as a PNG in a data URI; nil if the counts do not fit.
  static func image(_ values: [Double], width: Int, height: Int) -> String? {
    let palette = (0..<256).flatMap { color(Double($0) / 255) }
    let indices = values.map { UInt8(min(255, max(0, (($0.isFinite ? $0 : 0) * 255).rounded()))) }
    guard let png = try? PNGEncoder(level: 9).encode(indices: indices, width: width, height: height, palette: palette)
    else { return nil }
    return "data:image/png;base64," + Base64.text(png)
  }
}

/// RFC 4648, with padding.
enum Base64 {
  static func text(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let left = min(3, bytes.count - index)
      var group = Int(bytes[index]) << 16
      if left > 1 { group |= Int(bytes[index + 1]) << 8 }
      if left > 2 { group |= Int(bytes[index + 2]) }
      for place in 0..<4 {
        result.append(place <= left ? alphabet[group >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
      index += 3
    }
    return String(decoding: result, as: UTF8.self)
  }
}
