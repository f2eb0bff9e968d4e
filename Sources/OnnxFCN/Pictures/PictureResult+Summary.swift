import FCNImage
import FCNSegmentation
package import FCNTensor

extension PictureResult {
  /// `image.png: 1000×1000 → padded 1008×1008 (bottom 8, right 8, reflect), 2 classes: background 78.1 %,
  /// nucleus 21.9 %, 0.52 s`
  public var summary: String { summary(tellsTrusted: false) }

  /// - Parameter tellsTrusted: whether it ends in the trusted rectangle.
  package func summary(tellsTrusted: Bool) -> String {
    let parts = [sizes] + grid + [contents] + (tellsTrusted ? [trusted.phrase] : []) + ["\(decimal(seconds, 2)) s"]
    return "\(name): " + parts.joined(separator: ", ")
  }

  private var sizes: String {
    var text = "\(height)×\(width)"
    let (resampled, network) = (fitted.resampled, fitted.network)
    if (resampled.height, resampled.width) != (height, width) {
      text += " → resampled \(resampled.height)×\(resampled.width)"
    }
    let (bottom, right) = (network.height - resampled.height, network.width - resampled.width)
    if bottom + right > 0 {
      let sides = [bottom > 0 ? "bottom \(bottom)" : nil, right > 0 ? "right \(right)" : nil].compactMap { $0 }
      text += " → padded \(network.height)×\(network.width) "
      text += "(\((sides + [pipeline.options.border.rawValue]).joined(separator: ", ")))"
    }
    return text
  }

  private var grid: [String] {
    let size = "\(view.height)×\(view.width)"
    guard mapping.isAligned, let scale = mapping.rows.ratio else {
      return ["output \(size) kept as it is (its place on the picture is not known)"]
    }
    if scale.up == 1, scale.down == 1 { return [] }
    return pipeline.output.meaning == .segmentation
      ? ["labels from the \(scale.description) grid \(size)"] : ["output at \(scale.description) of the size"]
  }

  private var contents: String {
    switch content {
    case .none: return "no output"
    case .segmentation(let map, _, _): return classes(map)
    case .image(let picture, let source):
      return "image \(picture.height)×\(picture.width), range by \(source)"
    case .density(_, let sum): return "density, sum \(decimal(sum, 3))"
    }
  }

  /// Shares of the classes that occur, the six largest.
  private func classes(_ map: LabelMap) -> String {
    let counts = map.histogram
    let present = counts.indices.filter { counts[$0] > 0 }
    let shown = Set(present.sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(6))
    let shares = present.filter { shown.contains($0) }.map {
      "\(map.name($0)) \(decimal(100 * Double(counts[$0]) / Double(map.labels.count), 1)) %"
    }
    let rest = present.count > shown.count ? ", … (\(present.count) occur)" : ""
    return "\(map.classCount) classes: " + shares.joined(separator: ", ") + rest
  }

  /// Sizes, preprocessing, classes, the trusted rectangle, times.
  package var statistics: JSONValue {
    var members = [
      JSONMember("name", .string(name)), JSONMember("height", .integer(height)), JSONMember("width", .integer(width)),
      JSONMember("resampled", size(fitted.resampled.height, fitted.resampled.width)),
      JSONMember("network", size(fitted.network.height, fitted.network.width)),
      JSONMember(
        "padding",
        [
          "bottom": .integer(fitted.network.height - fitted.resampled.height),
          "right": .integer(fitted.network.width - fitted.resampled.width),
          "border": .string(pipeline.options.border.rawValue),
        ]),
      JSONMember("output", outputJSON), JSONMember("preprocessing", pipeline.preprocessing.json),
    ]
    switch content {
    case .none: break
    case .segmentation(let map, _, let reading):
      members.append(JSONMember("reading", .string(reading.summary)))
      let classes = (try? ClassStatistics.all(map)) ?? []
      members.append(JSONMember("classes", .array(classes.map(\.json))))
    case .image(let picture, let source):
      members.append(JSONMember("image", size(picture.height, picture.width)))
      members.append(JSONMember("range", .string(source)))
    case .density(_, let sum): members.append(JSONMember("sum", .number(sum)))
    }
    members.append(JSONMember("trusted", trusted.json))
    members.append(JSONMember("notes", .array(notes.map(JSONValue.string))))
    members.append(JSONMember("seconds", .number(seconds)))
    return .object(members)
  }

  private var outputJSON: JSONValue {
    [
      "name": .string(pipeline.output.name), "meaning": .string(pipeline.output.meaning.rawValue),
      "height": .integer(view.height), "width": .integer(view.width), "channels": .integer(view.channels),
      "scale": mapping.isAligned ? (mapping.rows.ratio.map { .string($0.description) } ?? .null) : .null,
    ]
  }

  private func size(_ height: Int, _ width: Int) -> JSONValue {
    ["height": .integer(height), "width": .integer(width)]
  }
}

/// A number with `places` decimals, rounded half away from zero.
package func decimal(_ value: Double, _ places: Int) -> String {
  let unit = (0..<places).reduce(1.0) { product, _ in product * 10 }
  guard value.isFinite, abs(value) * unit < 1e15 else { return "\(value)" }
  let scaled = Int((abs(value) * unit).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  if places == 0 { return "\(sign)\(scaled)" }
  let digits = String(scaled % Int(unit))
  return "\(sign)\(scaled / Int(unit)).\(String(repeating: "0", count: places - digits.count))\(digits)"
}
