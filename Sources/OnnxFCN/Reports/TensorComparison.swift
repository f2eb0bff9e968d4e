package import FCNTensor

/// When two tensors count as equal.
package enum Tolerance: Sendable {
  /// |d| ≤ absolute + relative·|expected| for every element.
  case elementwise(relative: Double, absolute: Double)
  /// max|d| ≤ factor·max(1, max|expected|).
  case scaled(Double)
}

/// The difference of two tensors.
package struct TensorComparison: Sendable {
  package var largestDifference = 0.0
  package var largestExpected = 0.0
  /// Flat index of the worst element.
  package var position = 0
  /// Elements beyond the tolerance.
  package var mismatches = 0
  package var count = 0
  /// Mismatches that are forgiven, per million elements.
  package var allowance = 0.0
  /// Why they cannot be compared: types or shapes differ.
  package var refusal: String?

  package var isEqual: Bool { refusal == nil && Double(mismatches) <= allowance * Double(count) * 1e-6 }

  /// Non-finite values must agree exactly.
  package init(_ got: HostTensor, expected: HostTensor, _ tolerance: Tolerance, allowance: Double = 0) {
    self.allowance = allowance
    guard got.shape == expected.shape else {
      refusal = "shape: expected \(expected.shape), got \(got.shape)"
      return
    }
    guard got.elementType == expected.elementType || got.elementType.isFloat && expected.elementType.isFloat else {
      refusal = "element type: expected \(expected.elementType.rawValue), got \(got.elementType.rawValue)"
      return
    }
    let a = got.doubles()
    let b = expected.doubles()
    count = a.count
    for value in b where value.isFinite { largestExpected = max(largestExpected, abs(value)) }
    for index in a.indices {
      let (x, y) = (a[index], b[index])
      if x == y || x.isNaN && y.isNaN { continue }
      let difference = abs(x - y)
      let limit: Double
      switch tolerance {
      case .elementwise(let relative, let absolute): limit = absolute + relative * abs(y)
      case .scaled(let factor): limit = factor * max(1, largestExpected)
      }
      if !(difference <= limit) { mismatches += 1 }
      if difference > largestDifference || difference.isNaN && !largestDifference.isNaN {
        largestDifference = difference
        position = index
      }
    }
  }

  /// One line for people.
  package var detail: String {
    if let refusal { return refusal }
    return "max|d| \(short(largestDifference)) at element \(position), max|expected| \(short(largestExpected)), "
      + "\(mismatches) of \(count) beyond the tolerance"
  }
}

/// Three significant digits.
package func short(_ value: Double) -> String {
  guard value != 0, value.isFinite else { return "\(value)" }
  var exponent = 0
  var mantissa = abs(value)
  while mantissa >= 10 { mantissa /= 10; exponent += 1 }
  while mantissa < 1 { mantissa *= 10; exponent -= 1 }
  var digits = (mantissa * 100).rounded() / 100
  if digits >= 10 { digits /= 10; exponent += 1 }
  let sign = value < 0 ? "-" : ""
  if (-3...5).contains(exponent) {
    let scale = (0..<abs(exponent)).reduce(1.0) { product, _ in product * 10 }
    let plain = exponent >= 0 ? digits * scale : digits / scale
    let places = max(0, 2 - exponent)
    let unit = (0..<places).reduce(1.0) { product, _ in product * 10 }
    return "\(sign)\((plain * unit).rounded() / unit)"
  }
  return "\(sign)\(digits)e\(exponent)"
}
