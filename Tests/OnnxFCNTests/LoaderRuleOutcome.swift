import FCNTensor
import Glibc
import OnnxFCN
import Testing

/// How opening and running a model ended.
struct Outcome: CustomStringConvertible {
  /// Nil: it ran.
  let category: FCNError.Category?
  let message: String
  let seconds: Double

  /// Opens the bytes and runs them on noise of the given shape.
  init(_ bytes: [UInt8], shape: [Int], engine: Engine) {
    self.init { () throws(FCNError) in
      let model = try Model(bytes: bytes, name: "m.onnx", engine: engine)
      try Outcome.run(model, shape)
    }
  }

  init(path: String, shape: [Int] = [1, 2, 8, 8], engine: Engine) {
    self.init { () throws(FCNError) in
      let model = try Model(path: path, engine: engine)
      try Outcome.run(model, shape)
    }
  }

  private init(_ body: () throws(FCNError) -> Void) {
    let start = ContinuousClock.now
    var failure: FCNError?
    do throws(FCNError) { try body() } catch { failure = error }
    category = failure?.category
    message = failure?.message ?? ""
    let time = (ContinuousClock.now - start).components
    seconds = Double(time.seconds) + Double(time.attoseconds) * 1e-18
  }

  private static func run(_ model: Model, _ shape: [Int]) throws(FCNError) {
    var tensors: [Tensor] = []
    for port in model.inputs {
      // The declared shape may be damaged too: only its rank is followed.
      let dims = port.shape.count == shape.count || port.shape.isEmpty ? shape : port.shape.map { $0 ?? 1 }
      guard dims.allSatisfy({ (0...4096).contains($0) }), dims.reduce(1, { min($0 * $1, 1 << 30) }) <= 1 << 22 else {
        throw FCNError(.input, "the declared input is too large for a test")
      }
      let count = dims.reduce(1, *)
      switch port.elementType ?? .float32 {
      case .float32:
        tensors.append(try Tensor(shape: dims, floats: (0..<count).map { Float($0 % 17) / 8 - 1 }))
      case let type:
        let host = try? HostTensor(
          integers: (0..<count).map { Int64($0 % 7) }, elementType: .init(rawValue: type.rawValue)!, shape: Shape(dims))
        guard let host else { throw FCNError(.input, "no input") }
        tensors.append(Tensor(host))
      }
    }
    _ = try model.run(tensors)
  }

  /// Whether it ended soon; debug builds, let alone under a sanitizer, are allowed a hundred times as long.
  func isWithin(seconds limit: Double) -> Bool {
    #if DEBUG
      seconds < 100 * limit
    #else
      seconds < limit
    #endif
  }

  /// What a user sees: one line, of a category that says whose fault it is.
  var isClear: Bool {
    guard let category else { return true }
    let isKnown = [FCNError.Category.input, .unsupported, .invalidModel, .resources].contains(category)
    return isKnown && !message.isEmpty && !message.contains(where: \.isNewline)
  }

  var description: String { "\(category?.rawValue ?? "ran") in \(seconds) s: \(message)" }
}

/// A folder that is removed with this object.
final class LoaderRuleFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/onnx-fcn-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw FCNError(.input, "mkdtemp") }
    path = String(cString: made)
  }

  func write(_ name: String, _ bytes: [UInt8]) throws { try AtomicFile.write(bytes, to: "\(path)/\(name)") }

  deinit {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        if unlink("\(path)/\(name)") != 0 { rmdir("\(path)/\(name)") }
      }
      closedir(folder)
    }
    rmdir(path)
  }
}
