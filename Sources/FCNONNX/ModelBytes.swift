package import FCNTensor

/// The bytes of a model file, mapped or in memory; tensors share them.
package enum ModelBytes: Sendable {
  case mapped(MappedFile)
  case memory(Storage)

  init(copying bytes: [UInt8]) throws(ONNXError) {
    let storage: Storage
    do throws(TensorError) { storage = try Storage(count: bytes.count) } catch { throw ONNXError(error) }
    bytes.withUnsafeBytes { storage.mutableBytes.copyMemory(from: $0) }
    self = .memory(storage)
  }

  package var bytes: UnsafeRawBufferPointer {
    switch self {
    case .mapped(let file): file.bytes
    case .memory(let storage): storage.bytes
    }
  }

  /// A part of the bytes without a copy.
  func storage(_ range: Range<Int>) -> Storage {
    switch self {
    case .mapped(let file): Storage(mapping: file, range: range)
    case .memory(let storage): Storage(borrowing: UnsafeRawBufferPointer(rebasing: storage.bytes[range]), from: storage)
    }
  }

  /// Lets go of the pages of a mapped range; they are read again when they are touched again.
  func release(_ range: Range<Int>) {
    switch self {
    case .mapped(let file): file.releasePages(range)
    case .memory: break
    }
  }

  var isUnchanged: Bool {
    switch self {
    case .mapped(let file): file.isUnchanged()
    case .memory: true
    }
  }
}

extension ONNXError {
  /// A `TensorError` of a file or of memory, in this room's words.
  init(_ error: TensorError) {
    switch error.code {
    case .file, .format: self.init(.file, error.detail)
    case .memory, .space: self.init(.memory, error.detail)
    case .size: self.init(.limit, error.detail)
    case .mismatch: self.init(.invalid, error.detail)
    }
  }
}
