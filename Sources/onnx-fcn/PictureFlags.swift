public import ArgumentParser
public import OnnxFCN

extension PictureOptions.Alpha: ExpressibleByArgument {}
extension PictureOptions.Border: ExpressibleByArgument {}
extension PictureOptions.Layout: ExpressibleByArgument {}
extension PictureOptions.Activation: ExpressibleByArgument {}

/// How the picture goes in and how the output is read.
struct PictureFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "auto, none, unit, imagenet, minus1, zscore, percentile:LO,HI, or FILE.json.",
      discussion: """
        auto looks beside the model (preprocessor_config.json, MODEL.onnx.json), in its metadata and in its graph, and \
        else assumes imagenet for three channels and unit for one, and says so.
        """, valueName: "how"))
  var preprocess = "auto"

  @Option(help: ArgumentHelp("Channels of the picture that the network takes, e.g. 2,1,0.", valueName: "list"))
  var channels: String?

  @Flag(inversion: .prefixedNo, help: "The network takes blue, green, red.")
  var bgr: Bool?

  @Option(help: "Alpha channel: drop, composite over white, or keep.")
  var alpha: PictureOptions.Alpha?

  @Option(help: "Where the channels of the input are: nchw or nhwc.")
  var layout: PictureOptions.Layout?

  @Option(help: ArgumentHelp("keep, HxW, or short:N (resamples only if asked).", valueName: "size"))
  var size = "keep"

  @Option(help: "What lies beyond the picture where it is padded: reflect, replicate, zero.")
  var border = PictureOptions.Border.reflect

  @Option(help: "What makes the output probabilities: auto, none, softmax, sigmoid.")
  var activation: PictureOptions.Activation?

  @Option(help: ArgumentHelp("On the probability, 0 to 1.", valueName: "p"))
  var threshold: Double?

  @Option(help: ArgumentHelp("Names of the labels: a file, or a,b,c.", valueName: "names"))
  var classes: String?

  @Option(help: ArgumentHelp("voc, cityscapes, glasbey, or a file (JSON, GIMP, CSV).", valueName: "palette"))
  var palette: String?

  @Option(help: ArgumentHelp("Share of the colour in overlays, 0 to 1.", valueName: "share"))
  var alphaOverlay = 0.5

  @Option(help: ArgumentHelp("The output that is read, if there are several.", valueName: "name"))
  var outputName: String?

  @Flag(help: "An assumption about the preprocessing is an error (exit 2).")
  var strict = false

  func options() throws(FCNError) -> PictureOptions {
    var options = PictureOptions()
    options.preprocess = try PictureOptions.Preprocess(parsing: preprocess)
    if let channels {
      let indices = channels.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      guard indices.allSatisfy({ $0.map { $0 >= 0 } ?? false }) else {
        throw FCNError(.usage, "channels: expected numbers from 0 with commas between, got \(channels)")
      }
      options.channels = indices.compactMap { $0 }
    }
    if let threshold, !(threshold >= 0 && threshold <= 1) {
      throw FCNError(.usage, "threshold: expected 0 to 1, got \(threshold)")
    }
    guard alphaOverlay >= 0, alphaOverlay <= 1 else {
      throw FCNError(.usage, "alpha-overlay: expected 0 to 1, got \(alphaOverlay)")
    }
    options.bgr = bgr
    options.alpha = alpha
    options.layout = layout
    options.size = try PictureOptions.Size(parsing: size)
    options.border = border
    options.activation = activation
    options.threshold = threshold
    if let classes { options.classNames = try ClassNames.read(classes) }
    options.palette = palette
    options.overlayAlpha = alphaOverlay
    options.outputName = outputName
    options.isStrict = strict
    return options
  }
}
