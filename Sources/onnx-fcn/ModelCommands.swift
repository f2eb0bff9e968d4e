import ArgumentParser
import OnnxFCN

/// The input sizes that a command works at.
struct SizeFlags: ParsableArguments {
  @Option(help: ArgumentHelp("Height and width (or depth, height, width) of the image inputs.", valueName: "HxW"))
  var size: String?

  @Option(help: ArgumentHelp("Whole shape of an input, once per input.", valueName: "1x3x512x512"))
  var shape: [String] = []

  func sizes() throws(FCNError) -> InputSizes { try InputSizes(size: size, shapes: shape) }
}

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show what a model is: inputs, operators, cost, unsupported nodes, kernels.")

  @Argument(help: "The ONNX file.") var model: String
  @OptionGroup var sizes: SizeFlags
  @OptionGroup(title: "Execution options") var execution: EngineFlags
  @Flag(help: "The kernel of every node and the refusals before it.") var why = false
  @Option(help: ArgumentHelp("Print the graph instead: imported, optimized or plan.", valueName: "stage"))
  var stage: String?
  @Option(help: ArgumentHelp("With --stage optimized: only the first passes.", valueName: "n")) var stopAfter: Int?
  @Flag(help: "One JSON document on standard output.") var json = false

  func run() throws {
    let model = try Model(path: self.model, engine: try execution.engine())
    if let stage {
      let text = try model.text(stage: stage, sizes: try sizes.sizes(), stopAfter: stopAfter)
      return try Console.print(text)
    }
    let report = try ModelReport(model, sizes: try sizes.sizes())
    if json { return try Console.document(JSONText(report.json)) }
    for line in report.lines(why: why) { try Console.print(line) }
  }
}

struct OpsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ops", abstract: "List every ONNX operator with its opsets and backends.")

  @Flag(help: "One JSON document on standard output.") var json = false

  func run() throws {
    let report = OperatorReport()
    if json { return try Console.document(JSONText(report.json)) }
    for line in report.lines { try Console.print(line) }
  }
}

struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "List what networks can run on here, with limits and features.")

  @Flag(help: "One JSON document on standard output.") var json = false

  func run() throws {
    let report = DeviceReport()
    if json { return try Console.document(JSONText(report.json)) }
    for line in report.lines { try Console.print(line) }
  }
}

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a model's structure and print SHA-256 of the file and its external data.")

  @Argument(help: "The ONNX file.") var model: String
  @Flag(help: "One JSON document on standard output.") var json = false

  func run() throws {
    let report = try VerificationReport(try Model(path: model, engine: try Engine()))
    if json { return try Console.document(JSONText(report.json)) }
    for line in report.lines() { try Console.print(line) }
  }
}
