extension HostTensor {
  /// Every element as `Double` (64-bit integers beyond 2⁵³ round; bool is 0 or 1).
  package func doubles() -> [Double] {
    func map<T: BitwiseCopyable>(_ type: T.Type, _ convert: (T) -> Double) -> [Double] {
      withElements(type) { $0.map(convert) }
    }
    switch elementType {
    case .float16: return map(UInt16.self) { Double(Float16(bitPattern: $0)) }
    case .bfloat16: return map(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .float32: return map(Float.self) { Double($0) }
    case .float64: return map(Double.self) { $0 }
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .bool: return integers().map(Double.init)
    case .uint64: return map(UInt64.self) { Double($0) }
    }
  }

  /// Every element as `Int64`; uint64 keeps its bits, bool is 0 or 1, floats saturate toward zero (NaN is 0).
  package func integers() -> [Int64] {
    func map<T: BitwiseCopyable>(_ type: T.Type, _ convert: (T) -> Int64) -> [Int64] {
      withElements(type) { $0.map(convert) }
    }
    switch elementType {
    case .int8: return map(Int8.self) { Int64($0) }
    case .int16: return map(Int16.self) { Int64($0) }
    case .int32: return map(Int32.self) { Int64($0) }
    case .int64: return map(Int64.self) { $0 }
    case .uint8: return map(UInt8.self) { Int64($0) }
    case .uint16: return map(UInt16.self) { Int64($0) }
    case .uint32: return map(UInt32.self) { Int64($0) }
    case .uint64: return map(UInt64.self) { Int64(bitPattern: $0) }
    case .bool: return map(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .float16, .bfloat16, .float32, .float64: return doubles().map(saturating)
    }
  }

  /// A tensor of `elementType` from exact integers; narrower types wrap, bool is `value != 0`, floats round.
  package init(integers values: [Int64], elementType: ElementType, shape: Shape) throws(TensorError) {
    try self.init(elementType, shape, zeroed: false)
    try checkCount(values.count)
    func fill<T: BitwiseCopyable>(_ convert: (Int64) -> T) {
      storage.mutableBytes.withMemoryRebound(to: T.self) { target in
        for index in values.indices { target[index] = convert(values[index]) }
      }
    }
    switch elementType {
    case .int8: fill { Int8(truncatingIfNeeded: $0) }
    case .int16: fill { Int16(truncatingIfNeeded: $0) }
    case .int32: fill { Int32(truncatingIfNeeded: $0) }
    case .int64: fill { $0 }
    case .uint8: fill { UInt8(truncatingIfNeeded: $0) }
    case .uint16: fill { UInt16(truncatingIfNeeded: $0) }
    case .uint32: fill { UInt32(truncatingIfNeeded: $0) }
    case .uint64: fill { UInt64(bitPattern: $0) }
    case .bool: fill { UInt8($0 == 0 ? 0 : 1) }
    case .float16: fill { Float16($0).bitPattern }
    case .bfloat16: fill { bfloat16Bits(Float($0)) }
    case .float32: fill { Float($0) }
    case .float64: fill { Double($0) }
    }
  }

  /// A tensor of `elementType` from doubles, rounded once to nearest even; integer types saturate, bool is
  /// `value != 0`.
  package init(doubles values: [Double], elementType: ElementType, shape: Shape) throws(TensorError) {
    guard elementType.isFloat else {
      let integers = values.map { elementType == .bool ? ($0 == 0 ? 0 : 1) : saturating($0, to: elementType) }
      try self.init(integers: integers, elementType: elementType, shape: shape)
      return
    }
    try self.init(elementType, shape, zeroed: false)
    try checkCount(values.count)
    func fill<T: BitwiseCopyable>(_ convert: (Double) -> T) {
      storage.mutableBytes.withMemoryRebound(to: T.self) { target in
        for index in values.indices { target[index] = convert(values[index]) }
      }
    }
    switch elementType {
    case .float16: fill { Float16($0).bitPattern }
    case .bfloat16: fill { bfloat16Bits($0) }
    case .float32: fill { Float($0) }
    case .float64: fill { $0 }
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool: break
    }
  }

  private func checkCount(_ given: Int) throws(TensorError) {
    guard given == count else {
      throw TensorError(.mismatch, "\(shape): expected \(count) values, got \(given)")
    }
  }
}

/// Float to int64: toward zero, saturating, NaN is 0.
package func saturating(_ value: Double) -> Int64 {
  if value.isNaN { return 0 }
  if value >= 0x1p63 { return .max }
  if value <= -0x1p63 { return .min }
  return Int64(value)
}

/// Float to a narrower integer type: toward zero, saturating at its ends, NaN is 0.
package func saturating(_ value: Double, to type: ElementType) -> Int64 {
  let exact = saturating(value)
  switch type {
  case .int8: return max(-128, min(127, exact))
  case .int16: return max(Int64(Int16.min), min(Int64(Int16.max), exact))
  case .int32: return max(Int64(Int32.min), min(Int64(Int32.max), exact))
  case .uint8: return max(0, min(255, exact))
  case .uint16: return max(0, min(Int64(UInt16.max), exact))
  case .uint32: return max(0, min(Int64(UInt32.max), exact))
  case .uint64:
    if !(value > 0) { return 0 }
    return value >= 0x1p64 ? -1 : Int64(bitPattern: UInt64(value))
  case .bool: return exact == 0 ? 0 : 1
  case .int64, .float16, .bfloat16, .float32, .float64: return exact
  }
}

/// The bits of the nearest bfloat16, ties to even.
package func bfloat16Bits(_ value: Float) -> UInt16 {
  if value.isNaN { return 0x7FC0 }
  let bits = value.bitPattern
  return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
}

/// As above with one rounding from Double: the Float step rounds to odd so that the second rounding is exact.
package func bfloat16Bits(_ value: Double) -> UInt16 {
  let nearest = Float(value)
  if value.isNaN || Double(nearest) == value || nearest.isInfinite { return bfloat16Bits(nearest) }
  let towardZero =
    abs(Double(nearest)) > abs(value)
    ? Float(bitPattern: nearest.bitPattern - 1) : nearest
  return bfloat16Bits(Float(bitPattern: towardZero.bitPattern | 1))
}
