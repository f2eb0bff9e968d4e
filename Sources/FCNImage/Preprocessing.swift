package import FCNTensor

/// Where the channel axis of a picture tensor lies.
package enum ImageLayout: Sendable, Hashable {
  /// `[1, C, H, W]`
  case nchw
  /// `[1, H, W, C]`
  case nhwc

  package func shape(height: Int, width: Int, channels: Int) -> Shape {
    switch self {
    case .nchw: [1, channels, height, width]
    case .nhwc: [1, height, width, channels]
    }
  }
}

/// What becomes of a picture's alpha channel.
package enum AlphaPolicy: String, Sendable, Hashable, CaseIterable {
  /// Left out; colours stay as stored.
  case drop
  /// Blended over white.
  case composite
  /// Kept as the last channel.
  case keep
}

/// From a picture to the tensor a network wants. The order is: alpha, `channels` or grey ↔ RGB, BGR, normalization.
package struct Preprocessing: Sendable, Hashable {
  /// The picture's channels to take, in this order (after the alpha policy); nil: all, grey ↔ RGB as needed.
  package var channels: [Int]?
  /// Whether the tensor's channels run blue, green, red; a grey tensor is the same either way.
  package var bgr: Bool
  package var alpha: AlphaPolicy
  package var normalization: Normalization

  package init(
    channels: [Int]? = nil, bgr: Bool = false, alpha: AlphaPolicy = .drop, normalization: Normalization = .none
  ) {
    self.channels = channels
    self.bgr = bgr
    self.alpha = alpha
    self.normalization = normalization
  }

  /// The picture with the `count` channels that the network takes, in the order R, G, B; stored values.
  ///
  /// RGB becomes grey by BT.601 luma rounded to stored values; grey becomes RGB by copying.
  /// - Throws: `ImageError.mismatch` if the channels cannot be made to fit.
  package func conformed(_ picture: Picture, channels count: Int) throws(ImageError) -> Picture {
    var result = picture
    switch alpha {
    case .drop: result = try picture.droppingAlpha()
    case .composite: result = try picture.compositedOverWhite()
    case .keep: break
    }
    if let channels {
      guard channels.count == count else {
        throw ImageError(.mismatch, "channels \(channels): expected \(count), which the network takes")
      }
      return try result.selecting(channels)
    }
    switch (result.channels, count) {
    case (count, _): return result
    case (3, 1): return try result.grey()
    case (1, 3): return try result.replicatedToRGB()
    default:
      let got = "\(result.channels) channels\(result.hasAlpha ? " with alpha" : "")"
      throw ImageError(.mismatch, "the picture has \(got), the network takes \(count)")
    }
  }

  /// The picture's channel that each tensor channel shows.
  func order(_ count: Int) -> [Int] {
    bgr && count >= 3 ? [2, 1, 0] + Array(3..<count) : Array(0..<count)
  }

  /// The same preprocessing with `zscore` and `percentile` settled by this picture, as `affine`; for inverting it.
  /// - Throws: `ImageError.mismatch` as `apply`.
  package func resolved(for picture: Picture, channels count: Int) throws(ImageError) -> Preprocessing {
    guard normalization.needsStatistics else { return self }
    let conformed = try conformed(picture, channels: count)
    let formulas = try normalization.formulas(
      order: order(count), bitDepth: conformed.bitDepth, statistics: conformed.statistics())
    var result = self
    result.normalization = .affine(scale: formulas.map(\.affine.scale), offset: formulas.map(\.affine.offset))
    return result
  }

  /// The tensor `[1, C, H, W]` or `[1, H, W, C]` of the whole picture.
  ///
  /// Integer element types take stored values and no normalization; uint8 takes 8-bit pictures only.
  /// - Throws: `ImageError.mismatch` if channels, normalization and element type do not fit, `.memory`.
  package func apply(
    _ picture: Picture, layout: ImageLayout, elementType: ElementType, channels count: Int
  ) throws(ImageError) -> HostTensor {
    let source = try conformed(picture, channels: count)
    let formulas = try normalization.formulas(
      order: order(count), bitDepth: source.bitDepth,
      statistics: normalization.needsStatistics ? source.statistics() : nil)
    if !elementType.isFloat {
      try checkInteger(elementType, source)
    }
    let filler = TensorFiller(picture: source, order: order(count), layout: layout)
    let tables = formulas.map { formula in (0...source.maxValue).map { formula.value($0) } }
    switch elementType {
    case .float32: return try filler.fill(elementType, tables)
    case .float64: return try filler.fill(elementType, tables.map { $0.map(Double.init) })
    case .float16:
      return try filler.fill(elementType, try finite(tables.map { $0.map { Float16($0) } }))
    case .bfloat16: return try filler.fill(elementType, tables.map { $0.map { bfloat16Bits($0) } })
    case .uint8: return try filler.fill(elementType, tables.map { $0.map { UInt8($0) } })
    case .int16, .uint16: return try filler.fill(elementType, tables.map { $0.map { UInt16($0) } })
    case .int32, .uint32: return try filler.fill(elementType, tables.map { $0.map { UInt32($0) } })
    case .int64, .uint64: return try filler.fill(elementType, tables.map { $0.map { UInt64($0) } })
    case .int8, .bool: throw unsupported(elementType)
    }
  }

  private func checkInteger(_ elementType: ElementType, _ picture: Picture) throws(ImageError) {
    guard normalization == .none else {
      throw ImageError(.mismatch, "\(elementType.rawValue) input: expected stored values, got a normalization")
    }
    switch elementType {
    case .uint8, .int16:
      guard picture.bitDepth == 8 else {
        throw ImageError(.mismatch, "\(elementType.rawValue) input: expected an 8-bit picture, got 16 bits")
      }
    case .uint16, .int32, .uint32, .int64, .uint64: break
    case .int8, .bool, .float16, .bfloat16, .float32, .float64: throw unsupported(elementType)
    }
  }

  private func unsupported(_ elementType: ElementType) -> ImageError {
    ImageError(.unsupported, "\(elementType.rawValue) input: expected a float type or uint8 to be fed a picture")
  }

  private func finite(_ tables: [[Float16]]) throws(ImageError) -> [[Float16]] {
    guard tables.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw ImageError(.mismatch, "float16 input: values beyond 65504, expected a normalization")
    }
    return tables
  }
}

