/// Text of an HTML page. Names come from files, so every string is escaped.
enum HTMLText {
  /// Safe in text and in quoted attributes; control and format characters (direction marks among them) become visible.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case _ where isHidden(scalar): result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }

  /// At most `limit` characters: the beginning, `…` and the end.
  static func shortened(_ text: String, _ limit: Int) -> String {
    let scalars = Array(text.unicodeScalars.prefix(4096))
    guard scalars.count > limit, limit > 4 else { return text }
    let tail = limit / 2
    var result = ""
    result.unicodeScalars.append(contentsOf: scalars.prefix(limit - tail - 1))
    result += "…"
    result.unicodeScalars.append(contentsOf: Array(text.unicodeScalars.suffix(tail)))
    return result
  }

  /// The name of a node, tensor or file.
  static func name(_ text: String) -> String {
    var result = ""
    for character in escaped(shortened(text, 160)) {
      result.append(character)
      // Long names may break behind their parts.
      if character == "/" || character == "_" || character == "." || character == ":" { result += "<wbr>" }
    }
    return "<code>\(result)</code>"
  }

  /// `a`, `a and b`, `a, b and c`.
  static func list(_ parts: [String]) -> String {
    guard parts.count > 1, let last = parts.last else { return parts.first ?? "" }
    return parts.dropLast().joined(separator: ", ") + " and " + last
  }

  /// A table with a header row; cells are HTML. Columns in `numeric` are set flush right.
  static func table(_ head: [String], _ rows: [[String]], numeric: Set<Int> = [], caption: String = "") -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      let inner = cells.enumerated().map { index, cell in
        let scope = tag == "th" ? " scope=\"col\"" : ""
        return "<\(tag)\(scope)\(numeric.contains(index) ? " class=\"n\"" : "")>\(cell)</\(tag)>"
      }
      return "<tr>" + inner.joined() + "</tr>"
    }
    let title = caption.isEmpty ? "" : "<caption>\(caption)</caption>"
    let body = rows.map { row($0, "td") }.joined(separator: "\n")
    return
      "<div class=\"scroll\"><table>\(title)<thead>\(row(head, "th"))</thead><tbody>\n\(body)\n</tbody></table></div>\n"
  }
}
