import FCNGraph
import FCNImage
import FCNRuntime
package import FCNSegmentation
package import FCNTensor
import Synchronization

/// Pictures through one network: preprocess, pad, run, read. Settled once, then used from any thread.
public final class PicturePipeline: Sendable {
  public let model: Model
  public let options: PictureOptions
  package let input: PictureInput
  package let output: PictureOutput
  package let preprocessing: PreprocessingPlan
  package let palette: Palette
  private let others: [String: HostTensor]
  /// The network's output samples per input sample, where two sizes tell.
  private let scale: GridScale?
  /// The only size whose output belongs to it: constants in the graph fix the output's.
  private let fixedSize: SizeSearch.Size?
  private let sizes = Mutex<[SizeSearch.Size: SizeSearch.Size]>([:])
  let clean = Mutex<[CleanKey: CleanSamples]>([:])

  /// Looks for the preprocessing, the picture input and the output.
  /// - Parameter tensors: the inputs that are no picture, by name.
  /// - Throws: `FCNError`: `.input` where something is not clear, `.unsupported` with every unsupported node.
  public init(model: Model, options: PictureOptions = PictureOptions(), tensors: [String: Tensor] = [:])
    throws(FCNError)
  {
    self.model = model
    self.options = options
    others = tensors.mapValues(\.host)
    _ = try model.optimizedGraph()
    let graph = model.graph
    try PicturePipeline.check(tensors, graph)
    let path = Folder.isFile(model.name) ? model.name : nil
    let layout = try PicturePipeline.layout(graph, path, options)
    let input = try PictureInput(graph, given: Set(tensors.keys), layout: layout)
    self.input = input
    let missing = graph.inputs.indices.filter { $0 != input.index }.map { graph[graph.inputs[$0]].name }
      .filter { tensors[$0] == nil }
    guard missing.isEmpty else {
      throw FCNError(.usage, "input \(missing.joined(separator: ", ")): not given; say --input NAME=FILE.npy")
    }
    palette = try PicturePipeline.palette(options.palette)
    let probe = NetworkProbe(model: model, input: input, others: others)
    let first = try probe.size()
    // The wanted output and the class names do not depend on the scaling that is assumed.
    let early = try PreprocessingPlan(
      graph: graph, path: path, input: input, options: options.relaxed, assumed: .named(.none))
    output = try PictureOutput(
      try model.sized(probe.shapes(first)), input: input, height: first.height, width: first.width,
      wanted: early.outputName, hasNames: !early.classNames.isEmpty)
    let growth = probe.growth(from: first, output: output.index)
    scale = growth.flatMap {
      GridScale(outputs: $0.output.height, inputs: $0.network.height, $0.output.width, $0.network.width)
    }
    fixedSize = growth.map { $0.output.height == 0 && $0.output.width == 0 } == true ? first : nil
    preprocessing = try PreprocessingPlan(
      graph: graph, path: path, input: input, options: options, assumed: output.assumedScaling(input))
  }

  /// What was found and what is assumed; one line each, for people.
  public var notes: [String] { [preprocessing.line] + (output.note.map { [$0] } ?? []) }

  private static func check(_ tensors: [String: Tensor], _ graph: Graph) throws(FCNError) {
    let names = graph.inputs.map { graph[$0].name }
    for name in tensors.keys.sorted() where !names.contains(name) {
      throw FCNError(.usage, "input \(name): expected one of \(names.joined(separator: ", "))")
    }
  }

  /// A layout given by option or sidecar; the graph is asked only where neither says.
  private static func layout(
    _ graph: Graph, _ path: String?, _ options: PictureOptions
  ) throws(FCNError) -> PictureOptions.Layout? {
    if let layout = options.layout { return layout }
    return try PreprocessingPlan.sidecarHints(path, options).lazy.compactMap(\.layout).first
  }

  private static func palette(_ name: String?) throws(FCNError) -> Palette {
    guard let name else { return .voc }
    if let known = Palette.named(name) { return known }
    guard Folder.isFile(name) else {
      throw FCNError(.usage, "palette: expected \(Palette.names.joined(separator: ", ")) or a file, got \(name)")
    }
    let bytes = try FileBytes.read(name)
    do throws(SegmentationError) { return try PaletteFile.parse(bytes, name: name) } catch { throw FCNError(error) }
  }

  package func shapes(_ size: SizeSearch.Size) -> [Shape] {
    NetworkProbe(model: model, input: input, others: others).shapes(size)
  }

  /// The network's size for a picture of this size (after resampling).
  /// - Throws: `FCNError.input` naming the node that forbids it.
  package func networkSize(_ size: SizeSearch.Size) throws(FCNError) -> SizeSearch.Size {
    if let known = sizes.withLock({ $0[size] }) { return known }
    let search = SizeSearch { self.verdict($0).verdict }
    guard let found = search.next(from: size) else { throw refusal(size) }
    sizes.withLock { $0[size] = found }
    return found
  }

  private func verdict(_ size: SizeSearch.Size) -> (verdict: SizeSearch.Verdict, reason: String) {
    let sized: SizedGraph
    do throws(FCNError) { sized = try model.sized(shapes(size)) } catch { return (.refused, error.message) }
    let shape = sized.type(sized.graph.outputs[output.index]).shape
    guard let view = OutputView(shape, input: input, height: size.height, width: size.width) else {
      return (.refused, "output \(output.name) would be \(shape), which is no picture")
    }
    if let fixedSize, fixedSize != size {
      return (.refused, "output \(output.name) is \(shape) whatever the size of the input")
    }
    guard let scale else { return (.fits, "") }
    let isEven =
      scale.fits(outputs: view.height, inputs: size.height) && scale.fits(outputs: view.width, inputs: size.width)
    return (isEven ? .fits : .uneven, "")
  }

  private func refusal(_ size: SizeSearch.Size) -> FCNError {
    let reason = verdict(size).reason
    var hint = "resample with --size HxW"
    if let height = input.fixedHeight, let width = input.fixedWidth {
      hint = "the model declares \(height)x\(width); resample with --size \(height)x\(width)"
    }
    return FCNError(
      .input, "the network does not run at \(size.height)x\(size.width) nor padded to a larger size: \(reason); \(hint)"
    )
  }

  func mapping(picture: Picture, resampled: Picture, network: SizeSearch.Size, view: OutputView) -> GridMapping {
    GridMapping(
      rows: .init(
        picture: picture.height, resampled: resampled.height, network: network.height, output: view.height, scale: scale
      ),
      columns: .init(
        picture: picture.width, resampled: resampled.width, network: network.width, output: view.width, scale: scale))
  }

  /// The tensors of one run: the picture's at its place, the others beside it.
  func tensors(_ picture: HostTensor) -> [HostTensor] {
    model.graph.inputs.indices.map { $0 == input.index ? picture : others[model.graph[model.graph.inputs[$0]].name]! }
  }
}

extension PictureOptions {
  /// The same, but an assumption is no error yet.
  var relaxed: PictureOptions {
    var copy = self
    copy.isStrict = false
    return copy
  }
}
