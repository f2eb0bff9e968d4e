import Glibc

/// Reference-counted bytes of a tensor: owned memory, or a span of a mapped file or of other storage.
package final class Storage: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer
  private let owner: AnyObject?
  private let mapped: (file: MappedFile, range: Range<Int>)?

  /// Bytes from which large pages are asked for: arenas and weights are walked in many streams at once.
  private static let large = 4 << 20
  private static let largePage = 2 << 20

  /// Owned, 64-byte aligned, uninitialised unless `zeroed`.
  /// - Throws: `TensorError.memory` when the allocation fails.
  package init(count: Int, zeroed: Bool = false) throws(TensorError) {
    var pointer: UnsafeMutableRawPointer?
    let isLarge = count >= Storage.large
    guard posix_memalign(&pointer, isLarge ? Storage.largePage : 64, max(count, 64)) == 0, let pointer else {
      throw TensorError(.memory, "cannot allocate \(count) bytes")
    }
    // A hint: where it is refused, pages are small.
    if isLarge { madvise(pointer, count / Storage.largePage * Storage.largePage, MADV_HUGEPAGE) }
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
