/// A dense tensor in host memory: element type, shape, and storage in C order, little endian.
package struct HostTensor: Sendable {
  package let elementType: ElementType
  package let shape: Shape
  package let storage: Storage

  /// - Throws: `TensorError` if the shape is impossible or `storage` has not exactly the bytes that it needs.
  package init(elementType: ElementType, shape: Shape, storage: Storage) throws(TensorError) {
    let needed = try shape.checkedCount() * elementType.size
    guard storage.bytes.count == needed else {
      throw TensorError(
        .mismatch, "\(elementType.rawValue) \(shape): expected \(needed) bytes, got \(storage.bytes.count)")
    }
    self.elementType = elementType
    self.shape = shape
    self.storage = storage
  }

  /// A new tensor; `zeroed` clears it.
  package init(_ elementType: ElementType, _ shape: Shape, zeroed: Bool = true) throws(TensorError) {
    let count = try shape.checkedCount()
    try self.init(
      elementType: elementType, shape: shape,
      storage: Storage(count: count * elementType.size, zeroed: zeroed))
  }

  package init(_ values: [Float], shape: Shape) throws(TensorError) {
    try self.init(copying: values, elementType: .float32, shape: shape)
  }

  package init(_ values: [Int64], shape: Shape) throws(TensorError) {
    try self.init(copying: values, elementType: .int64, shape: shape)
  }

  private init<T: BitwiseCopyable>(copying values: [T], elementType: ElementType, shape: Shape) throws(TensorError) {
    let storage = try Storage(count: values.count * MemoryLayout<T>.stride)
    values.withUnsafeBytes { storage.mutableBytes.copyMemory(from: $0) }
    try self.init(elementType: elementType, shape: shape, storage: storage)
  }

  package var count: Int { shape.count }
  package var byteCount: Int { storage.bytes.count }

  /// The elements as `T`, which must be the element type's Swift type. Storage may be unaligned (mapped files).
  package func withElements<T: BitwiseCopyable, R>(_ type: T.Type, _ body: (UnsafeBufferPointer<T>) -> R) -> R {
    precondition(MemoryLayout<T>.stride == elementType.size)
    let bytes = storage.bytes
    if Int(bitPattern: bytes.baseAddress) % MemoryLayout<T>.alignment == 0 {
      return bytes.withMemoryRebound(to: T.self) { body($0) }
    }
    let aligned = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    defer { aligned.deallocate() }
    aligned.copyMemory(from: bytes)
    return aligned.withMemoryRebound(to: T.self) { body(UnsafeBufferPointer($0)) }
  }

  /// Same bytes under another shape of equal count.
  package func reshaped(_ shape: Shape) throws(TensorError) -> HostTensor {
    try HostTensor(elementType: elementType, shape: shape, storage: storage)
  }
}
