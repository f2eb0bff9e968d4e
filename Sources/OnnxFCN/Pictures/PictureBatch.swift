import FCNImage
package import FCNTensor
import Glibc

/// Many inputs through one network into files: one bad input does not stop the others.
package struct PictureBatch {
  package enum Existing: Sendable { case refuse, overwrite, skip }

  /// One input and the files that it becomes; a nil path is standard output.
  package struct Item: Sendable {
    package enum Source: Sendable {
      case file(String)
      case bytes([UInt8])
    }
    package var source: Source
    /// The path, or `stdin`.
    package var label: String
    package var name: String { FileTemplate.stem(label) }

    package init(file path: String) {
      source = .file(path)
      label = path
    }

    package init(standardInput bytes: [UInt8]) {
      source = .bytes(bytes)
      label = "stdin"
    }

    /// Whether it is an NPY tensor, by its content or else its name.
    package var isTensor: Bool {
      switch source {
      case .file(let path): return path.lowercased().hasSuffix(".npy")
      case .bytes(let bytes): return bytes.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59])
      }
    }
  }

  package struct File: Sendable, Hashable {
    /// A kind, or the name of a raw output.
    package var kind: String
    /// Nil: standard output.
    package var path: String?

    package init(kind: String, path: String?) {
      self.kind = kind
      self.path = path
    }
  }

  package struct Entry: Sendable {
    package enum Status: String, Sendable { case done, skipped, planned, failed }
    package var input: String
    package var status: Status
    package var files: [File] = []
    package var summary = ""
    package var notes: [String] = []
    package var error: FCNError?
    package var statistics: JSONValue?

    package init(input: String, status: Status, files: [File] = []) {
      self.input = input
      self.status = status
      self.files = files
    }

    package var json: JSONValue {
      var members = [
        JSONMember("input", .string(input)), JSONMember("status", .string(status.rawValue)),
        JSONMember("outputs", .object(files.map { JSONMember($0.kind, $0.path.map(JSONValue.string) ?? .null) })),
      ]
      if let error { members.append(JSONMember("error", error.json)) }
      if let statistics { members.append(JSONMember("result", statistics)) }
      return .object(members)
    }
  }

  /// The inputs in order: files, and the images (PNG, JPEG) of folders, sorted, not recursive.
  /// - Throws: `FCNError.input` for a path that does not exist or a folder without images.
  package static func items(_ paths: [String], standardInput: () throws(FCNError) -> [UInt8]) throws(FCNError) -> [Item]
  {
    var items: [Item] = []
    for path in paths {
      if path == "-" {
        items.append(Item(standardInput: try standardInput()))
      } else if Folder.isFolder(path) {
        let entries: [String]
        do throws(TensorError) { entries = try Folder.entries(of: path) } catch { throw FCNError(error) }
        let images = entries.filter {
          !$0.hasPrefix(".") && ["png", "jpg", "jpeg"].contains(FileTemplate.fileExtension($0) ?? "")
        }
        if images.isEmpty { throw FCNError(.input, "\(path): a folder without PNG or JPEG images") }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        items += images.map { Item(file: prefix + $0) }
      } else {
        items.append(Item(file: path))
      }
    }
    return items
  }

  /// Before anything runs: no two outputs in one file, none over an input, none over a file unless that is wanted.
  /// - Throws: `FCNError.usage`.
  package static func check(_ files: [[File]], items: [Item], existing: Existing) throws(FCNError) {
    var owner: [String: String] = [:]
    var inputs: Set<FileIdentity> = []
    for case .file(let path) in items.map(\.source) { if let identity = FileIdentity(path) { inputs.insert(identity) } }
    var toStandardOutput = 0
    for (item, list) in zip(items, files) {
      for file in list {
        guard let path = file.path else {
          toStandardOutput += 1
          continue
        }
        if let other = owner.updateValue(item.label, forKey: path) {
          let what = other == item.label ? "two outputs of \(other)" : "\(other) and \(item.label)"
          throw FCNError(.usage, "\(path): \(what) would be written there; use {name} and {kind}")
        }
        if let identity = FileIdentity(path) {
          if inputs.contains(identity) { throw FCNError(.usage, "\(path): an input, which no output may replace") }
          if existing == .refuse {
            throw FCNError(.usage, "\(path): exists already; --overwrite replaces, --resume skips it")
          }
        }
      }
    }
    if toStandardOutput > 1 { throw FCNError(.usage, "-o -: expected one input, got \(items.count)") }
  }

  package static func isFolder(_ path: String) -> Bool { Folder.isFolder(path) }

  /// Whether every file of an item is there already.
  package static func isDone(_ files: [File]) -> Bool {
    !files.isEmpty && files.allSatisfy { $0.path.map { FileIdentity($0) != nil } ?? false }
  }

  /// Writes a file whole or not at all, making its folder if there is none.
  package static func write(_ bytes: [UInt8], to path: String) throws(FCNError) {
    let folder = FileTemplate.folder(path)
    if !folder.isEmpty, !Folder.isFolder(folder) {
      var made = folder.hasPrefix("/") ? "/" : ""
      for part in folder.split(separator: "/") {
        made += part + "/"
        if mkdir(made, 0o777) != 0, errno != EEXIST {
          throw FCNError(.usage, "\(made): \(String(cString: strerror(errno)))")
        }
      }
    }
    do throws(TensorError) { try AtomicFile.write(bytes, to: path) } catch {
      throw FCNError(writing: error)
    }
  }
}

/// Which file a path leads to.
private struct FileIdentity: Hashable {
  let device: UInt
  let number: UInt

  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    device = UInt(info.st_dev)
    number = UInt(info.st_ino)
  }
}
