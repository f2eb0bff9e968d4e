import Glibc

/// Reference-counted bytes of a tensor: owned memory, or a span of a mapped file or of other storage.
package final class Storage: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer
  private let owner: AnyObject?
  private let mapped: (file: MappedFile, range: Range<Int>)?

  /// Owned, 64-byte aligned, uninitialised unless `zeroed`.
  /// - Throws: `TensorError.memory` when the allocation fails.
  package init(count: Int, zeroed: Bool = false) throws(TensorError) {
    var pointer: UnsafeMutableRawPointer?
    guard posix_memalign(&pointer, 64, max(count, 64)) == 0, let pointer else {
      throw TensorError(.memory, "cannot allocate \(count) bytes")
    }
    if zeroed { memset(pointer, 0, max(count, 64)) }
    bytes = UnsafeRawBufferPointer(start: pointer, count: count)
    owner = nil
    mapped = nil
  }

  /// A byte range of a mapped file, shared without a copy.
  package init(mapping file: MappedFile, range: Range<Int>) {
    bytes = UnsafeRawBufferPointer(rebasing: file.bytes[range])
    owner = file
    mapped = (file, range)
  }

  /// Bytes that live as long as `owner`.
  package init(borrowing bytes: UnsafeRawBufferPointer, from owner: AnyObject) {
    self.bytes = bytes
    self.owner = owner
    mapped = nil
  }

  /// The bytes for writing. Only the creator of owned storage may write, before it is shared.
  package var mutableBytes: UnsafeMutableRawBufferPointer {
    precondition(owner == nil, "borrowed storage is read-only")
    return UnsafeMutableRawBufferPointer(mutating: bytes)
  }

  package var isMapped: Bool { mapped != nil }

  /// After packing: gives a mapped span's pages back.
  package func releasePages() {
    if let mapped { mapped.file.releasePages(mapped.range) }
  }

  deinit {
    if owner == nil { free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }
  }
}
