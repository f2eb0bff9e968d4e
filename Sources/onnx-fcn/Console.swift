import Glibc
import OnnxFCN

/// Results on standard output, everything for people on standard error; plain text, no colours.
enum Console {
  /// A line on standard output.
  static func print(_ text: String) throws(FCNError) {
    try data(Array((text.hasSuffix("\n") ? text : text + "\n").utf8))
  }

  /// A line on standard error.
  static func note(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

  /// Text on standard error without a line end.
  static func status(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

  static func document(_ json: JSONText) throws(FCNError) { try print(json.text) }

  static func report(_ error: FCNError, isJSON: Bool = false) {
    note("onnx-fcn: error: \(error.message)")
    if isJSON { try? document(JSONText(error: error)) }
  }

  /// Bytes on standard output.
  static func data(_ bytes: [UInt8]) throws(FCNError) {
    guard write(bytes, to: STDOUT_FILENO) else {
      let code = errno
      throw FCNError(code == ENOSPC ? .resources : .usage, "standard output: \(String(cString: strerror(code)))")
    }
  }

  static var isErrorTerminal: Bool { isatty(STDERR_FILENO) == 1 }
  static var isOutputTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  @discardableResult
  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return false }
      done += count
    }
    return true
  }

  /// Everything on standard input.
  static func standardInput(limit: Int = 1 << 32) throws(FCNError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress!, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FCNError(.input, "standard input: \(String(cString: strerror(errno)))") }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      if bytes.count > limit { throw FCNError(.input, "standard input: expected at most \(limit) bytes") }
    }
  }
}
