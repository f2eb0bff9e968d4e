import ArgumentParser
import OnnxFCN

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Show receptive field, shift equivariance, border effects, sizes and exact tiling of a model.",
    discussion: """
      All of it follows from the graph; nothing is run. Depths are for --size, else the size that the model declares, \
      else the smallest seamless size above three receptive fields. The gates end with status 6 where they are not met.
      """)

  @Argument(help: "The ONNX file.") var model: String

  @Option(help: ArgumentHelp("Image size that border depths are derived for.", valueName: "HxW")) var size: String?

  @Option(help: ArgumentHelp("Fail below this smallest receptive field.", valueName: "n"))
  var requireReceptiveField: Int?
  @Flag(help: "Fail unless tiles run alone equal the whole image.") var requireExactTiling = false
  @Option(help: ArgumentHelp("Fail unless an input shift by this has a matching output shift.", valueName: "n"))
  var requireShift: Int?

  @Flag(help: "One JSON document on standard output.") var json = false

  func validate() throws {
    for (value, name) in [(requireReceptiveField, "require-receptive-field"), (requireShift, "require-shift")] {
      if let value, value < 1 { throw ValidationError("--\(name): expected at least 1, got \(value)") }
    }
  }

  func run() throws {
    let model = try Model(path: self.model, engine: try Engine())
    let report = try model.geometry(size: try InputSizes.image(size))
    if json {
      try Console.document(JSONText(report.json))
    } else {
      for line in report.lines { try Console.print(line) }
    }
    let gates = GeometryGates(
      receptiveField: requireReceptiveField, exactTiling: requireExactTiling, shift: requireShift)
    let failures = gates.failures(of: report)
    if !failures.isEmpty { throw FCNError(.comparison, failures.joined(separator: "; ")) }
  }
}
