import ArgumentParser
import OnnxFCN

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a network on images or tensors.",
    discussion: """
      INPUT is an image (PNG, JPEG), a folder of images, - for standard input, or an .npy tensor, which goes in and \
      out as it is. A picture keeps its own size; if the network cannot take it, it is padded below and on the right \
      and the result is cropped back. Files are written whole or not at all, into the current folder unless -o says \
      else.
      """)

  @Argument(help: "The ONNX file.")
  var model: String

  @Argument(help: ArgumentHelp("Images, folders, - or .npy tensors.", valueName: "input"))
  var inputs: [String] = []

  @Option(
    name: .customShort("o"),
    help: ArgumentHelp(
      "File of the first kind of output, with {name}, {kind}, {ext}; a folder; or - for standard output.",
      valueName: "template"))
  var first: String?

  @Option(
    help: ArgumentHelp(
      "labels, overlay, prob, image, density, confidence, trusted, stats; or KIND=TEMPLATE. Repeatable.",
      discussion: """
        labels: PNG (indexed, with class names) or NPY. overlay, image: PNG or JPEG. prob, confidence, density: NPY. \
        trusted: PNG or NPY, 255 where no padding touched the result. stats: JSON. Default: \
        labels for a segmentation, image for an image-to-image network, density for a density.
        """, valueName: "kinds"))
  var output: [String] = []

  @Option(help: ArgumentHelp("A tensor for a named input. Repeatable.", valueName: "name=file.npy"))
  var input: [String] = []

  @Option(help: ArgumentHelp("A named output as a tensor. Repeatable.", valueName: "name=file.npy"))
  var save: [String] = []

  @OptionGroup(title: "Picture options") var picture: PictureFlags
  @OptionGroup(title: "Execution options") var execution: EngineFlags

  @Flag(help: "Replace files that exist.")
  var overwrite = false
  @Flag(help: "Skip inputs whose files all exist.")
  var resume = false
  @Flag(help: "Say what would be done; run and write nothing.")
  var dryRun = false
  @Option(help: "auto, bar, plain, json, none.")
  var progress = ProgressStyle.auto
  @Flag(help: "Nothing on standard error but errors.")
  var quiet = false
  @Flag(help: "One JSON document on standard output.")
  var json = false

  func run() throws {
    try check()
    let control: PictureControl
    let meter = ProgressMeter(progress, isQuiet: quiet)
    control = PictureControl(onProgress: { done, total in meter.step(done, total) })
    Interruption.onInterrupt { control.cancel() }
    let options = try picture.options()
    let tensors = try namedFiles(input, "input").reduce(into: [String: Tensor]()) { result, pair in
      result[pair.name] = try Tensor(npy: pair.template)
    }
    let items = try PictureBatch.items(inputs, standardInput: { () throws(FCNError) in try Console.standardInput() })
    let model = try Model(path: self.model, engine: try execution.engine(isQuiet: quiet))
    var runner = BatchRunner(command: self, control: control, meter: meter, report: BatchReport(model: self.model))
    if items.allSatisfy(\.isTensor) {
      try runner.runTensors(model, items, tensors, options)
    } else {
      guard !items.contains(where: \.isTensor) else {
        throw FCNError(.usage, "inputs: expected images or .npy tensors, got both")
      }
      try runner.runPictures(try PicturePipeline(model: model, options: options, tensors: tensors), items)
    }
    try runner.finish()
  }

  private func check() throws(FCNError) {
    if overwrite && resume { throw FCNError(.usage, "--overwrite and --resume: expected one of them") }
    if json && first == "-" { throw FCNError(.usage, "--json and -o -: both write to standard output") }
    if inputs.isEmpty && input.isEmpty {
      throw FCNError(.usage, "expected an input: an image, a folder, - or an .npy tensor")
    }
    if inputs.count(where: { $0 == "-" }) > 1 { throw FCNError(.usage, "input -: given twice") }
  }

  /// `NAME=FILE` pairs; the name ends at the first `=`.
  func namedFiles(_ texts: [String], _ flag: String) throws(FCNError) -> [(name: String, template: String)] {
    var pairs: [(name: String, template: String)] = []
    for text in texts {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex,
        text.index(after: equals) != text.endIndex
      else { throw FCNError(.usage, "--\(flag): expected NAME=FILE.npy, got \(text)") }
      pairs.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
    }
    return pairs
  }

  var existing: PictureBatch.Existing { overwrite ? .overwrite : resume ? .skip : .refuse }
}
