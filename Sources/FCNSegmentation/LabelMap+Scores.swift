package import FCNTensor

extension LabelMap {
  /// The label of each pixel of one image of an output, as `reading` decided (rules at `ScoreReading.init`).
  ///
  /// `classNames` has one name per label; for thresholded classes it may leave out label 0, which is then
  /// "background". One pass over the scores in memory order.
  /// - Throws: `.mismatch` if the tensor is not the one of `reading`, or a ready-made label is not in 0…65535;
  ///   `.option` for a wrong number of names or more than 65535 classes.
  package init(
    _ tensor: HostTensor, _ reading: ScoreReading, image: Int = 0, classNames: [String] = []
  ) throws(SegmentationError) {
    let layout = reading.layout
    try layout.checkImage(image)
    guard tensor.count == layout.images * layout.imageStride else {
      throw SegmentationError(.mismatch, "scores: expected \(layout.images * layout.imageStride), got \(tensor.shape)")
    }
    guard layout.channels < 1 << 16 else {
      throw SegmentationError(.option, "classes: expected at most 65535, got \(layout.channels)")
    }
    let start = image * layout.imageStride
    if reading.kind == .labels {
      let labels = try LabelMap.readyLabels(tensor, start..<start + layout.pixels)
      let count = max(LabelMap.classes(in: labels), classNames.count)
      try self.init(
        width: layout.width, height: layout.height, labels: labels, classCount: count, classNames: classNames)
      return
    }
    let names =
      reading.firstLabel == 1 && classNames.count == layout.channels ? ["background"] + classNames : classNames
    let labels = LabelMap.highest(tensor, layout, start, reading.kind.isThresholded ? reading.valueThreshold : nil)
    try self.init(
      width: layout.width, height: layout.height, labels: labels, classCount: reading.classCount, classNames: names)
  }

