import Glibc

/// Writes a file whole or not at all: beside its place, then renamed over it. A device or a pipe is written to as it
/// is.
package enum AtomicFile {
  /// - Throws: `TensorError.file` if the folder cannot be written; nothing is left behind.
  package static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(TensorError) {
    let isStream = isStream(path)
    let target = isStream ? path : "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).part"
    let descriptor = open(target, isStream ? O_WRONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw TensorError(.file, "\(path): \(String(cString: strerror(errno)))") }
    var done = 0
    var failure: Int32 = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 {
        failure = count == 0 ? EIO : errno
        break
      }
      done += count
    }
    if close(descriptor) != 0 && failure == 0 { failure = errno }
    if !isStream && failure == 0 && rename(target, path) != 0 { failure = errno }
    if failure != 0 {
      if !isStream { unlink(target) }
      throw TensorError(isFull(failure) ? .space : .file, "\(path): \(String(cString: strerror(failure)))")
    }
  }

  /// Whether something that is neither file nor folder has the name: it must not be replaced by a file.
  private static func isStream(_ path: String) -> Bool {
    var info = stat()
    guard stat(path, &info) == 0 else { return false }
    return info.st_mode & S_IFMT != S_IFREG && info.st_mode & S_IFMT != S_IFDIR
  }

  /// Whether a write failed for want of room.
  private static func isFull(_ code: Int32) -> Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }

  package static func write(_ bytes: [UInt8], to path: String) throws(TensorError) {
    var failure: TensorError?
    bytes.withUnsafeBytes { buffer in
      do throws(TensorError) { try write(buffer, to: path) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
