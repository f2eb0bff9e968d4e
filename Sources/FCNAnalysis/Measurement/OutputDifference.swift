import FCNTensor

/// Two outputs compared over equally shaped regions.
struct OutputDifference {
  var maximum = 0.0
  var sumOfSquares = 0.0
  var count = 0
  /// Positions with equal labels, and all positions.
  var agreeing = 0
  var positions = 0
  /// Of the first output over the region: for its deviation.
  var sum = 0.0
  var squares = 0.0
  var largest = 0.0
  /// Where the largest difference lies, coordinates of the first output.
  var place: [Int] = []

  var rms: Double { count > 0 ? (sumOfSquares / Double(count)).squareRoot() : 0 }
  var agreement: Double { positions > 0 ? Double(agreeing) / Double(positions) : 1 }

  var deviation: Double {
    guard count > 0 else { return 0 }
    let mean = sum / Double(count)
    return max(0, squares / Double(count) - mean * mean).squareRoot()
  }

  /// - Parameters:
  ///   - region: of `first`; `second` is read `shift` samples before it along `axis`.
  ///   - channels: the axis of classes.
  init(_ first: OutputValues, _ second: OutputValues, region: Region, axis: Int, shift: Int, channels: Int?) {
    let offset = -shift * second.shape.strides[axis]
    first.walk(region) { index, coordinates in
      let a = first.values[index]
      let b = second.values[index + offset]
      add(a, b, coordinates)
    }
    // The labels: the largest channel, or which side of the mean.
    var flat = region
    if let channels { flat[channels] = 0..<1 }
    let stride = channels.map { first.shape.strides[$0] } ?? 0
    let classes = channels.map { first.shape[$0] } ?? 1
    let mean = Float(count > 0 ? sum / Double(count) : 0)
    first.walk(flat) { index, _ in
      positions += 1
      let isEqual =
        classes == 1
        ? (first.values[index] > mean) == (second.values[index + offset] > mean)
        : first.label(index, stride, classes) == second.label(index + offset, stride, classes)
      if isEqual { agreeing += 1 }
    }
  }

  private mutating func add(_ a: Float, _ b: Float, _ coordinates: [Int]) {
    count += 1
    sum += Double(a)
    squares += Double(a) * Double(a)
    largest = max(largest, Double(abs(a)))
    if a == b || (a.isNaN && b.isNaN) { return }
    let error = abs(Double(a) - Double(b))
    let size = error.isNaN ? .infinity : error
    sumOfSquares += size * size
    if size > maximum {
      maximum = size
      place = coordinates
    }
  }
}

/// An output as numbers.
struct OutputValues {
  let shape: Shape
  let values: [Float]

  init(_ tensor: HostTensor) {
    shape = tensor.shape
    values =
      tensor.elementType == .float32 ? tensor.withElements(Float.self) { Array($0) } : tensor.doubles().map(Float.init)
  }

  func label(_ index: Int, _ stride: Int, _ classes: Int) -> Int {
    var best = 0
    for c in 1..<classes where values[index + c * stride] > values[index + best * stride] { best = c }
    return best
  }

  func walk(_ region: Region, _ body: (_ index: Int, _ coordinates: [Int]) -> Void) { shape.walk(region, body) }
}

extension Shape {
  /// Every element of a region in C order: its offset and coordinates.
  func walk(_ region: Region, _ body: (_ index: Int, _ coordinates: [Int]) -> Void) {
    if region.isEmpty { return }
    let strides = self.strides
    var coordinates = region.ranges.map(\.lowerBound)
    let last = region.rank - 1
    while true {
      let row = zip(coordinates, strides).reduce(0) { $0 + $1.0 * $1.1 }
      let start = coordinates[last]
      for offset in 0..<region[last].count {
        coordinates[last] = start + offset
        body(row + offset, coordinates)
      }
      coordinates[last] = start
      var axis = last - 1
      while axis >= 0 {
        coordinates[axis] += 1
        if coordinates[axis] < region[axis].upperBound { break }
        coordinates[axis] = region[axis].lowerBound
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
