import FCNTensor

/// Palettes from files: JSON `{"name": [r, g, b], …}` (labels in order), GIMP `.gpl`, or CSV `name,r,g,b` or `r,g,b`.
package enum PaletteFile {
  /// Most colours that are read.
  package static let largestCount = 65_536

  /// Reads a palette; the content tells the form.
  /// - Throws: `.format` naming file and place for anything else, a value outside 0…255, or no colour at all.
  package static func parse(_ bytes: [UInt8], name: String) throws(SegmentationError) -> Palette {
    var bytes = bytes[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    guard bytes.count <= 1 << 24, let text = String(validating: bytes, as: UTF8.self) else {
      throw SegmentationError(.format, "\(name): palette: expected UTF-8 text of at most 16 MiB")
    }
    let entries: [Entry]
    if text.hasPrefix("GIMP Palette") {
      entries = try gimp(lines(text), name)
    } else if text.first(where: { !$0.isWhitespace }) == "{" {
      entries = try json(Array(bytes), name)
    } else {
      entries = try csv(lines(text), name)
    }
    guard !entries.isEmpty, entries.count <= largestCount else {
      throw SegmentationError(.format, "\(name): palette: expected 1…\(largestCount) colours, got \(entries.count)")
    }
    let isNamed = entries.contains { !$0.name.isEmpty }
    let names = isNamed ? entries.enumerated().map { $1.name.isEmpty ? "class \($0)" : $1.name } : []
    return Palette(name: name, colors: entries.map(\.color), classNames: names)
  }

  private typealias Entry = (name: String, color: RGB)

  /// `isNewline` also takes `\r\n`, which is one Character.
  private static func lines(_ text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  }

  private static func json(_ bytes: [UInt8], _ name: String) throws(SegmentationError) -> [Entry] {
    let document: JSONValue
    do throws(TensorError) { document = try JSONValue(parsing: bytes, name: name) } catch {
      throw SegmentationError(error)
    }
    var entries: [Entry] = []
    for member in document.members ?? [] {
      let values = member.value.elements?.compactMap(\.int) ?? []
      guard values.count == 3, member.value.elements?.count == 3, let color = color(values) else {
        throw SegmentationError(
          .format,
          "\(name): colour \"\(member.key)\": expected [r, g, b] in 0…255, got \(member.value.serialized().prefix(60))")
      }
      entries.append((member.key, color))
    }
    return entries
  }

  private static func gimp(_ lines: [Substring], _ name: String) throws(SegmentationError) -> [Entry] {
    var entries: [Entry] = []
    for (index, line) in lines.enumerated().dropFirst() {
      let words = line.split(maxSplits: 3, whereSeparator: \.isWhitespace)
      guard let first = words.first, first.first != "#", !first.hasSuffix(":") else { continue }
      guard let color = color(words.prefix(3).compactMap { Int($0) }), words.count >= 3 else {
        throw SegmentationError(
          .format, "\(name): line \(index + 1): expected \"r g b name\" in 0…255, got \(line.prefix(60))")
      }
      entries.append((words.count > 3 ? trimmed(words[3]) : "", color))
    }
    return entries
  }

  private static func csv(_ lines: [Substring], _ name: String) throws(SegmentationError) -> [Entry] {
    var entries: [Entry] = []
    var isFirst = true
    for (index, line) in lines.enumerated() where !trimmed(line).isEmpty && line.first != "#" {
      let fields = try fields(line, "\(name): line \(index + 1)")
      let values = fields.suffix(3).compactMap { Int($0) }
      if let color = color(values), fields.count == 3 || fields.count == 4 {
        entries.append((fields.count == 4 ? fields[0] : "", color))
      } else if !isFirst || !values.isEmpty {
        throw SegmentationError(
          .format, "\(name): line \(index + 1): expected \"name,r,g,b\" or \"r,g,b\" in 0…255, got \(line.prefix(60))")
      }
      isFirst = false
    }
    return entries
  }

  /// The fields of a line of RFC 4180; a quoted field may hold commas and doubled quotes, not line ends.
  private static func fields(_ line: Substring, _ place: String) throws(SegmentationError) -> [String] {
    var fields = [""]
    var isQuoted = false
    var rest = line[...]
    while let character = rest.popFirst() {
      if isQuoted, character == "\"", rest.first == "\"" {
        fields[fields.count - 1].append("\"")
        rest.removeFirst()
      } else if character == "\"" {
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    guard !isQuoted else { throw SegmentationError(.format, "\(place): expected a closing quote") }
    return fields.map { trimmed($0[...]) }
  }

  private static func color(_ values: [Int]) -> RGB? {
    guard values.count == 3, values.allSatisfy((0...255).contains) else { return nil }
    return RGB(UInt8(values[0]), UInt8(values[1]), UInt8(values[2]))
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
