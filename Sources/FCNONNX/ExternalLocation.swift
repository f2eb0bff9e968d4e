/// The `external_data` entry of a tensor, checked: a relative path inside the model's folder and a byte range.
struct ExternalLocation {
  /// The path's components, none of them empty, `.` or `..`.
  let components: [String]
  var path: String { components.joined(separator: "/") }
  let offset: Int
  /// Nil: not given.
  let length: Int?

  /// - Throws: `ONNXError.unsafe` for a path that could leave the folder, `.invalid` for unknown keys and bad numbers.
  init(_ entries: [(key: String, value: String)]) throws(ONNXError) {
    var values: [String: String] = [:]
    for (key, value) in entries {
      guard ["location", "offset", "length", "checksum"].contains(key) else {
        throw ONNXError(.invalid, "external_data: unknown key \(key.debugDescription)")
      }
      guard values.updateValue(value, forKey: key) == nil else {
        throw ONNXError(.invalid, "external_data: \(key) is given twice")
      }
    }
    components = try ExternalLocation.components(values["location"] ?? "")
    offset = try ExternalLocation.number(values["offset"], "offset") ?? 0
    length = try ExternalLocation.number(values["length"], "length")
  }

  /// Looks at the text alone; whether the file exists is asked later.
  private static func components(_ location: String) throws(ONNXError) -> [String] {
    func refused(_ why: String) -> ONNXError {
      ONNXError(.unsafe, "external_data location \(location.debugDescription): \(why)")
    }
    if location.isEmpty { throw refused("expected a path") }
    if location.utf8.count > 4096 { throw ONNXError(.unsafe, "external_data location: more than 4096 bytes") }
    if location.utf8.contains(0) { throw refused("contains NUL") }
    if location.utf8.contains(UInt8(ascii: "\\")) { throw refused("contains a backslash") }
    if location.utf8.first == UInt8(ascii: "/") { throw refused("expected a relative path") }
    let parts = location.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { String($0)! }
    if parts.contains("..") { throw refused("leaves the model's folder") }
    if parts.contains("") { throw refused("has an empty component") }
    let result = parts.filter { $0 != "." }
    if result.isEmpty || parts.last == "." { throw refused("expected a file") }
    return result
  }

  private static func number(_ text: String?, _ key: String) throws(ONNXError) -> Int? {
    guard let text else { return nil }
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text) else {
      throw ONNXError(.invalid, "external_data \(key): expected a number ≥ 0, got \(text.prefix(40).debugDescription)")
    }
    return value
  }
}
