import FCNImage
import FCNTensor

extension PreprocessingHints {
  /// What `metadata_props` says, own namespace first, then ONNX `Image.*`, then the keys of QGIS Deepness and
  /// Ultralytics. One entry per family that says something.
  ///
  /// - `onnxfcn.preprocess` (a name or a JSON object), `onnxfcn.classes`, `onnxfcn.threshold`.
  /// - `Image.BitmapPixelFormat` and `Image.NominalPixelRange` (onnx `docs/MetadataProps.md`); keys and values
  ///   whatever their case; without a range 0…255, as WinML has it.
  /// - Deepness: `class_names`, `seg_thresh`, `standardization_mean`, `standardization_std`; pictures go in as 0…1.
  /// - Ultralytics: `names` with `stride` or `task`; pictures go in as 0…1.
  /// - Throws: `FCNError.invalidModel` for a value of `onnxfcn.*` that cannot be read; other families are skipped then.
  package static func metadata(_ entries: [(key: String, value: String)]) throws(FCNError) -> [PreprocessingHints] {
    func value(_ key: String) -> String? { entries.last { $0.key == key }?.value }
    let families = [
      try own(value), image(entries), deepness(value), ultralytics(value),
    ]
    return families.filter { !$0.isEmpty }
  }

  private static func own(_ value: (String) -> String?) throws(FCNError) -> PreprocessingHints {
    var hints = PreprocessingHints(source: "model metadata onnxfcn.*")
    do throws(FCNError) {
      if let text = value("onnxfcn.preprocess") { hints.scaling = try scaling(text) }
    } catch { throw FCNError(.invalidModel, error.message) }
    if let text = value("onnxfcn.classes") {
      guard let names = ClassNames.parse(text) else {
        throw FCNError(.invalidModel, "metadata onnxfcn.classes: expected a list of names, got \(text.prefix(60))")
      }
      hints.classNames = names
    }
    if let text = value("onnxfcn.threshold") {
      guard let threshold = Double(text), threshold >= 0, threshold <= 1 else {
        throw FCNError(.invalidModel, "metadata onnxfcn.threshold: expected a number in 0…1, got \(text.prefix(60))")
      }
      hints.threshold = threshold
    }
    return hints
  }

  private static func scaling(_ text: String) throws(FCNError) -> InputScaling {
    let place = "metadata onnxfcn.preprocess"
    guard text.first == "{" else { return try InputScaling(name: text, place: place) }
    do throws(TensorError) {
      let json = try JSONValue(parsing: text, name: place)
      do throws(FCNError) { return try InputScaling(json: json, place: place) } catch {
        throw TensorError(.format, error.message)
      }
    } catch { throw FCNError(error) }
  }

  private static func image(_ entries: [(key: String, value: String)]) -> PreprocessingHints {
    func value(_ key: String) -> String? { entries.last { $0.key.lowercased() == key }?.value.lowercased() }
    var hints = PreprocessingHints(source: "model metadata Image.*")
    let format = value("image.bitmappixelformat")
    let range = value("image.nominalpixelrange")
    guard format != nil || range != nil else { return hints }
    if let format { hints.bgr = format.hasPrefix("bgr") }
    switch range {
    case "normalized_0_1": hints.scaling = .named(.unit)
    case "normalized_1_1": hints.scaling = .named(.minus1)
    case "nominalrange_16_235": hints.scaling = .affine(scale: [219.0 / 255], offset: [16])
    case "nominalrange_0_255", nil: hints.scaling = .bytes
    default: break
    }
    return hints
  }

  private static func deepness(_ value: (String) -> String?) -> PreprocessingHints {
    var hints = PreprocessingHints(source: "model metadata of QGIS Deepness")
    guard value("class_names") != nil || value("model_type") != nil else { return hints }
    hints.classNames = value("class_names").flatMap(ClassNames.parse)
    hints.threshold = value("seg_thresh").flatMap { Double($0) }.flatMap { $0 >= 0 && $0 <= 1 ? $0 : nil }
    func numbers(_ key: String) -> [Double]? {
      guard let text = value(key), let json = try? JSONValue(parsing: text, name: key) else { return nil }
      let list = json.elements?.compactMap(\.double) ?? []
      return list.isEmpty || list.count != json.elements?.count ? nil : list
    }
    hints.scaling = try? InputScaling(
      factor: 1.0 / 255, mean: numbers("standardization_mean") ?? [0], deviation: numbers("standardization_std") ?? [1],
      place: hints.source)
    return hints
  }

  private static func ultralytics(_ value: (String) -> String?) -> PreprocessingHints {
    var hints = PreprocessingHints(source: "model metadata of Ultralytics")
    guard let names = value("names").flatMap(ClassNames.parse) else { return hints }
    hints.classNames = names
    if value("stride") != nil || value("task") != nil { hints.scaling = .named(.unit) }
    return hints
  }
}
