import FCNONNX
import FCNTensor
import Testing

@Suite struct TensorFieldTests {
  private func load(type: Int, dims: [Int], _ payload: (inout WireWriter) -> Void) throws -> HostTensor {
    let bytes = WireWriter.model { graph in
      graph.message(5) {
        $0.tensorHead("t", type: type, dims: dims)
        payload(&$0)
      }
    }
    let file = try ModelFile(bytes: bytes)
    return try file.tensor(file.model.graph.initializers[0])
  }

  private func code(type: Int, dims: [Int], _ payload: (inout WireWriter) -> Void) -> ONNXError.Code? {
    do { _ = try load(type: type, dims: dims, payload) } catch { return (error as? ONNXError)?.code }
    return nil
  }

  private func packed(_ values: [Int]) -> [UInt8] {
    WireWriter.message { writer in for value in values { writer.varint(UInt64(bitPattern: Int64(value))) } }
  }

  @Test func rawBytesAreShared() throws {
    let file = try ModelFile(bytes: smallModel())
    let tensor = try file.tensor(file.model.graph.initializers[0])
    #expect(tensor.shape == [2, 2, 3, 3])
    #expect(tensor.doubles()[..<3] == [-3, -2, -1])
    let whole = file.source.bytes
    #expect(tensor.storage.bytes.baseAddress! > whole.baseAddress!)
    #expect(tensor.storage.bytes.baseAddress! < whole.baseAddress! + whole.count)
  }

  @Test func rawOfEveryType() throws {
    #expect(try load(type: 1, dims: [2]) { $0.block(9, rawBytes([Float(1.5), -2])) }.doubles() == [1.5, -2])
    #expect(try load(type: 2, dims: [2]) { $0.block(9, [200, 1]) }.doubles() == [200, 1])
    #expect(try load(type: 3, dims: [2]) { $0.block(9, [200, 1]) }.doubles() == [-56, 1])
    #expect(try load(type: 7, dims: [1]) { $0.block(9, rawBytes([Int64(-5)])) }.integers() == [-5])
    #expect(try load(type: 9, dims: [2]) { $0.block(9, [0, 1]) }.integers() == [0, 1])
    #expect(try load(type: 10, dims: [1]) { $0.block(9, rawBytes([UInt16(0x3C00)])) }.doubles() == [1])
    #expect(try load(type: 11, dims: []) { $0.block(9, rawBytes([0.1])) }.doubles() == [0.1])
    #expect(try load(type: 16, dims: [1]) { $0.block(9, rawBytes([UInt16(0x3F80)])) }.doubles() == [1])
  }

  @Test func floatFieldPackedUnpackedAndInPieces() throws {
    let values: [Float] = [1, -2.5, 3]
    #expect(try load(type: 1, dims: [3]) { $0.block(4, rawBytes(values)) }.doubles() == [1, -2.5, 3])
    #expect(try load(type: 1, dims: [3]) { for value in values { $0.real(4, value) } }.doubles() == [1, -2.5, 3])
    let pieces = try load(type: 1, dims: [3]) {
      $0.real(4, 1)
      $0.text(12, "between")
      $0.block(4, rawBytes([Float(-2.5)]))
      $0.real(4, 3)
    }
    #expect(pieces.doubles() == [1, -2.5, 3])
  }

  @Test func doubleField() throws {
    #expect(try load(type: 11, dims: [2]) { $0.block(10, rawBytes([0.1, -0.2])) }.doubles() == [0.1, -0.2])
  }

