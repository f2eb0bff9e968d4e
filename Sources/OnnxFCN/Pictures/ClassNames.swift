package import FCNTensor

/// Names of labels from the forms in which models and users carry them.
package enum ClassNames {
  /// Most names that are read.
  package static let largestCount = 65_536

  /// A JSON list of names, or an object from label number to name with every label from 0 on. Nil for anything else.
  package static func list(_ value: JSONValue) -> [String]? {
    if let elements = value.elements {
      let names = elements.compactMap(\.text)
      return names.count == elements.count && !names.isEmpty && names.count <= largestCount ? names : nil
    }
    guard let members = value.members, !members.isEmpty, members.count <= largestCount else { return nil }
    var names: [Int: String] = [:]
    for member in members {
      guard let label = Int(member.key), let name = member.value.text else { return nil }
      names[label] = name
    }
    let ordered = (0..<members.count).compactMap { names[$0] }
    return ordered.count == members.count ? ordered : nil
  }

  /// JSON, a Python dictionary or list of quoted names (`{0: 'person', 1: 'car'}`), or names with commas between.
  package static func parse(_ text: String) -> [String]? {
    let trimmed = trim(text[...])
    if let first = trimmed.first, first == "{" || first == "[" {
      if let json = try? JSONValue(parsing: trimmed, name: "names") { return list(json) }
      return python(trimmed)
    }
    let names = trimmed.split(separator: ",", omittingEmptySubsequences: false).map { trim($0) }
    return names.count <= largestCount && names.allSatisfy { !$0.isEmpty } ? names : nil
  }

  /// As `--classes` has it: names with commas between, or a file with JSON or one name per line.
  /// - Throws: `FCNError.usage` for neither, `.input` for a damaged file.
  package static func read(_ argument: String) throws(FCNError) -> [String] {
    guard Folder.isFile(argument) else {
      guard let names = parse(argument), argument.contains(",") || !argument.contains("/") else {
        throw FCNError(.usage, "classes: expected a file or names with commas between, got \(argument)")
      }
      return names
    }
    let text = String(decoding: try FileBytes.read(argument), as: UTF8.self)
    let content = trim(text[...])
    if content.hasPrefix("{") || content.hasPrefix("[") {
      guard let names = parse(content) else {
        throw FCNError(.input, "\(argument): expected a JSON list of names or an object from label to name")
      }
      return names
    }
    let lines = content.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { trim($0) }
    guard lines.allSatisfy({ !$0.isEmpty }), lines.count <= largestCount else {
      throw FCNError(.input, "\(argument): expected one name per line, no empty lines between")
    }
    return lines
  }

  /// Quoted strings in order; keys must be the label numbers 0, 1, 2, … or absent.
  private static func python(_ text: String) -> [String]? {
    var names: [String] = []
    var rest = text.dropFirst()
    while true {
      rest = rest.drop { $0.isWhitespace || $0 == "," }
      guard let first = rest.first, first != "}", first != "]" else { break }
      if first.isNumber {
        let digits = rest.prefix(while: \.isNumber)
        guard Int(digits) == names.count else { return nil }
        rest = rest.dropFirst(digits.count).drop { $0.isWhitespace || $0 == ":" }
      }
      guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
      rest = rest.dropFirst()
      var name = ""
      while let character = rest.popFirst(), character != quote {
        if character == "\\", let next = rest.popFirst() { name.append(next) } else { name.append(character) }
      }
      names.append(name)
      if names.count > largestCount { return nil }
    }
    return names.isEmpty ? nil : names
  }

  static func trim(_ text: Substring) -> String {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
