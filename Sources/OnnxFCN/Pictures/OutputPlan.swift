/// Which kinds are written where.
public struct OutputPlan: Sendable {
  public let requests: [OutputRequest]
  /// Raw outputs of the network: name and file template.
  public let saves: [(name: String, template: String)]

  /// - Parameters:
  ///   - outputs: as `--output` has them: `kind,kind=TEMPLATE…`; none: `defaultKind`. A template may hold
  ///     commas if no kind's name follows them.
  ///   - first: the template of the first kind, `-` for standard output, or a folder (which exists or ends in `/`):
  ///     then files are `{name}.{ext}`, or `{name}_{kind}.{ext}` if there are several kinds. Others without a template
  ///     are `{name}_{kind}.{ext}` in the same folder.
  /// - Throws: `FCNError.usage` for unknown or repeated kinds, bad templates, or several kinds on standard output.
  public init(
    outputs: [String], first: String?, saves: [(name: String, template: String)] = [], defaultKind: OutputKind,
    isFolder: (String) -> Bool
  ) throws(FCNError) {
    var wanted: [(kind: OutputKind, template: String?)] = []
    for text in outputs { wanted += try OutputPlan.parse(text) }
    if wanted.isEmpty { wanted = [(defaultKind, nil)] }
    for (index, entry) in wanted.enumerated() where wanted[..<index].contains(where: { $0.kind == entry.kind }) {
      throw FCNError(.usage, "output \(entry.kind.rawValue): given twice")
    }
    var folder = ""
    let several = "{name}_{kind}.{ext}"
    if let first {
      if let other = wanted[0].template {
        throw FCNError(.usage, "output \(wanted[0].kind.rawValue): has a template, \(other), and one by -o, \(first)")
      }
      if first == "-" {
        guard wanted.count == 1 else {
          throw FCNError(.usage, "-o -: expected one kind of output, got \(wanted.count)")
        }
        requests = [try OutputRequest(wanted[0].kind, template: nil)]
        self.saves = saves
        return
      }
      if first.hasSuffix("/") || isFolder(first) {
        folder = first.hasSuffix("/") ? first : first + "/"
        wanted[0].template = folder + (wanted.count == 1 ? "{name}.{ext}" : several)
      } else {
        folder = FileTemplate.folder(first)
        wanted[0].template = first
      }
    }
    var requests: [OutputRequest] = []
    for (kind, template) in wanted { requests.append(try OutputRequest(kind, template: template ?? folder + several)) }
    for save in saves { try FileTemplate.check(save.template) }
    self.requests = requests
    self.saves = saves
  }

  private static func parse(_ text: String) throws(FCNError) -> [(kind: OutputKind, template: String?)] {
    func kind(_ name: Substring) throws(FCNError) -> OutputKind {
      guard let kind = OutputKind(rawValue: String(name)) else {
        let known = OutputKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw FCNError(.usage, "output: expected \(known), got \(name)")
      }
      return kind
    }
    var result: [(kind: OutputKind, template: String?)] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let equals = part.firstIndex(of: "=") else {
        if OutputKind(rawValue: String(part)) == nil, let template = result.last?.template {
          result[result.count - 1].template = template + "," + part
        } else {
          result.append((try kind(part), nil))
        }
        continue
      }
      let template = String(part[part.index(after: equals)...])
      guard template != "-" else { throw FCNError(.usage, "output \(part): standard output is -o -") }
      result.append((try kind(part[..<equals]), template))
    }
    return result
  }
}
