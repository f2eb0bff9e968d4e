import FCNTensor
import Glibc
import Synchronization

/// Opens external data inside the model's folder, each file once.
///
/// Every component of the path is opened from the one before without following links, so that nothing outside the
/// folder can be reached, whatever changes meanwhile.
final class ExternalFiles: Sendable {
  private struct State {
    var root: Int32 = -1
    var opened: [(path: String, file: MappedFile)] = []
  }

  private let folder: String?
  private let limits: LoaderLimits
  private let maps: Bool
  private let state = Mutex<State>(State())

  init(folder: String?, limits: LoaderLimits, maps: Bool) {
    self.folder = folder
    self.limits = limits
    self.maps = maps
  }

  deinit { state.withLock { if $0.root >= 0 { close($0.root) } } }

  /// What was opened so far, in that order; paths are relative to the folder.
  var opened: [(path: String, file: MappedFile)] { state.withLock { $0.opened } }

  /// Exactly `byteCount` bytes of the file, shared with its mapping.
  func storage(_ location: ExternalLocation, byteCount: Int) throws(ONNXError) -> Storage {
    if let length = location.length, length != byteCount {
      throw ONNXError(.invalid, "external_data length: expected \(byteCount) (shape and type), got \(length)")
    }
    let file = try open(location)
    let (end, overflow) = location.offset.addingReportingOverflow(byteCount)
    guard !overflow, end <= file.bytes.count else {
      throw ONNXError(
        .invalid,
        "external_data \(location.path): offset \(location.offset) and \(byteCount) bytes exceed the file of "
          + "\(file.bytes.count)")
    }
    return Storage(mapping: file, range: location.offset..<end)
  }

  @discardableResult
  func open(_ location: ExternalLocation) throws(ONNXError) -> MappedFile {
    try state.withLock { (state) throws(ONNXError) in
      if let known = state.opened.first(where: { $0.path == location.path }) { return known.file }
      let descriptor = try descriptor(location, &state)
      let file: MappedFile
      do throws(TensorError) {
        file = try MappedFile(descriptor: descriptor, name: "external data \(location.path)", maps: maps)
      } catch { throw ONNXError(error) }
      state.opened.append((location.path, file))
      return file
    }
  }

  private func descriptor(_ location: ExternalLocation, _ state: inout State) throws(ONNXError) -> Int32 {
    let root = try openRoot(&state)
    var current = root
    for component in location.components.dropLast() {
      let next = openat(current, component, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      let failure = errno
      if current != root { close(current) }
      guard next >= 0 else { throw refused(location.path, failure) }
      current = next
    }
    let result = openat(current, location.components.last!, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    let failure = errno
    if current != root { close(current) }
    guard result >= 0 else { throw refused(location.path, failure) }
    do throws(ONNXError) { try check(result, location.path) } catch {
      close(result)
      throw error
    }
    return result
  }

  private func check(_ descriptor: Int32, _ path: String) throws(ONNXError) {
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw ONNXError(.unsafe, "external data \(path): expected a regular file")
    }
    guard limits.allowsHardLinks || info.st_nlink <= 1 else {
      throw ONNXError(.unsafe, "external data \(path): expected a file with one name, got \(info.st_nlink) hard links")
    }
  }

  private func openRoot(_ state: inout State) throws(ONNXError) -> Int32 {
    if state.root >= 0 { return state.root }
    guard let folder else {
      throw ONNXError(.unsafe, "external data: a model from memory has no folder; give one to allow it")
    }
    state.root = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard state.root >= 0 else { throw ONNXError(.file, "\(folder): \(String(cString: strerror(errno)))") }
    return state.root
  }

  /// Linux says ENOTDIR for a link in the middle of the path and ELOOP for one at its end.
  private func refused(_ path: String, _ failure: Int32) -> ONNXError {
    if failure == ELOOP || failure == ENOTDIR {
      return ONNXError(.unsafe, "external data \(path): links are not followed")
    }
    return ONNXError(.file, "external data \(path): \(String(cString: strerror(failure)))")
  }
}
