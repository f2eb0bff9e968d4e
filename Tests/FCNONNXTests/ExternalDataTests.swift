import FCNONNX
import FCNTensor
import Glibc
import Testing

/// A folder that is removed with this object.
final class ScratchFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/fcn-onnx-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw TensorError(.file, "mkdtemp") }
    path = String(cString: made)
  }

  func write(_ name: String, _ bytes: [UInt8]) throws { try AtomicFile.write(bytes, to: "\(path)/\(name)") }

  deinit { ScratchFolder.remove(path) }

  /// Links are removed, not followed.
  private static func remove(_ path: String) {
    if unlink(path) == 0 { return }
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { remove("\(path)/\(name)") }
      }
      closedir(folder)
    }
    rmdir(path)
  }
}

@Suite struct ExternalDataTests {
  private func model(_ entries: [(String, String)], dims: [Int] = [2]) -> [UInt8] {
    WireWriter.model { graph in
      graph.message(5) { tensor in
        tensor.tensorHead("w", type: 1, dims: dims)
        for (key, value) in entries {
          tensor.message(13) {
            $0.text(1, key)
            $0.text(2, value)
          }
        }
        tensor.number(14, 1)
      }
    }
  }

  private func load(_ folder: ScratchFolder, _ entries: [(String, String)], dims: [Int] = [2]) throws -> HostTensor {
    try folder.write("m.onnx", model(entries, dims: dims))
    let file = try ModelFile(path: "\(folder.path)/m.onnx")
    return try file.tensor(file.model.graph.initializers[0])
  }

  private func code(_ folder: ScratchFolder, _ entries: [(String, String)], dims: [Int] = [2]) -> ONNXError.Code? {
    do { _ = try load(folder, entries, dims: dims) } catch { return (error as? ONNXError)?.code }
    return nil
  }

  @Test func readsASpanOfTheFile() throws {
    let folder = try ScratchFolder()
    try folder.write("m.data", rawBytes([Float(9), 1, 2, 3]))
    let offset = [("location", "m.data"), ("offset", "4")]
    #expect(try load(folder, offset + [("length", "8")]).doubles() == [1, 2])
    #expect(try load(folder, offset + [("checksum", "0")]).doubles() == [1, 2])
    #expect(try load(folder, [("location", "./m.data")]).doubles() == [9, 1])
    #expect(try load(folder, [("location", "m.data"), ("length", "8")]).storage.isMapped)
  }

  @Test func readsFromSubfolders() throws {
    let folder = try ScratchFolder()
    mkdir("\(folder.path)/sub", 0o777)
    try folder.write("sub/m.data", rawBytes([Float(9), 1]))
    #expect(try load(folder, [("location", "sub/m.data")]).doubles() == [9, 1])
  }

  @Test(arguments: [
    "/etc/passwd", "../m.data", "sub/../../m.data", "sub/..", "a\\b", "a\0b", "", ".", "sub//m.data", "m.data/",
    "..", "/", "sub/.",
  ])
  func refusesPathsBeforeLookingForThem(_ location: String) throws {
    #expect(code(try ScratchFolder(), [("location", location)]) == .unsafe)
  }

  @Test func refusesLinksAndSpecialFiles() throws {
    let folder = try ScratchFolder()
    let outside = try ScratchFolder()
    try outside.write("secret", rawBytes([Float(1), 2]))
    symlink("\(outside.path)/secret", "\(folder.path)/link")
    symlink(outside.path, "\(folder.path)/sub")
    link("\(outside.path)/secret", "\(folder.path)/hard")
    mkfifo("\(folder.path)/pipe", 0o600)
    mkdir("\(folder.path)/folder", 0o700)
    for name in ["link", "sub/secret", "hard", "pipe", "folder", "pipe/x"] {
      #expect(code(folder, [("location", name)]) == .unsafe, "\(name)")
    }
    #expect(code(folder, [("location", "absent")]) == .file)
    #expect(code(folder, [("location", "absent/x")]) == .file)
  }

  @Test func hardLinksAreAllowedOnRequest() throws {
    let folder = try ScratchFolder()
    try folder.write("data", rawBytes([Float(1), 2]))
    link("\(folder.path)/data", "\(folder.path)/hard")
    try folder.write("m.onnx", model([("location", "hard")]))
    var limits = LoaderLimits()
    limits.allowsHardLinks = true
    let file = try ModelFile(path: "\(folder.path)/m.onnx", limits: limits)
    #expect(try file.tensor(file.model.graph.initializers[0]).doubles() == [1, 2])
  }

  @Test func refusesBadKeysAndRanges() throws {
    let folder = try ScratchFolder()
    try folder.write("d", rawBytes([Float(9), 1, 2, 3]))
    let base = [("location", "d")]
    for extra in [
      ("offset", "12"), ("offset", "-1"), ("offset", "0x4"), ("offset", ""), ("offset", "9223372036854775807"),
      ("offset", "99999999999999999999"), ("length", "4"), ("length", "9"), ("basepath", "/"), ("location", "d"),
      ("offset", " 4"), ("offset", "+4"),
    ] {
      #expect(code(folder, base + [extra]) == .invalid, "\(extra)")
    }
    #expect(code(folder, base, dims: [5]) == .invalid)
    #expect(code(folder, [("offset", "0")]) == .unsafe)
  }

  @Test func modelsFromMemoryNeedAFolder() throws {
    let folder = try ScratchFolder()
    try folder.write("d", rawBytes([Float(9), 1]))
    let bytes = model([("location", "d")])
    let alone = try ModelFile(bytes: bytes)
    #expect(throws: ONNXError.self) { try alone.tensor(alone.model.graph.initializers[0]) }
    let file = try ModelFile(bytes: bytes, folder: folder.path)
    #expect(try file.tensor(file.model.graph.initializers[0]).doubles() == [9, 1])
  }

  @Test func noticesChangesAndBindsTheDigestToExternalData() throws {
    let folder = try ScratchFolder()
    try folder.write("d", rawBytes([Float(9), 1]))
    try folder.write("m.onnx", model([("location", "d")]))
    let file = try ModelFile(path: "\(folder.path)/m.onnx")
    let before = try file.digests()
    #expect(before.files.map(\.path) == ["\(folder.path)/m.onnx", "d"])
    #expect(file.isUnchanged)
    let descriptor = open("\(folder.path)/d", O_WRONLY | O_APPEND)
    #expect(Glibc.write(descriptor, "x", 1) == 1)
    close(descriptor)
    #expect(!file.isUnchanged)
    let after = try ModelFile(path: "\(folder.path)/m.onnx").digests()
    #expect(after.files[0].sha256 == before.files[0].sha256)
    #expect(after.files[1].sha256 != before.files[1].sha256)
    #expect(after.combined != before.combined)
  }
}
