package import FCNGraph
import FCNImage
package import FCNSegmentation
package import FCNTensor

/// What the numbers of an output are.
package enum OutputMeaning: String, Sendable, Hashable {
  case segmentation, image, density
}

/// The output that is read, and what it means.
package struct PictureOutput: Sendable {
  /// Among the graph's outputs.
  package let index: Int
  package let name: String
  package let final: FinalOperation
  package let meaning: OutputMeaning
  /// Why, where it was not plain; for people.
  package let note: String?

  /// - Parameters:
  ///   - sized: the graph at any size that it takes, of which `height` and `width` are those of the picture input.
  ///   - wanted: the output's name, if given.
  /// - Throws: `FCNError.usage` if there is no output `wanted`, `.input` if no output is a picture.
  package init(
    _ sized: SizedGraph, input: PictureInput, height: Int, width: Int, wanted: String?, hasNames: Bool
  ) throws(FCNError) {
    let graph = sized.graph
    let names = graph.outputs.map { graph[$0].name }
    let views = graph.outputs.map { OutputView(sized.type($0).shape, input: input, height: height, width: width) }
    let index: Int
    var notes: [String] = []
    if let wanted {
      guard let found = names.firstIndex(of: wanted) else {
        throw FCNError(.usage, "output \(wanted): expected one of \(names.joined(separator: ", "))")
      }
      index = found
    } else {
      let pictures = views.indices.filter { views[$0] != nil }
      guard let first = pictures.first(where: { PictureOutput.says(names[$0], ["seg", "mask"]) }) ?? pictures.first
      else {
        let shapes = graph.outputs.map { "\(graph[$0].name) \(sized.type($0).shape)" }.joined(separator: ", ")
        throw FCNError(.input, "no output is a picture (\(shapes)); use .npy tensors")
      }
      index = first
      if names.count > 1 {
        notes.append("output \(names[first]) of \(names.joined(separator: ", ")) (another by --output-name)")
      }
    }
    guard let view = views[index] else {
      throw FCNError(
        .input, "output \(names[index]): \(sized.type(graph.outputs[index]).shape) is no picture; use .npy")
    }
    self.index = index
    name = names[index]
    final = FinalOperation(graph, output: graph.outputs[index])
    let type = sized.type(graph.outputs[index]).elementType
    let ratio = (Double(view.height) / Double(height), Double(view.width) / Double(width))
    (meaning, note) = PictureOutput.meaning(
      final, name: names[index], isFloat: type.isFloat, channels: view.channels, inputChannels: input.channels,
      isLarger: ratio.0 > 1.2 && ratio.1 > 1.2, depth: PictureOutput.depth(sized, view, height), hasNames: hasNames,
      notes)
  }

  private static func says(_ name: String, _ words: [String]) -> Bool {
    let name = name.lowercased()
    return words.contains { name.contains($0) }
  }

  /// How much the graph shrinks at its narrowest place (global pooling left out).
  private static func depth(_ sized: SizedGraph, _ view: OutputView, _ height: Int) -> Int {
    let planes = sized.types.compactMap { $0?.shape }.filter {
      $0.rank == 4 && $0[2] > 1 && $0[3] > 1 && $0[2] <= height
    }
    return planes.map { height / $0[2] }.max() ?? 1
  }

  private static func meaning(
    _ final: FinalOperation, name: String, isFloat: Bool, channels: Int, inputChannels: Int, isLarger: Bool,
    depth: Int, hasNames: Bool, _ notes: [String]
  ) -> (OutputMeaning, String?) {
    func result(_ meaning: OutputMeaning, _ reason: String? = nil) -> (OutputMeaning, String?) {
      let all =
        notes
        + (reason.map {
          ["assumed the output \"\(name)\" to be \(meaning == .image ? "an image" : "a density"): \($0)"]
        }
          ?? [])
      return (meaning, all.isEmpty ? nil : all.joined(separator: "; "))
    }
    if !isFloat || hasNames || final.kind == .argmax || final.kind == .softmax { return result(.segmentation) }
    if says(name, ["density"]) { return result(.density, "its name") }
    if channels == 1, final.kind == .nonNegative { return result(.density, "one channel that is never negative") }
    let isColor = channels == 1 || channels == 3
    if isColor, isLarger, channels == 3 || final.kind != .sigmoid {
      return result(.image, "it is larger than the input")
    }
    guard isColor, channels == inputChannels, !says(name, ["logit", "prob", "mask", "seg", "class", "score", "label"])
    else { return result(.segmentation) }
    if says(name, ["restor", "denois", "deblur", "image", "rgb"]) { return result(.image, "its name") }
    if final.addsInput { return result(.image, "it adds the input") }
    switch final.kind {
    case .tanh: return result(.image, "it ends in Tanh")
    case .clip where channels == 3: return result(.image, "it ends in Clip")
    case .sigmoid where channels == 3 && depth < 8, .linear where channels == 3 && depth < 4:
      return result(.image, "three channels in and out of a shallow network")
    case .sigmoid, .linear, .clip, .softmax, .argmax, .nonNegative, .unknown: return result(.segmentation)
    }
  }

  /// The scaling whose inverse makes stored values of an image output: by the range of the last operation, else
  /// `input`.
  package func imageScaling(input: InputScaling) -> (scaling: InputScaling, source: String) {
    guard let range = final.range else { return (input, "the inverse of the input's") }
    switch (range.low, range.high) {
    case (0, 1): return (.named(.unit), "the last operation")
    case (-1, 1): return (.named(.minus1), "the last operation")
    case let (low, high) where high - low > 20: return (.bytes, "the last operation")
    default: return (input, "the inverse of the input's")
    }
  }

  /// The scaling that is assumed of the input when nothing is known.
  package func assumedScaling(_ input: PictureInput) -> InputScaling? {
    if meaning == .image, input.channels == 3 { return final.kind == .tanh ? .named(.minus1) : .named(.unit) }
    switch input.channels {
    case 1: return .named(.unit)
    case 3: return .named(.imagenet)
    default: return nil
    }
  }
}

