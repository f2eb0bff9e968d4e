/// Whether a page is well-formed: every tag closed in order, attributes quoted, no bare `<` or `&`.
enum MarkupChecker {
  private static let void: Set<String> = ["meta", "br", "wbr"]
  private static let entities: Set<String> = ["amp", "lt", "gt", "quot", "#39"]

  /// The first fault, with its surroundings.
  static func fault(in page: String) -> String? {
    let text = Array(page.unicodeScalars)
    var open: [String] = []
    var index = 0
    func excerpt(_ at: Int) -> String { scalars(text[max(0, at - 40)..<min(text.count, at + 60)]) }
    while index < text.count {
      switch text[index] {
      case "&":
        let name = scalars(text[(index + 1)..<min(text.count, index + 8)].prefix { $0 != ";" })
        if !entities.contains(name) { return "bare & in \(excerpt(index))" }
        index += 1
      case "<":
        guard let end = tagEnd(text, index) else { return "a tag without end in \(excerpt(index))" }
        let tag = scalars(text[(index + 1)..<end])
        if let fault = visit(tag, &open) { return "\(fault) in \(excerpt(index))" }
        index = end + 1
        if open.last == "style" { index = closing(text, index) }
      case ">": return "bare > in \(excerpt(index))"
      default:
        if isControl(text[index]) { return "control character \(text[index].value) in \(excerpt(index))" }
        index += 1
      }
    }
    return open.isEmpty ? nil : "not closed: \(open)"
  }

  private static func scalars(_ part: some Sequence<Unicode.Scalar>) -> String {
    var result = String.UnicodeScalarView()
    result.append(contentsOf: part)
    return String(result)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control: scalar != "\n"
    case .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  /// The `>` of the tag at `start`, outside quotes.
  private static func tagEnd(_ text: [Unicode.Scalar], _ start: Int) -> Int? {
    var isQuoted = false
    for index in (start + 1)..<text.count {
      if text[index] == "\"" { isQuoted.toggle() }
      if text[index] == "<" { return nil }
      if text[index] == ">" && !isQuoted { return index }
    }
    return nil
  }

  /// The start of the `</style>` from `start` on.
  private static func closing(_ text: [Unicode.Scalar], _ start: Int) -> Int {
    let wanted = Array("</style>".unicodeScalars)
    return (start..<max(start, text.count - wanted.count)).first { Array(text[$0..<$0 + wanted.count]) == wanted }
      ?? text.count
  }

  private static func visit(_ tag: String, _ open: inout [String]) -> String? {
    if tag.hasPrefix("!DOCTYPE") { return nil }
    if tag.hasPrefix("/") {
      let name = String(tag.dropFirst())
      guard open.popLast() == name else { return "</\(name)> closes nothing" }
      return nil
    }
    let body = tag.hasSuffix("/") ? String(tag.dropLast()) : tag
    let name = String(body.prefix { $0 != " " })
    guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }), !name.isEmpty else {
      return "<\(name)> is no tag"
    }
    if let fault = attributes(String(body.dropFirst(name.count))) { return fault }
    if !tag.hasSuffix("/"), !void.contains(name) { open.append(name) }
    return nil
  }

  /// ` name="value"` any number of times.
  private static func attributes(_ text: String) -> String? {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    if parts.count == 1 { return text.allSatisfy { $0 == " " } ? nil : "attribute \(text) without value" }
    guard parts.count % 2 == 1, parts[parts.count - 1].allSatisfy({ $0 == " " }) else { return "quotes of \(text)" }
    for index in stride(from: 0, to: parts.count - 1, by: 2) {
      let name = parts[index]
      let letters = name.dropFirst().dropLast()
      guard name.hasPrefix(" "), name.hasSuffix("="), letters.allSatisfy({ $0.isLetter || $0 == "-" || $0.isNumber })
      else { return "attribute \(name)" }
    }
    return nil
  }
}
