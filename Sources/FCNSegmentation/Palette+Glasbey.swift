import Glibc

extension Palette {
  /// 256 colours, each as far as possible from all before it: black first, white taken but left out.
  ///
  /// Generated in the manner of Glasbey et al., "Colour displays for categorical images" (2007): greedy farthest point
  /// in CIELAB over the 18³ sRGB grid of step 15; the first of equals wins. Computed once, at first use.
  package static let glasbey = Palette(name: "glasbey", colors: farthestColors(256))

  private static func farthestColors(_ count: Int) -> [RGB] {
    let levels = stride(from: 0, through: 255, by: 15).map { UInt8($0) }
    var candidates: [RGB] = []
    for red in levels { for green in levels { for blue in levels { candidates.append(RGB(red, green, blue)) } } }
    let points = candidates.map(lab)
    let white = lab(RGB(255, 255, 255))
    var distances = points.map { distance($0, white) }
    var colors: [RGB] = []
    var next = 0
    while colors.count < count {
      colors.append(candidates[next])
      let chosen = points[next]
      var farthest: Float = -1
      for index in points.indices {
        distances[index] = min(distances[index], distance(points[index], chosen))
        if distances[index] > farthest {
          farthest = distances[index]
          next = index
        }
      }
    }
    return colors
  }

  private static func distance(_ a: SIMD4<Float>, _ b: SIMD4<Float>) -> Float {
    let d = a - b
    return (d * d).sum()
  }

  /// CIE 1976 L*a*b* of an sRGB colour, D65 white (IEC 61966-2-1, CIE 15); the fourth lane is 0.
  static func lab(_ color: RGB) -> SIMD4<Float> {
    func linear(_ byte: UInt8) -> Double {
      let v = Double(byte) / 255
      return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4)
    }
    func f(_ t: Double) -> Double { t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116 }
    let (r, g, b) = (linear(color.red), linear(color.green), linear(color.blue))
    let x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
    let y = f(0.2126729 * r + 0.7151522 * g + 0.0721750 * b)
    let z = f((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883)
    return SIMD4(Float(116 * y - 16), Float(500 * (x - y)), Float(200 * (y - z)), 0)
  }
}
