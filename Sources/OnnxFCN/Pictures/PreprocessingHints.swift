package import FCNTensor

/// What one place – flags, a file, metadata, the graph – says about feeding a network. Nil: nothing.
package struct PreprocessingHints: Sendable, Hashable {
  /// For people: "model metadata onnxfcn.preprocess".
  package var source: String
  package var scaling: InputScaling?
  package var channels: [Int]?
  package var bgr: Bool?
  package var alpha: PictureOptions.Alpha?
  package var layout: PictureOptions.Layout?
  package var activation: PictureOptions.Activation?
  package var threshold: Double?
  package var classNames: [String]?
  package var outputName: String?

  package init(source: String) { self.source = source }

  package var isEmpty: Bool { self == PreprocessingHints(source: source) }
}

extension PreprocessingHints {
  /// Reads a JSON sidecar of either form.
  ///
  /// Own form, every key optional: `{"preprocess": NAME | {"mean", "std", "scale"} | {"scale", "offset"},
  /// "channels": […], "bgr", "alpha", "layout", "activation", "threshold", "classes": […], "output": NAME}`. The
  /// numbers work on 0…255: `(v·scale − mean)/std` with `scale` 1/255 unless given, or `v·scale + offset`.
  /// Hugging Face's `preprocessor_config.json` is known by its `do_…` and `image_…` keys.
  /// - Throws: `FCNError.input` naming file and key.
  package init(json: JSONValue, name: String) throws(FCNError) {
    self.init(source: name)
    guard let members = json.members else { throw FCNError(.input, "\(name): expected a JSON object") }
    if members.contains(where: { $0.key.hasPrefix("do_") || $0.key.hasPrefix("image_") || $0.key == "rescale_factor" })
    {
      try readHuggingFace(json)
      return
    }
    for member in members { try read(member) }
  }

  private mutating func read(_ member: JSONMember) throws(FCNError) {
    func wrong(_ expected: String) -> FCNError {
      FCNError(.input, "\(source): \(member.key): expected \(expected), got \(member.value.serialized().prefix(60))")
    }
    let value = member.value
    switch member.key {
    case "preprocess": scaling = try InputScaling(json: value, place: "\(source): preprocess")
    case "channels":
      let indices = value.elements?.compactMap(\.int) ?? []
      guard !indices.isEmpty, indices.count == value.elements?.count, indices.allSatisfy({ $0 >= 0 }) else {
        throw wrong("a list of channel numbers")
      }
      channels = indices
    case "bgr":
      guard let flag = value.boolean else { throw wrong("true or false") }
      bgr = flag
    case "alpha":
      guard let policy = value.text.flatMap(PictureOptions.Alpha.init(rawValue:)) else {
        throw wrong("drop, composite or keep")
      }
      alpha = policy
    case "layout":
      guard let found = value.text.flatMap(PictureOptions.Layout.init(rawValue:)) else { throw wrong("nchw or nhwc") }
      layout = found
    case "activation":
      guard let found = value.text.flatMap(PictureOptions.Activation.init(rawValue:)) else {
        throw wrong("auto, none, softmax or sigmoid")
      }
      activation = found
    case "threshold":
      guard let number = value.double, number >= 0, number <= 1 else { throw wrong("a number in 0…1") }
      threshold = number
    case "classes":
      guard let names = ClassNames.list(value) else { throw wrong("a list of names") }
      classNames = names
    case "output":
      guard let text = value.text else { throw wrong("a name") }
      outputName = text
    default: throw wrong("preprocess, channels, bgr, alpha, layout, activation, threshold, classes or output as key")
    }
  }

  /// `do_rescale` (default true), `rescale_factor` (1/255), `do_normalize`, `image_mean`, `image_std`; sizes are not
  /// followed, as nothing is resampled unless asked.
  private mutating func readHuggingFace(_ json: JSONValue) throws(FCNError) {
    func numbers(_ key: String) throws(FCNError) -> [Double]? {
      guard let value = json[key] else { return nil }
      if let single = value.double { return [single] }
      let list = value.elements?.compactMap(\.double) ?? []
      guard !list.isEmpty, list.count == value.elements?.count else {
        throw FCNError(.input, "\(source): \(key): expected numbers, got \(value.serialized().prefix(60))")
      }
      return list
    }
    let factor = json["do_rescale"]?.boolean ?? true ? json["rescale_factor"]?.double ?? 1.0 / 255 : 1
    var mean: [Double] = [0]
    var deviation: [Double] = [1]
    if json["do_normalize"]?.boolean ?? true {
      mean = try numbers("image_mean") ?? mean
      deviation = try numbers("image_std") ?? deviation
    }
    scaling = try InputScaling(factor: factor, mean: mean, deviation: deviation, place: source)
    if let flips = json["do_flip_channel_order"]?.boolean { bgr = flips }
  }
}

extension InputScaling {
  /// A name as `--preprocess` takes it (no file), or an object (see `PreprocessingHints.init(json:)`).
  package init(json: JSONValue, place: String) throws(FCNError) {
    if let text = json.text {
      try self.init(name: text, place: place)
      return
    }
    func numbers(_ key: String) throws(FCNError) -> [Double]? {
      guard let value = json[key] else { return nil }
      let list = value.double.map { [$0] } ?? value.elements?.compactMap(\.double) ?? []
      guard !list.isEmpty, list.count == value.elements?.count ?? 1, list.allSatisfy(\.isFinite) else {
        throw FCNError(.input, "\(place): \(key): expected numbers, got \(value.serialized().prefix(60))")
      }
      return list
    }
    guard json.members != nil else {
      throw FCNError(.input, "\(place): expected a name or an object, got \(json.serialized().prefix(60))")
    }
    if let offset = try numbers("offset") {
      let scale = try numbers("scale") ?? [1]
      guard scale.count == 1 || offset.count == 1 || scale.count == offset.count else {
        throw FCNError(.input, "\(place): expected as many scales as offsets, got \(scale.count) and \(offset.count)")
      }
      self = .affine(scale: scale, offset: offset)
      return
    }
    let scale = try numbers("scale") ?? [1.0 / 255]
    try self.init(
      factor: scale[0], mean: try numbers("mean") ?? [0], deviation: try numbers("std") ?? [1], place: place)
  }

  /// A name as `--preprocess` takes it, but neither `auto` nor a file.
  package init(name: String, place: String) throws(FCNError) {
    let preprocess: PictureOptions.Preprocess
    do throws(FCNError) { preprocess = try PictureOptions.Preprocess(parsing: name) } catch {
      throw FCNError(.input, "\(place): \(error.message)")
    }
    guard let scaling = InputScaling(preprocess) else {
      throw FCNError(.input, "\(place): expected a normalization, got \(name)")
    }
    self = scaling
  }
}
