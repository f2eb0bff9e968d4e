import FCNTensor

/// What can be written of a result.
public enum OutputKind: String, Sendable, Hashable, CaseIterable {
  /// The class of each pixel: an indexed PNG with palette and class names (16-bit grey above 256 labels), or NPY.
  case labels
  /// The labels in colour over the picture: PNG or JPEG.
  case overlay
  /// The probability of each class: NPY, float32.
  case prob
  /// The image that an image-to-image network makes: PNG or JPEG.
  case image
  /// A density as the network gives it: NPY.
  case density
  /// The probability of the label chosen: NPY, float32.
  case confidence
  /// Where no border rule and no added padding touched the result, 255, and where one did, 0: a grey PNG, or NPY, uint8
  /// `[H, W]`; on the grid of the labels, or of the image or density.
  case trusted
  /// Areas and parts of the classes, the trusted rectangle, sizes, times: JSON.
  case stats

  /// File name extensions, the default first.
  public var extensions: [String] {
    switch self {
    case .labels, .trusted: ["png", "npy"]
    case .overlay, .image: ["png", "jpg", "jpeg"]
    case .prob, .density, .confidence: ["npy"]
    case .stats: ["json"]
    }
  }
}

/// Where an output goes: a kind and a file name with `{name}`, `{kind}` and `{ext}` in it, or standard output.
public struct OutputRequest: Sendable, Hashable {
  public let kind: OutputKind
  /// Nil: standard output.
  public let template: String?
  /// One of `kind.extensions`.
  public let fileExtension: String

  /// - Throws: `FCNError.usage` for an unknown placeholder or an extension that the kind is not written in.
  public init(_ kind: OutputKind, template: String?) throws(FCNError) {
    self.kind = kind
    self.template = template
    guard let template else {
      fileExtension = kind.extensions[0]
      return
    }
    try FileTemplate.check(template)
    let given = FileTemplate.fileExtension(template)
    guard let given, given != "{ext}" else {
      fileExtension = kind.extensions[0]
      return
    }
    guard kind.extensions.contains(given) else {
      let known = kind.extensions.map { "." + $0 }.joined(separator: ", ")
      throw FCNError(.usage, "\(kind.rawValue) output: expected \(known), got \(template)")
    }
    fileExtension = given
  }

  /// The file for the picture `name` (without extension); nil: standard output.
  public func path(name: String) -> String? {
    template.map { FileTemplate.expand($0, name: name, kind: kind.rawValue, fileExtension: fileExtension) }
  }
}

/// File names with placeholders.
package enum FileTemplate {
  /// - Throws: `FCNError.usage` for braces that are none of `{name} {kind} {ext}`.
  package static func check(_ template: String) throws(FCNError) {
    var rest = template
    for known in ["{name}", "{kind}", "{ext}"] {
      rest = rest.split(separator: known, omittingEmptySubsequences: false).joined()
    }
    guard !rest.contains("{"), !rest.contains("}"), !template.isEmpty else {
      throw FCNError(.usage, "template: expected {name}, {kind} and {ext} as the only braces, got \(template)")
    }
  }

  /// Placeholders in one pass: a name with braces in it is not expanded again.
  package static func expand(_ template: String, name: String, kind: String, fileExtension: String) -> String {
    let values = [("{name}", name), ("{kind}", kind), ("{ext}", fileExtension)]
    var result = ""
    var rest = template[...]
    while let first = rest.first {
      if let (key, value) = values.first(where: { rest.hasPrefix($0.0) }) {
        result += value
        rest = rest.dropFirst(key.count)
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// What follows the last dot of the last component, in lower case; nil without one.
  package static func fileExtension(_ path: String) -> String? {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
    return name[name.index(after: dot)...].lowercased()
  }

  /// Whether a file has the name.
  package static func exists(_ path: String) -> Bool { Folder.isFile(path) }

  /// The last component without its extension.
  package static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return String(name) }
    return String(name[..<dot])
  }

  /// The folder with its slash, or nothing.
  package static func folder(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }
}
