import FCNTensor
import FCNTestKit
import Testing

/// Conversions between element types: one rounding to nearest even, saturation, wrapping.
@Suite struct RoundingTests {
  private func bits(_ value: Double, _ type: ElementType) throws -> UInt16 {
    try HostTensor(doubles: [value], elementType: type, shape: []).withElements(UInt16.self) { $0[0] }
  }

  /// Every half float survives the way to Double and back; NaN stays NaN.
  @Test(arguments: [ElementType.float16, .bfloat16])
  func everyHalf(_ type: ElementType) throws {
    let storage = try Storage(count: 2 << 16)
    storage.mutableBytes.withMemoryRebound(to: UInt16.self) { for index in 0..<1 << 16 { $0[index] = UInt16(index) } }
    let tensor = try HostTensor(elementType: type, shape: [1 << 16], storage: storage)
    let values = tensor.doubles()
    let again = try HostTensor(doubles: values, elementType: type, shape: [1 << 16])
    again.withElements(UInt16.self) { found in
      for index in 0..<1 << 16 {
        let isKept = values[index].isNaN ? again.doubles(at: index).isNaN : Int(found[index]) == index
        #expect(isKept, "\(index)")
      }
    }
  }

  /// Between neighbours the nearer wins, halfway the even one, however near the tie is.
  @Test(arguments: [ElementType.float16, .bfloat16])
  func tiesToEven(_ type: ElementType) throws {
    var generator = SeededGenerator(16)
    let last: UInt16 = type == .float16 ? 0x7BFE : 0x7F7E
    for _ in 0..<4000 {
      let low = UInt16(generator.integer(in: 0...Int(last)))
      let (a, b) = (try value(low, type), try value(low + 1, type))
      let middle = (a + b) / 2
      let even = low % 2 == 0 ? low : low + 1
      #expect(try bits(middle, type) == even)
      #expect(try bits(middle.nextDown, type) == low)
      #expect(try bits(middle.nextUp, type) == low + 1)
      #expect(try bits(-middle, type) == even | 0x8000)
      #expect(try bits(-middle.nextUp, type) == (low + 1) | 0x8000)
    }
  }

  private func value(_ bits: UInt16, _ type: ElementType) throws -> Double {
    let storage = try Storage(count: 2)
    storage.mutableBytes.storeBytes(of: bits, as: UInt16.self)
    return try HostTensor(elementType: type, shape: [], storage: storage).doubles()[0]
  }

  @Test func edges() throws {
    #expect(try bits(.infinity, .bfloat16) == 0x7F80 && bits(-.infinity, .float16) == 0xFC00)
    #expect(try bits(1e300, .bfloat16) == 0x7F80)
    #expect(try bits(65520, .float16) == 0x7C00 && bits(65519.99, .float16) == 0x7BFF)
    #expect(try bits(-0.0, .bfloat16) == 0x8000 && bits(-0.0, .float16) == 0x8000)
    #expect(try bits(1e-300, .bfloat16) == 0 && bits(-1e-300, .float16) == 0x8000)
    // Halfway between the largest bfloat16 and 2¹²⁸, and just below.
    let largest = 0x1.FEp127
    #expect(try bits(largest, .bfloat16) == 0x7F7F && bits(0x1.FFp127, .bfloat16) == 0x7F80)
    #expect(try bits((0x1.FFp127).nextDown, .bfloat16) == 0x7F7F)
    for type in [ElementType.float16, .bfloat16] {
      #expect(try value(bits(.nan, type), type).isNaN)
      let quiet = Double(nan: 1, signaling: false)
      #expect(try value(bits(quiet, type), type).isNaN)
    }
    #expect(Float(bitPattern: UInt32(bfloat16Bits(Float(bitPattern: 0x7F80_0001))) << 16).isNaN)
  }

  @Test func floatsToIntegers() throws {
    let values: [Double] = [.nan, .infinity, -.infinity, 2.9, -2.9, 300, -300, 1e19, -1e19]
    func converted(_ type: ElementType) throws -> [Int64] {
      try HostTensor(doubles: values, elementType: type, shape: [values.count]).integers()
    }
    #expect(try converted(.int8) == [0, 127, -128, 2, -2, 127, -128, 127, -128])
    #expect(try converted(.uint8) == [0, 255, 0, 2, 0, 255, 0, 255, 0])
    #expect(try converted(.int16)[5...] == [300, -300, 32767, -32768])
    #expect(try converted(.uint32)[7...] == [Int64(UInt32.max), 0])
    #expect(try converted(.int64) == [0, .max, .min, 2, -2, 300, -300, .max, .min])
    #expect(try converted(.bool) == [1, 1, 1, 1, 1, 1, 1, 1, 1])
    #expect(saturating(0x1p63) == .max && saturating(-0x1p63) == .min && saturating((0x1p63).nextDown) < .max)
  }

  @Test func integersWrap() throws {
    func converted(_ type: ElementType) throws -> [Int64] {
      try HostTensor(integers: [256, -1, 127, 1 << 40], elementType: type, shape: [4]).integers()
    }
    #expect(try converted(.uint8) == [0, 255, 127, 0] && converted(.int8) == [0, -1, 127, 0])
    #expect(try converted(.uint64) == [256, -1, 127, 1 << 40] && converted(.bool) == [1, 1, 1, 1])
    let big = try HostTensor(integers: [-1], elementType: .uint64, shape: [1])
    #expect(big.doubles() == [0x1p64])
  }

  /// Tensors of a mapped file may begin at any byte.
  @Test func unalignedElements() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/odd"
    try AtomicFile.write([9] + [1, 0, 0, 0, 2, 0, 0, 0], to: path)
    let file = try MappedFile(path: path)
    let tensor = try HostTensor(elementType: .int32, shape: [2], storage: Storage(mapping: file, range: 1..<9))
    #expect(tensor.integers() == [1, 2] && tensor.storage.isMapped)
  }
}

extension HostTensor {
  fileprivate func doubles(at index: Int) -> Double {
    let half = withElements(UInt16.self) { $0[index] }
    return elementType == .float16 ? Double(Float16(bitPattern: half)) : Double(Float(bitPattern: UInt32(half) << 16))
  }
}
