extension Picture {
  /// Another size by the triangle filter, widened by the ratio when shrinking (antialiased, as PIL `BILINEAR`).
  ///
  /// Pixel centres at (x + ½); weights are normalised in Double and used as Float; rows first, then columns; rounded
  /// once, halves upwards. Alpha is a channel like the others.
  /// - Throws: `ImageError.mismatch` for less than 1x1, `.limit` for a size beyond `limits`, `.memory`.
  package func resized(
    width newWidth: Int, height newHeight: Int, limits: PictureLimits = PictureLimits()
  ) throws(ImageError) -> Picture {
    if newWidth == width && newHeight == height { return self }
    guard newWidth > 0, newHeight > 0 else {
      throw ImageError(.mismatch, "resize to \(newWidth)x\(newHeight): expected at least 1x1")
    }
    _ = try limits.checkedByteCount(
      width: newWidth, height: newHeight, sampleBytes: channels * bitDepth / 8, name: "resize")
    let columns = FilterTaps(from: width, to: newWidth)
    let rows = FilterTaps(from: height, to: newHeight)
    return try Picture(
      width: newWidth, height: newHeight, channels: channels, bitDepth: bitDepth, hasAlpha: hasAlpha
    ) { bytes in
      if bitDepth == 8 {
        withSamples(UInt8.self) { resample($0, bytes.bindMemory(to: UInt8.self), rows, columns) }
      } else {
        withSamples(UInt16.self) { resample($0, bytes.bindMemory(to: UInt16.self), rows, columns) }
      }
    }
  }

  private func resample<T: FixedWidthInteger & UnsignedInteger>(
    _ source: UnsafeBufferPointer<T>, _ target: UnsafeMutableBufferPointer<T>, _ rows: FilterTaps,
    _ columns: FilterTaps
  ) {
    let rowLength = width * channels
    let newLength = columns.count * channels
    var sums = [Float](repeating: 0, count: rowLength)
    sums.withUnsafeMutableBufferPointer { sums in
      for y in 0..<rows.count {
        sums.update(repeating: 0)
        for tap in 0..<rows.taps {
          let weight = rows.weights[y * rows.taps + tap]
          if weight == 0 { continue }
          let row = source.baseAddress! + (rows.first[y] + tap) * rowLength
          for index in 0..<rowLength { sums[index] += weight * Float(row[index]) }
        }
        let result = UnsafeMutableBufferPointer(rebasing: target[y * newLength..<(y + 1) * newLength])
        columns.apply(UnsafeBufferPointer(sums), result, channels)
      }
    }
  }
}

/// The weights of the triangle filter for every sample of one axis.
struct FilterTaps {
  /// Output samples.
  let count: Int
  /// Weights per output sample; those beyond the source or its support are 0.
  let taps: Int
  /// The source sample of each output sample's first weight; `first + taps` stays within the source.
  let first: [Int]
  /// count × taps.
  let weights: [Float]

  /// Output sample i has its centre at (i + ½)·from/to − ½ and the half width max(1, from/to).
  init(from length: Int, to count: Int) {
    let ratio = Double(length) / Double(count)
    let radius = max(1, ratio)
    let taps = min(length, Int((2 * radius).rounded(.up)))
    var first = [Int](repeating: 0, count: count)
    var weights = [Float](repeating: 0, count: count * taps)
    var row = [Double](repeating: 0, count: taps)
    for index in 0..<count {
      let center = (Double(index) + 0.5) * ratio - 0.5
      let start = max(0, min(length - taps, Int((center - radius).rounded(.down)) + 1))
      var sum = 0.0
      for tap in 0..<taps {
        row[tap] = max(0, 1 - abs(Double(start + tap) - center) / radius)
        sum += row[tap]
      }
      first[index] = start
      for tap in 0..<taps { weights[index * taps + tap] = Float(row[tap] / sum) }
    }
    self.count = count
    self.taps = taps
    self.first = first
    self.weights = weights
  }

  func apply<T: FixedWidthInteger & UnsignedInteger>(
    _ source: UnsafeBufferPointer<Float>, _ target: UnsafeMutableBufferPointer<T>, _ channels: Int
  ) {
    let top = Float(T.max)
    weights.withUnsafeBufferPointer { weights in
      for index in 0..<count {
        let start = first[index] * channels
        for channel in 0..<channels {
          var sum: Float = 0
          for tap in 0..<taps { sum += weights[index * taps + tap] * source[start + tap * channels + channel] }
          target[index * channels + channel] = T(truncatingIfNeeded: Int32(min(top, sum + 0.5)))
        }
      }
    }
  }
}