  private static func readyLabels(_ tensor: HostTensor, _ range: Range<Int>) throws(SegmentationError) -> [UInt16] {
    func narrow<T: BitwiseCopyable>(_ type: T.Type, _ value: (T) -> Int64) -> (labels: [UInt16], bad: Int64?) {
      tensor.withElements(type) { values in
        var bad: Int64?
        let labels = values[range].map { element in
          let exact = value(element)
          if exact < 0 || exact > 65_535 { bad = exact }
          return UInt16(truncatingIfNeeded: exact)
        }
        return (labels, bad)
      }
    }
    let result: (labels: [UInt16], bad: Int64?)
    switch tensor.elementType {
    case .uint8: result = narrow(UInt8.self) { Int64($0) }
    case .bool: result = narrow(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .int32: result = narrow(Int32.self) { Int64($0) }
    case .int64: result = narrow(Int64.self) { $0 }
    case .float32: result = narrow(Float.self) { saturating(Double($0)) }
    case .float16, .bfloat16, .float64, .int8, .int16, .uint16, .uint32, .uint64:
      let integers = tensor.integers()[range]
      result = (integers.map { UInt16(truncatingIfNeeded: $0) }, integers.first { $0 < 0 || $0 > 65_535 })
    }
    if let bad = result.bad { throw SegmentationError(.mismatch, "label: expected 0…65535, got \(bad)") }
    return result.labels
  }

  private static func highest(
    _ tensor: HostTensor, _ layout: ScoreLayout, _ start: Int, _ threshold: Double?
  ) -> [UInt16] {
    func run<T: BitwiseCopyable>(_ type: T.Type, _ value: (T) -> Double) -> [UInt16] {
      tensor.withElements(type) { HighestClass(layout, threshold).scan($0.baseAddress! + start, value) }
    }
    switch tensor.elementType {
    case .float32:
      return tensor.withElements(Float.self) { values in
        let scan = HighestClass<Float>(layout, threshold)
        return layout.pixelStride == 1
          ? scan.planes(values.baseAddress! + start) : scan.scan(values.baseAddress! + start) { $0 }
      }
    case .float64: return run(Double.self) { $0 }
    case .float16: return run(UInt16.self) { Double(Float16(bitPattern: $0)) }
    case .bfloat16: return run(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool:
      return tensor.doubles().withUnsafeBufferPointer {
        HighestClass<Double>(layout, threshold).scan($0.baseAddress! + start) { $0 }
      }
    }
  }
}

/// The highest class of each pixel: the first wins a tie, NaN loses to everything; all NaN is class 0.
private struct HighestClass<V: BinaryFloatingPoint> {
  let layout: ScoreLayout
  let threshold: V?
  static var block: Int { 2048 }

  init(_ layout: ScoreLayout, _ threshold: Double?) {
    self.layout = layout
    self.threshold = threshold.map { V($0) }
  }

  @inline(__always)
  func label(_ best: V, _ index: Int32) -> UInt16 {
    guard let threshold else { return UInt16(truncatingIfNeeded: index) }
    return best >= threshold ? UInt16(truncatingIfNeeded: index &+ 1) : 0
  }

  /// Any layout and type.
  @inline(__always)
  func scan<T>(_ src: UnsafePointer<T>, _ value: (T) -> V) -> [UInt16] {
    var best = [V](repeating: .nan, count: Self.block)
    var index = [Int32](repeating: 0, count: Self.block)
    return [UInt16](unsafeUninitializedCapacity: layout.pixels) { labels, count in
      for from in stride(from: 0, to: layout.pixels, by: Self.block) {
        let length = min(Self.block, layout.pixels - from)
        for pixel in 0..<length {
          best[pixel] = .nan
          index[pixel] = 0
        }
        for channel in 0..<layout.channels {
          let row = src + channel * layout.channelStride + from * layout.pixelStride
          for pixel in 0..<length {
            let score = value(row[pixel * layout.pixelStride])
            if score == score && !(score <= best[pixel]) {
              best[pixel] = score
              index[pixel] = Int32(truncatingIfNeeded: channel)
            }
          }
        }
        for pixel in 0..<length { labels[from + pixel] = label(best[pixel], index[pixel]) }
      }
      count = layout.pixels
    }
  }
}

extension HighestClass where V == Float {
  /// Classes in planes, `[C, H, W]`: eight pixels at a time.
  func planes(_ src: UnsafePointer<Float>) -> [UInt16] {
    let whole = layout.pixels & ~7
    return [UInt16](unsafeUninitializedCapacity: layout.pixels) { labels, count in
      withUnsafeTemporaryAllocation(of: SIMD8<Float>.self, capacity: Self.block / 8) { best in
        withUnsafeTemporaryAllocation(of: SIMD8<Int32>.self, capacity: Self.block / 8) { index in
          for from in stride(from: 0, to: whole, by: Self.block) {
            let vectors = min(Self.block, whole - from) / 8
            block(src + from, vectors, best.baseAddress!, index.baseAddress!)
            for pixel in 0..<vectors * 8 {
              labels[from + pixel] = label(best[pixel >> 3][pixel & 7], index[pixel >> 3][pixel & 7])
            }
          }
        }
      }
      for pixel in whole..<layout.pixels { labels[pixel] = single(src + pixel) }
      count = layout.pixels
    }
  }

  private func block(
    _ src: UnsafePointer<Float>, _ vectors: Int, _ best: UnsafeMutablePointer<SIMD8<Float>>,
    _ index: UnsafeMutablePointer<SIMD8<Int32>>
  ) {
    best.initialize(repeating: SIMD8(repeating: .nan), count: vectors)
    index.initialize(repeating: SIMD8(repeating: 0), count: vectors)
    for channel in 0..<layout.channels {
      let row = UnsafeRawPointer(src + channel * layout.channelStride)
      let number = SIMD8<Int32>(repeating: Int32(truncatingIfNeeded: channel))
      for vector in 0..<vectors {
        let score = row.loadUnaligned(fromByteOffset: vector * 32, as: SIMD8<Float>.self)
        let wins = (score .== score) .& .!(score .<= best[vector])
        best[vector].replace(with: score, where: wins)
        index[vector].replace(with: number, where: wins)
      }
    }
  }

  private func single(_ src: UnsafePointer<Float>) -> UInt16 {
    var best = Float.nan
    var index: Int32 = 0
    for channel in 0..<layout.channels {
      let score = src[channel * layout.channelStride]
      if score == score && !(score <= best) {
        best = score
        index = Int32(truncatingIfNeeded: channel)
      }
    }
    return label(best, index)
  }
}
