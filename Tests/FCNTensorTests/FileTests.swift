import FCNTensor
import Glibc
import Testing

/// Files are written whole or not at all, folders are listed as people count, mappings notice changes.
@Suite struct FileTests {
  private func contents(_ path: String, maps: Bool = true) throws -> [UInt8] {
    withExtendedLifetime(try MappedFile(path: path, maps: maps)) { Array($0.bytes) }
  }

  @Test func writesAndReplaces() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a"
    for content in [[], [1], Array(repeating: UInt8(7), count: 3 << 20)] as [[UInt8]] {
      try AtomicFile.write(content, to: path)
      #expect(try contents(path) == content)
      #expect(try contents(path, maps: false) == content)
    }
    #expect(try Folder.entries(of: folder.path) == ["a"])
  }

  /// A target that is a folder, a folder that is missing, a file as folder: an error with the path, nothing left.
  @Test func failureLeavesNothing() throws {
    let folder = try TemporaryFolder()
    mkdir("\(folder.path)/taken", 0o755)
    try AtomicFile.write([1, 2], to: "\(folder.path)/file")
    for name in ["taken", "missing/x", "file/x", "taken/"] {
      #expect { try AtomicFile.write([3], to: "\(folder.path)/\(name)") } throws: { error in
        guard let error = error as? TensorError else { return false }
        return error.code == .file && error.detail.contains(name)
      }
    }
    #expect(try Folder.entries(of: folder.path) == ["file", "taken"])
    #expect(try Folder.entries(of: "\(folder.path)/taken") == [])
    #expect(try contents("\(folder.path)/file") == [1, 2])
  }

  @Test func folderOrder() throws {
    let folder = try TemporaryFolder()
    let ordered = ["a", "a1b", "a01c", "in_2.npy", "in_03.npy", "in_10.npy", "in_100.npy", "in_x", "out_1"]
    for name in ordered.shuffled() { try AtomicFile.write([], to: "\(folder.path)/\(name)") }
    #expect(try Folder.entries(of: folder.path) == ordered)
    #expect { try Folder.entries(of: "\(folder.path)/none") } throws: { ($0 as? TensorError)?.code == .file }
    #expect(Folder.isFolder(folder.path) && !Folder.isFile(folder.path) && Folder.isFile("\(folder.path)/a"))
    #expect(Folder.name("/x/y.npy") == "y.npy" && Folder.name("y") == "y" && Folder.name("/x/") == "x")
  }

  @Test func changesAreNoticed() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a"
    try AtomicFile.write([1, 2, 3], to: path)
    let file = try MappedFile(path: path)
    #expect(file.isUnchanged())
    let descriptor = open(path, O_WRONLY | O_APPEND)
    #expect(write(descriptor, [4], 1) == 1)
    close(descriptor)
    #expect(!file.isUnchanged())
    #expect(withExtendedLifetime(file) { Array($0.bytes) } == [1, 2, 3])
  }

  @Test func limits() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([1, 2, 3], to: "\(folder.path)/a")
    #expect { try MappedFile(path: "\(folder.path)/a", limit: 2) } throws: { ($0 as? TensorError)?.code == .file }
    #expect(throws: TensorError.self) { try MappedFile(path: "/dev/zero") }
    let empty = "\(folder.path)/empty"
    try AtomicFile.write([], to: empty)
    #expect(try MappedFile(path: empty).bytes.count == 0)
    // Pages that are given back are read again.
    let big = "\(folder.path)/big"
    try AtomicFile.write((0..<100_000).map { UInt8(truncatingIfNeeded: $0) }, to: big)
    let file = try MappedFile(path: big)
    let storage = Storage(mapping: file, range: 100..<90_000)
    storage.releasePages()
    #expect(storage.bytes[5000] == UInt8(truncatingIfNeeded: 5100))
  }
}
