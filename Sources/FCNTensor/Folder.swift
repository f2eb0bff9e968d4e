import Glibc

/// Names in the file system.
package enum Folder {
  /// Entries of a folder without `.` and `..`, sorted: runs of digits by value, everything else by code point.
  /// - Throws: `TensorError.file` if it cannot be read.
  package static func entries(of path: String) throws(TensorError) -> [String] {
    guard let stream = opendir(path) else { throw TensorError(.file, "\(path): \(String(cString: strerror(errno)))") }
    defer { closedir(stream) }
    var result: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { result.append(name) }
    }
    return result.sorted { key($0).lexicographicallyPrecedes(key($1)) }
  }

  /// `in_2` before `in_10`: digits as (length, digits).
  private static func key(_ name: String) -> [UInt8] {
    var result: [UInt8] = []
    var digits: [UInt8] = []
    func flush() {
      let trimmed = digits.drop { $0 == 48 }
      if !digits.isEmpty { result += [48, UInt8(min(255, trimmed.count))] + trimmed }
      digits = []
    }
    for byte in name.utf8 {
      if (48...57).contains(byte) { digits.append(byte) } else { flush(); result.append(byte) }
    }
    flush()
    return result
  }

  /// Makes a folder; one that is there already is left as it is.
  /// - Throws: `TensorError.file`.
  package static func make(_ path: String) throws(TensorError) {
    if mkdir(path, 0o777) != 0 && !(errno == EEXIST && isFolder(path)) {
      throw TensorError(.file, "\(path): \(String(cString: strerror(errno)))")
    }
  }

  package static func isFolder(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
  }

  package static func isFile(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
  }

  /// The last component.
  package static func name(_ path: String) -> String {
    String(path.split(separator: "/").last ?? Substring(path))
  }
}
