import FCNTensor
import Glibc

/// A new folder that is removed with this object.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/fcn-tensor-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TensorError(.file, "mkdtemp: \(errno)") }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit {
    for name in (try? Folder.entries(of: path)) ?? [] {
      unlink("\(path)/\(name)")
      rmdir("\(path)/\(name)")
    }
    rmdir(path)
  }
}
