import FCNTensor

/// Two outputs compared over equally shaped regions. Channels may differ in scale by orders: each is held against its
/// own values.
struct OutputDifference {
  /// Of one channel over the region.
  struct Channel {
    var error = 0.0
    var largest = 0.0
    var sum = 0.0
    var squares = 0.0
    var count = 0

    var deviation: Double {
      guard count > 0 else { return 0 }
      let mean = sum / Double(count)
      return max(0, squares / Double(count) - mean * mean).squareRoot()
    }

    /// The largest error relative to the largest value.
    var relative: Double { error == 0 ? 0 : error / (largest > 0 ? largest : error / .infinity) }
  }

  private(set) var channels: [Channel]
  private(set) var maximum = 0.0
  private(set) var sumOfSquares = 0.0
  private(set) var count = 0
  /// Positions with equal labels, and all positions.
  private(set) var agreeing = 0
  private(set) var positions = 0

  var rms: Double { count > 0 ? (sumOfSquares / Double(count)).squareRoot() : 0 }
  var agreement: Double { positions > 0 ? Double(agreeing) / Double(positions) : 1 }
  /// The largest error relative to the largest value of its channel.
  var relative: Double { channels.map(\.relative).max() ?? 0 }

  /// Of all elements.
  var deviation: Double {
    guard count > 0 else { return 0 }
    let mean = channels.reduce(0) { $0 + $1.sum } / Double(count)
    return max(0, channels.reduce(0) { $0 + $1.squares } / Double(count) - mean * mean).squareRoot()
  }

  /// |a − b|; equal infinities and two NaN are equal, one NaN is infinitely far.
  static func error(_ a: Float, _ b: Float) -> Double {
    if a == b || (a.isNaN && b.isNaN) { return 0 }
    let error = abs(Double(a) - Double(b))
    return error.isNaN ? .infinity : error
  }

  /// - Parameters:
  ///   - region: of `first`; `second` is read `offset` elements further.
  ///   - axis: of the channels; nil: one.
  init(_ first: OutputValues, _ second: OutputValues, region: Region, offset: Int, channels axis: Int?) {
    channels = Array(repeating: Channel(), count: axis.map { first.shape[$0] } ?? 1)
    first.walk(region) { index, coordinates in
      add(first.values[index], second.values[index + offset], axis.map { coordinates[$0] } ?? 0)
    }
    // The labels: the largest channel, or which side of the mean.
    var flat = region
    if let axis { flat[axis] = 0..<1 }
    let stride = axis.map { first.shape.strides[$0] } ?? 0
    let classes = channels.count
    let mean = Float(count > 0 ? channels[0].sum / Double(count) : 0)
    first.walk(flat) { index, _ in
      positions += 1
      let isEqual =
        classes == 1
        ? (first.values[index] > mean) == (second.values[index + offset] > mean)
        : first.label(index, stride, classes) == second.label(index + offset, stride, classes)
      if isEqual { agreeing += 1 }
    }
  }

  private mutating func add(_ a: Float, _ b: Float, _ channel: Int) {
    count += 1
    channels[channel].count += 1
    if a.isFinite {
      channels[channel].sum += Double(a)
      channels[channel].squares += Double(a) * Double(a)
      channels[channel].largest = max(channels[channel].largest, Double(abs(a)))
    }
    let error = OutputDifference.error(a, b)
    if error == 0 { return }
    sumOfSquares += error * error
    maximum = max(maximum, error)
    channels[channel].error = max(channels[channel].error, error)
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
