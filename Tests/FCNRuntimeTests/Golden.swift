import FCNTensor
import FCNTestKit

/// Committed texts that a test must reproduce.
enum Golden {
  static func text(_ name: String) throws -> String {
    let file = try MappedFile(path: "\(Network.testdata)/golden/\(name)")
    return withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
  }

  /// The first line that differs.
  static func difference(_ text: String, _ golden: String) -> String {
    let (a, b) = (text.split(separator: "\n"), golden.split(separator: "\n"))
    for (index, (x, y)) in zip(a, b).enumerated() where x != y { return "line \(index + 1): got \(x), expected \(y)" }
    return "\(a.count) lines, expected \(b.count)"
  }
}
