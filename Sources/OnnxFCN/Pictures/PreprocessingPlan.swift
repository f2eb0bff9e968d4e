package import FCNGraph
package import FCNImage
package import FCNSegmentation
package import FCNTensor

/// How pictures go into one network and how its output is read: settled from flags, files, metadata, graph, defaults.
package struct PreprocessingPlan: Sendable {
  package private(set) var scaling: InputScaling
  /// Where the scaling came from.
  package private(set) var source: String
  /// Whether the scaling is only assumed.
  package private(set) var isAssumed: Bool
  package let channels: [Int]?
  package let bgr: Bool
  package let alpha: AlphaPolicy
  package let activation: ActivationOption
  package let threshold: Double
  package let classNames: [String]
  /// Whether the names come from the caller, so that a wrong number of them is an error.
  package let areNamesGiven: Bool
  package let outputName: String?

  /// Searches in this order, field by field: options, the file that they name, `preprocessor_config.json` and
  /// `MODEL.onnx.json` beside the model, the model's metadata, the graph, and last `assumed`.
  /// - Parameters:
  ///   - path: the model's file, or nil if it has none.
  ///   - assumed: the scaling when nothing is known; nil: there is no default.
  /// - Throws: `FCNError.input` for a damaged file, without any default, or with one if `options.isStrict`.
  package init(
    graph: Graph, path: String?, input: PictureInput, options: PictureOptions, assumed: InputScaling?
  ) throws(FCNError) {
    let places = try PreprocessingPlan.places(graph, path, input, options)
    func first<T>(_ field: (PreprocessingHints) -> T?) -> T? { places.lazy.compactMap(field).first }
    channels = first(\.channels)
    bgr = first(\.bgr) ?? false
    alpha = AlphaPolicy(rawValue: (first(\.alpha) ?? .drop).rawValue) ?? .drop
    activation = ActivationOption(rawValue: (first(\.activation) ?? .auto).rawValue) ?? .auto
    threshold = first(\.threshold) ?? 0.5
    classNames = first(\.classNames) ?? []
    areNamesGiven = options.classNames != nil
    outputName = first(\.outputName)
    if let place = places.first(where: { $0.scaling != nil }), let found = place.scaling {
      (scaling, source, isAssumed) = (found, place.source, false)
      return
    }
    guard let assumed else {
      throw FCNError(
        .input, "input \(input.name): nothing says how \(input.channels) channels are scaled; say --preprocess")
    }
    (scaling, source, isAssumed) = (assumed, "default", true)
    if options.isStrict {
      throw FCNError(.input, "preprocessing \(assumed) would be assumed, which --strict forbids; say --preprocess")
    }
  }

  /// One line: what is done, and who says so.
  package var line: String {
    let order = bgr ? ", blue first" : ""
    return isAssumed
      ? "assumed preprocessing: \(scaling)\(order) (no flag, sidecar, metadata or graph says; set it by --preprocess)"
      : "preprocessing: \(scaling)\(order), from \(source)"
  }

  package var json: JSONValue {
    [
      "scaling": .string(scaling.description), "source": .string(source), "assumed": .bool(isAssumed),
      "bgr": .bool(bgr), "alpha": .string(alpha.rawValue), "threshold": .number(threshold),
      "classes": .array(classNames.map(JSONValue.string)),
    ]
  }

  private static func places(
    _ graph: Graph, _ path: String?, _ input: PictureInput, _ options: PictureOptions
  ) throws(FCNError) -> [PreprocessingHints] {
    var flags = PreprocessingHints(source: "the options")
    flags.scaling = InputScaling(options.preprocess)
    flags.channels = options.channels
    flags.bgr = options.bgr
    flags.alpha = options.alpha
    flags.activation = options.activation
    flags.threshold = options.threshold
    flags.classNames = options.classNames
    flags.outputName = options.outputName
    var places = [flags]
    places += try sidecarHints(path, options)
    places += try PreprocessingHints.metadata(graph.metadata)
    places.append(.graph(graph, input: graph.inputs[input.index]))
    return places
  }

  /// The file that the options name, then the files beside the model.
  package static func sidecarHints(_ path: String?, _ options: PictureOptions) throws(FCNError) -> [PreprocessingHints]
  {
    var places: [PreprocessingHints] = []
    if case .file(let file) = options.preprocess { places.append(try read(file)) }
    if let path { places += try sidecars(path) }
    return places
  }

  private static func sidecars(_ path: String) throws(FCNError) -> [PreprocessingHints] {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var found: [PreprocessingHints] = []
    let config = folder + "preprocessor_config.json"
    if Folder.isFile(config) {
      var hints = try read(config)
      if Folder.isFile(folder + "config.json"), let names = try? document(folder + "config.json")["id2label"] {
        hints.classNames = hints.classNames ?? ClassNames.list(names)
      }
      found.append(hints)
    }
    if Folder.isFile(path + ".json") { found.append(try read(path + ".json")) }
    return found
  }

  private static func read(_ file: String) throws(FCNError) -> PreprocessingHints {
    try PreprocessingHints(json: try document(file), name: file)
  }

  private static func document(_ file: String) throws(FCNError) -> JSONValue {
    let bytes = try FileBytes.read(file)
    do throws(TensorError) {
      return try JSONValue(parsing: bytes, name: file)
    } catch { throw FCNError(error) }
  }
}
