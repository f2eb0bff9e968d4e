import Glibc

/// A regular file, mapped read-only for as long as this object lives, or read into memory.
///
/// The file must not change while it is mapped; `isUnchanged()` compares size and modification time.
package final class MappedFile: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer
  private let descriptor: Int32
  private let size: Int
  private let modified: timespec
  private let isMapped: Bool

  /// - Throws: `TensorError.file` if the path is missing, not a regular file, unreadable, or larger than `limit` bytes.
  package convenience init(path: String, limit: Int = .max, maps: Bool = true) throws(TensorError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw TensorError(.file, "\(path): \(String(cString: strerror(errno)))") }
    try self.init(descriptor: descriptor, name: path, limit: limit, maps: maps)
  }

  /// Takes ownership of an open descriptor; `name` is for messages.
  package init(descriptor: Int32, name: String, limit: Int = .max, maps: Bool = true) throws(TensorError) {
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw TensorError(.file, "\(name): expected a regular file")
    }
    size = Int(info.st_size)
    modified = info.st_mtim
    self.descriptor = descriptor
    guard size <= limit else {
      close(descriptor)
      throw TensorError(.file, "\(name): expected at most \(limit) bytes, got \(size)")
    }
    isMapped = maps && size > 0
    if isMapped {
      guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
        close(descriptor)
        throw TensorError(.memory, "\(name): cannot map \(size) bytes")
      }
      bytes = UnsafeRawBufferPointer(start: base, count: size)
    } else {
      guard let base = malloc(max(size, 1)) else {
        close(descriptor)
        throw TensorError(.memory, "\(name): cannot allocate \(size) bytes")
      }
      var done = 0
      while done < size {
        let count = pread(descriptor, base + done, size - done, off_t(done))
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { break }
        done += count
      }
      guard done == size else {
        free(base)
        close(descriptor)
        throw TensorError(.file, "\(name): expected \(size) bytes, read \(done)")
      }
      bytes = UnsafeRawBufferPointer(start: base, count: size)
    }
  }

  /// Whether size and modification time are those at opening.
  package func isUnchanged() -> Bool {
    var info = stat()
    return fstat(descriptor, &info) == 0 && Int(info.st_size) == size
      && info.st_mtim.tv_sec == modified.tv_sec && info.st_mtim.tv_nsec == modified.tv_nsec
  }

  /// Gives the pages of a byte range back to the system; the mapping stays readable.
  package func releasePages(_ range: Range<Int>) {
    guard isMapped else { return }
    let page = Int(getpagesize())
    let first = (range.lowerBound + page - 1) / page * page
    let last = range.upperBound / page * page
    guard first < last else { return }
    madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress! + first), last - first, MADV_DONTNEED)
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), size)
    } else {
      free(UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
    close(descriptor)
  }
}