  @Test func varintFields() throws {
    #expect(try load(type: 7, dims: [3]) { $0.block(7, packed([-1, 300, 0])) }.integers() == [-1, 300, 0])
    #expect(
      try load(type: 7, dims: [2]) {
        $0.number(7, -1); $0.number(7, 5)
      }.integers() == [-1, 5])
    #expect(try load(type: 6, dims: [2]) { $0.block(5, packed([-7, 1 << 40 + 3])) }.integers() == [-7, 3])
    #expect(try load(type: 3, dims: [2]) { $0.block(5, packed([-7, 257])) }.integers() == [-7, 1])
    #expect(try load(type: 9, dims: [3]) { $0.block(5, packed([0, 1, 256])) }.integers() == [0, 1, 1])
    #expect(try load(type: 10, dims: [2]) { $0.block(5, packed([0x3C00, 0xC000])) }.doubles() == [1, -2])
    #expect(try load(type: 16, dims: [1]) { $0.block(5, packed([0xBF80])) }.doubles() == [-1])
    #expect(try load(type: 12, dims: [1]) { $0.block(11, packed([0xFFFF_FFFF])) }.doubles() == [4_294_967_295])
    #expect(try load(type: 13, dims: [1]) { $0.block(11, packed([-1])) }.integers() == [-1])
  }

  @Test func emptyTensorsNeedNoData() throws {
    #expect(try load(type: 1, dims: [0, 3]) { _ in }.count == 0)
    #expect(try load(type: 7, dims: [0]) { $0.block(9, []) }.shape == [0])
  }

  @Test func refusesWhatDoesNotFit() {
    #expect(code(type: 1, dims: [2]) { _ in } == .invalid)
    #expect(code(type: 1, dims: [2]) { $0.block(9, [0, 0, 0, 0]) } == .invalid)
    #expect(code(type: 1, dims: [1]) { $0.block(9, [0, 0, 0, 0, 0]) } == .invalid)
    #expect(
      code(type: 1, dims: [1]) {
        $0.block(9, [0, 0, 0, 0]); $0.block(9, [0, 0, 0, 0])
      } == .invalid)
    #expect(
      code(type: 1, dims: [1]) {
        $0.block(9, [0, 0, 0, 0]); $0.real(4, 1)
      } == .invalid)
    #expect(code(type: 1, dims: [1]) { $0.block(7, packed([1])) } == .invalid)
    #expect(code(type: 7, dims: [2]) { $0.block(7, packed([1])) } == .invalid)
    #expect(code(type: 7, dims: [1]) { $0.block(7, packed([1, 2])) } == .invalid)
    #expect(code(type: 7, dims: [1 << 30]) { $0.block(7, packed([1, 2])) } == .invalid)
    #expect(code(type: 1, dims: [1]) { $0.block(4, [0, 0, 0]) } == .invalid)
    #expect(code(type: 1, dims: [-1]) { _ in } == .invalid)
  }

  @Test func boundsShapes() {
    #expect(code(type: 1, dims: [1 << 31]) { _ in } == .limit)
    #expect(code(type: 1, dims: [1 << 30, 1 << 30, 1 << 30]) { _ in } == .limit)
    #expect(code(type: 1, dims: Array(repeating: 1, count: 9)) { $0.block(9, [0, 0, 0, 0]) } == .limit)
  }

  @Test(arguments: [0, 8, 14, 15, 17, 18, 19, 20, 21, 22, 23, 25, 99, -1])
  func otherTypesAreUnsupported(_ type: Int) {
    #expect(code(type: type, dims: [1]) { $0.block(9, [0]) } == .unsupported)
  }

  @Test func tensorFiles() throws {
    let bytes = WireWriter.message {
      $0.tensorHead("t", type: 1, dims: [2])
      $0.block(9, rawBytes([Float(1), 2]))
    }
    #expect(try TensorFile.decode(bytes).doubles() == [1, 2])
    #expect(throws: ONNXError.self) { try TensorFile.decode(Array(bytes.dropLast())) }
    #expect(throws: ONNXError.self) { try TensorFile.decode([]) }
    #expect(throws: ONNXError.self) { try TensorFile.read(path: "/absent/t.pb") }
  }

  @Test func segmentsAreUnsupported() {
    #expect(
      code(type: 1, dims: [1]) {
        $0.message(3) { $0.number(1, 0) }; $0.block(9, [0, 0, 0, 0])
      } == .unsupported)
  }
}