/// Writes a tensor by looking every sample up in its channel's table.
struct TensorFiller {
  let picture: Picture
  /// The picture's channel of each tensor channel.
  let order: [Int]
  let layout: ImageLayout

  /// - Parameter tables: for each tensor channel the element of each stored value.
  func fill<T: BitwiseCopyable>(_ elementType: ElementType, _ tables: [[T]]) throws(ImageError) -> HostTensor {
    let tensor: HostTensor
    do throws(TensorError) {
      tensor = try HostTensor(
        elementType, layout.shape(height: picture.height, width: picture.width, channels: order.count), zeroed: false)
    } catch { throw ImageError(error) }
    tensor.storage.mutableBytes.withMemoryRebound(to: T.self) { target in
      for (index, channel) in order.enumerated() {
        let start = layout == .nchw ? index * picture.pixelCount : index
        let step = layout == .nchw ? 1 : order.count
        if picture.bitDepth == 8 {
          picture.withSamples(UInt8.self) { look(tables[index], $0, channel, target.baseAddress! + start, step) }
        } else {
          picture.withSamples(UInt16.self) { look(tables[index], $0, channel, target.baseAddress! + start, step) }
        }
      }
    }
    return tensor
  }

  private func look<S: FixedWidthInteger & UnsignedInteger, T: BitwiseCopyable>(
    _ table: [T], _ samples: UnsafeBufferPointer<S>, _ channel: Int, _ target: UnsafeMutablePointer<T>, _ step: Int
  ) {
    let channels = picture.channels
    let count = picture.pixelCount
    let source = samples.baseAddress! + channel
    table.withUnsafeBufferPointer { table in
      let table = table.baseAddress!
      for index in 0..<count { target[index * step] = table[Int(truncatingIfNeeded: source[index * channels])] }
    }
  }
}