/// One output as a picture: its axes.
package struct OutputView: Sendable, Hashable {
  package let channels: Int
  package let height: Int
  package let width: Int
  package let hint: ChannelHint

  /// Nil if the tensor cannot be one picture of the network's grid: rank 2 to 4, batch 1, more than one pixel.
  package init?(_ shape: Shape, input: PictureInput, height: Int, width: Int) {
    let dims = shape.dims
    /// The same scale on both axes, or the same loss.
    func fits(_ h: Int, _ w: Int) -> Bool {
      let loss = (height - h) - (width - w)
      return abs(h * width - w * height) <= 2 * max(height, width) || loss == 0
    }
    let found: (Int, Int, Int, ChannelHint)?
    switch dims.count {
    case 4 where dims[0] == 1:
      let first = (dims[1], dims[2], dims[3], ChannelHint.first)
      let last = (dims[3], dims[1], dims[2], ChannelHint.last)
      let preferred = input.layout == .nchw || input.rank < 4 ? (first, last) : (last, first)
      let swaps = !fits(preferred.0.1, preferred.0.2) && fits(preferred.1.1, preferred.1.2)
      found = swaps ? preferred.1 : preferred.0
    case 3 where dims[0] == 1 && fits(dims[1], dims[2]): found = (1, dims[1], dims[2], .none)
    case 3 where input.rank == 3 && input.layout == .nchw && fits(dims[1], dims[2]):
      found = (dims[0], dims[1], dims[2], .first)
    case 3 where input.rank == 3 && fits(dims[0], dims[1]): found = (dims[2], dims[0], dims[1], .last)
    case 2 where fits(dims[0], dims[1]): found = (1, dims[0], dims[1], .none)
    default: found = nil
    }
    guard let found, found.0 > 0, found.1 > 0, found.2 > 0 else { return nil }
    if found.1 * found.2 == 1, height * width > 1 { return nil }
    (channels, self.height, self.width, hint) = found
  }
}
