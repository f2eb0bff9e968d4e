import Glibc

/// Numbers as text, the same everywhere: no locale, a minus sign, thin spaces between thousands.
enum NumberText {
  static func integer(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var result = value < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      let left = digits.count - index
      if index > 0, left % 3 == 0, digits.count > 4 { result += "\u{202F}" }
      result.append(digit)
    }
    return result
  }

  /// A number that is whole.
  static func whole(_ value: Double) -> String {
    guard value.isFinite else { return real(value) }
    return Int(exactly: value.rounded()).map(integer) ?? real(value)
  }

  /// Three significant digits; `8.1 × 10⁻⁴` outside 0.001 … 100000.
  static func real(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "not a number" : value < 0 ? "−∞" : "∞" }
    if value == 0 { return "0" }
    let sign = value < 0 ? "−" : ""
    let size = abs(value)
    var exponent = Int(log10(size).rounded(.down))
    var digits = (size / pow(10, Double(exponent - 2))).rounded()
    if digits >= 1000 {
      digits /= 10
      exponent += 1
    }
    if digits < 100 || digits >= 1000 || !digits.isFinite { return sign + "\(size)" }
    if (-3...5).contains(exponent) {
      return sign + fixed(digits * pow(10, Double(exponent - 2)), max(0, 2 - exponent))
    }
    return "\(sign)\(fixed(digits / 100, 2)) × \(power(exponent))"
  }

  /// `10⁻⁴`.
  static func power(_ exponent: Int) -> String {
    if exponent == 0 { return "1" }
    if exponent == 1 { return "10" }
    let raised: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    let digits = String(exponent.magnitude).compactMap(\.wholeNumberValue).map { raised[$0] }
    return "10" + (exponent < 0 ? "⁻" : "") + String(digits)
  }

  /// At most two digits after the point; 100 % only of everything and 0 % only of nothing.
  static func percent(_ share: Double) -> String {
    guard share.isFinite else { return real(share) }
    let value = share * 100
    if value > 99, value < 100 { return fixed(min(99.99, value), 2) + "\u{202F}%" }
    if value > 0, value < 10 { return (value < 0.01 ? "below 0.01" : fixed(value, 2)) + "\u{202F}%" }
    return fixed(value, 1) + "\u{202F}%"
  }

  /// At most `places` digits after the point, no trailing zeros.
  static func fixed(_ value: Double, _ places: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return value.isNaN ? "0" : "\(value)" }
    let unit = pow(10, Double(places))
    let scaled = (abs(value) * unit).rounded()
    guard scaled < 1e18 else { return "\(value)" }
    let number = Int(scaled)
    let step = Int(unit)
    let sign = value < 0 && number > 0 ? "−" : ""
    if places == 0 { return sign + String(number) }
    var fraction = String(number % step)
    fraction = String(repeating: "0", count: places - fraction.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return sign + String(number / step) + (fraction.isEmpty ? "" : "." + fraction)
  }

  /// A coordinate of a drawing, in hundredths, ASCII.
  static func coordinate(_ value: Double) -> String {
    guard !value.isNaN else { return "0" }
    let bounded = min(1e6, max(-1e6, value))
    let hundredths = Int((bounded * 100).rounded())
    let sign = hundredths < 0 ? "-" : ""
    let rest = hundredths.magnitude % 100
    let whole = hundredths.magnitude / 100
    if rest == 0 { return "\(sign)\(whole)" }
    return "\(sign)\(whole).\(rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)")"
  }
}
