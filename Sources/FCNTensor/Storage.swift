import Glibc

/// Reference-counted bytes of a tensor: owned memory, or a span of a mapped file or of other storage.
package final class Storage: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer
  private let owner: AnyObject?
  private let mapped: (file: MappedFile, range: Range<Int>)?
  /// Takes owned memory and its size in place of `free`.
  package typealias Taker = @Sendable (UnsafeMutableRawPointer, Int) -> Void
  private let taker: Taker?

  /// Bytes from which large pages are asked for: arenas and weights are walked in many streams at once.
  static let large = 4 << 20
  private static let largePage = 2 << 20

  /// Owned, 64-byte aligned, uninitialised unless `zeroed`.
  /// - Throws: `TensorError.memory` when the allocation fails.
  package convenience init(count: Int, zeroed: Bool = false) throws(TensorError) {
    try self.init(count: count, block: nil, givenBackTo: nil)
    if zeroed { memset(mutableBytes.baseAddress!, 0, max(count, 64)) }
  }

  /// Owned, in a block of that size or in a new one, which goes to `taker` at the end.
  init(count: Int, block: UnsafeMutableRawPointer?, givenBackTo taker: Taker?) throws(TensorError) {
    let start: UnsafeMutableRawPointer
    if let block { start = block } else { start = try Storage.allocate(count) }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
    owner = nil
    mapped = nil
    self.taker = taker
  }

  private static func allocate(_ count: Int) throws(TensorError) -> UnsafeMutableRawPointer {
    var pointer: UnsafeMutableRawPointer?
    let isLarge = count >= large
    guard posix_memalign(&pointer, isLarge ? largePage : 64, max(count, 64)) == 0, let pointer else {
      throw TensorError(.memory, "cannot allocate \(count) bytes")
    }
    // A hint: where it is refused, pages are small.
    if isLarge { madvise(pointer, count / largePage * largePage, MADV_HUGEPAGE) }
    return pointer
  }

  /// A byte range of a mapped file, shared without a copy.
  package init(mapping file: MappedFile, range: Range<Int>) {
    bytes = UnsafeRawBufferPointer(rebasing: file.bytes[range])
    owner = file
    mapped = (file, range)
    taker = nil
  }

  /// Bytes that live as long as `owner`.
  package init(borrowing bytes: UnsafeRawBufferPointer, from owner: AnyObject) {
    self.bytes = bytes
    self.owner = owner
    mapped = nil
    taker = nil
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
    guard owner == nil, let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress) else { return }
    if let taker { taker(start, bytes.count) } else { free(start) }
  }
}
