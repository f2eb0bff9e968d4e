import FCNTensor
import FCNTestKit
import Testing

/// NumPy files: every type, order and version; damaged files are errors, never traps.
@Suite struct NPYTests {
  /// A file as numpy.lib.format writes it: `descr` and `shape` as text.
  static func file(
    _ descr: String, _ shape: String, _ body: [UInt8], version: UInt8 = 1, isFortran: Bool = false
  ) -> [UInt8] {
    var text = "{'descr': '\(descr)', 'fortran_order': \(isFortran ? "True" : "False"), 'shape': \(shape), }"
    let fixed = version == 1 ? 10 : 12
    text += String(repeating: " ", count: 63 - (fixed + text.utf8.count) % 64) + "\n"
    let length = text.utf8.count
    var result: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, version, 0, UInt8(length & 255), UInt8(length >> 8)]
    if version > 1 { result += [0, 0] }
    return result + text.utf8 + body
  }

  static func random(_ type: ElementType, _ shape: Shape) throws -> HostTensor {
    var generator = SeededGenerator(UInt64(shape.count) + 5)
    let values = (0..<shape.count).map { _ in
      type.isFloat ? generator.real(in: -9...9) : Double(generator.integer(in: type == .bool ? 0...1 : 0...120))
    }
    return try HostTensor(doubles: values, elementType: type, shape: shape)
  }

  @Test(arguments: ElementType.allCases)
  func roundTrips(_ type: ElementType) throws {
    let folder = try TemporaryFolder()
    let shapes: [Shape] = [[], [1], [0], [7], [2, 3], [3, 0, 2], [2, 1, 3, 4], [1, 1, 1, 1, 1, 1, 1, 2]]
    for shape in shapes {
      let tensor = try Self.random(type, shape)
      let expected =
        type == .bfloat16 ? try HostTensor(doubles: tensor.doubles(), elementType: .float32, shape: shape) : tensor
      let bytes = try NPY.encode(tensor)
      #expect((bytes.count - expected.byteCount) % 64 == 0)
      let path = "\(folder.path)/x.npy"
      try AtomicFile.write(bytes, to: path)
      for read in [try NPY.read(bytes: bytes, name: "x"), try NPY.read(path: path)] {
        #expect(read.elementType == expected.elementType && read.shape == shape)
        #expect(read.storage.bytes.elementsEqual(expected.storage.bytes))
      }
    }
  }

  @Test(arguments: [UInt8(1), 2, 3])
  func versions(_ version: UInt8) throws {
    let read = try NPY.read(bytes: Self.file("<i2", "(2,)", [1, 0, 255, 255], version: version), name: "v")
    #expect(read.elementType == .int16 && read.shape == [2] && read.integers() == [1, -1])
  }

  /// One-byte types are written with `|`, `<` is as good; spaces and long integers do not matter.
  @Test func otherSpellings() throws {
    #expect(try NPY.read(bytes: Self.file("<u1", "(3, )", [1, 2, 3]), name: "x").integers() == [1, 2, 3])
    #expect(try NPY.read(bytes: Self.file("|b1", "(1,2)", [0, 1]), name: "x").shape == [1, 2])
    #expect(try NPY.read(bytes: Self.file("|i1", "()", [254]), name: "x").integers() == [-2])
  }

  /// Element (i, j, k) of a Fortran file lies at i + 2j + 6k.
  @Test func fortranOrder() throws {
    let values = (0..<24).map { UInt8($0) }
    let read = try NPY.read(bytes: Self.file("|u1", "(2, 3, 4)", values, isFortran: true), name: "f")
    var expected: [Int64] = []
    for i in 0..<2 { for j in 0..<3 { for k in 0..<4 { expected.append(Int64(i + 2 * j + 6 * k)) } } }
    #expect(read.shape == [2, 3, 4] && read.integers() == expected)
    let wide = try NPY.read(
      bytes: Self.file("<i4", "(2, 2)", [1, 2, 3, 4].flatMap { [$0, 0, 0, 0] }, isFortran: true), name: "f")
    #expect(wide.integers() == [1, 3, 2, 4])
    #expect(try NPY.read(bytes: Self.file("|u1", "(2,)", [8, 9], isFortran: true), name: "f").integers() == [8, 9])
    #expect(try NPY.read(bytes: Self.file("|u1", "(0, 3)", [], isFortran: true), name: "f").shape == [0, 3])
  }

  @Test(arguments: [
    file(">f4", "(1,)", [0, 0, 0, 0]), file("<c8", "(1,)", Array(repeating: 0, count: 8)), file("|O", "(1,)", [0]),
    file("<f4", "(2,)", [0, 0, 0, 0]), file("<f4", "(1,)", [0, 0, 0, 0, 0]), file("<f4", "(-1,)", []),
    file("<f4", "(99999999999,)", []), file("<f4", "(99999999999999999999,)", []),
    file("<f4", "(2147483647, 2147483647, 2147483647)", []), file("<f4", "(x,)", []), file("<f4", "(1.5,)", []),
    file("<f4", "(1,1,1,1,1,1,1,1,1)", [0, 0, 0, 0]), file("<f4", "1,", [0, 0, 0, 0], version: 4),
    file("", "(1,)", []), file("<f4", "", []), [], Array("not numpy at all".utf8),
  ])
  func damaged(_ bytes: [UInt8]) {
    #expect { try NPY.read(bytes: bytes, name: "bad.npy") } throws: { error in
      guard let error = error as? TensorError else { return false }
      return error.code == .format && error.detail.hasPrefix("bad.npy")
    }
  }

  /// Cut at every byte: the whole file reads, every other is an error, from memory and mapped.
  @Test func truncated() throws {
    let folder = try TemporaryFolder()
    let whole = try NPY.encode(try Self.random(.float32, [3, 5]))
    for count in 0..<whole.count {
      let cut = Array(whole[..<count])
      #expect(throws: TensorError.self) { try NPY.read(bytes: cut, name: "cut") }
      try AtomicFile.write(cut, to: "\(folder.path)/cut.npy")
      #expect(throws: TensorError.self) { try NPY.read(path: "\(folder.path)/cut.npy") }
    }
    #expect(try NPY.read(bytes: whole, name: "whole").shape == [3, 5])
  }

  /// What is read from damaged files is at least consistent.
  @Test func mutated() throws {
    let whole = Self.file("<i2", "(2, 3)", Array(0..<12), isFortran: true)
    var generator = SeededGenerator(300)
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0...generator.integer(in: 0...3) {
        bytes[generator.integer(in: 0...bytes.count - 1)] = UInt8(generator.integer(in: 0...255))
      }
      if let read = try? NPY.read(bytes: bytes, name: "mutated") {
        #expect(read.byteCount == read.shape.count * read.elementType.size)
      }
    }
  }

  /// Digits in the shape: sizes that overflow, or ask for more than the file holds.
  @Test func mutatedShapes() throws {
    var generator = SeededGenerator(301)
    for _ in 0..<300 {
      let rank = generator.integer(in: 0...9)
      let dims = (0..<rank).map { _ in generator.next() >> UInt64(generator.integer(in: 0...63)) }
      let text = "(" + dims.map { "\($0)," }.joined() + ")"
      for isFortran in [false, true] {
        if let read = try? NPY.read(bytes: Self.file("<f8", text, [], isFortran: isFortran), name: "x") {
          #expect(read.shape.count == 0 && dims.contains(0))
        }
      }
    }
  }

  @Test func missingFile() throws {
    let folder = try TemporaryFolder()
    for path in ["\(folder.path)/none.npy", folder.path] {
      #expect { try NPY.read(path: path) } throws: { ($0 as? TensorError)?.code == .file }
    }
  }
}
