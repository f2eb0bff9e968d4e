import ArgumentParser
import OnnxFCN

struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Show receptive field, shift equivariance, border effects, sizes and exact tiling of a model.",
    discussion: """
      All of it follows from the graph; nothing is run without --measure. Depths are for --size, else the size that \
      the model declares, else the smallest seamless size above three receptive fields.

      --measure tests every statement: on crops of the pictures, or on seeded noise. A contradiction ends with status \
      6 and is saved as an example. The gates (--require-…) end with status 6 where they are not met.
      """)

  @Argument(help: "The ONNX file.") var model: String
  @Argument(help: "Pictures to measure on (PNG or JPEG).") var pictures: [String] = []

  @Option(help: ArgumentHelp("Image size that border depths are derived for.", valueName: "HxW")) var size: String?

  @Flag(help: "Confirm each statement by experiment.") var measure = false
  @Option(help: ArgumentHelp("Images to measure on.", valueName: "n")) var samples = 3
  @Option(help: ArgumentHelp("Of noise, crops and weights of channels.", valueName: "n")) var seed: UInt64 = 1
  @Option(help: ArgumentHelp("Where a contradiction is saved (default: MODEL_contradiction).", valueName: "folder"))
  var example: String?
  @OptionGroup var engineFlags: EngineFlags

  @Option(help: ArgumentHelp("Fail below this smallest receptive field.", valueName: "n"))
  var requireReceptiveField: Int?
  @Flag(help: "Fail unless tiles run alone equal the whole image.") var requireExactTiling = false
  @Option(help: ArgumentHelp("Fail unless an input shift by this has a matching output shift.", valueName: "n"))
  var requireShift: Int?

  @Option(help: ArgumentHelp("Also write a page with figures; - is standard output.", valueName: "file"))
  var html: String?
  @Flag(help: "Replace the page if it is there.") var overwrite = false
  @Flag(help: "One JSON document on standard output.") var json = false
  @Flag(help: "No progress on standard error.") var quiet = false

  func validate() throws {
    for (value, name) in [
      (requireReceptiveField, "require-receptive-field"), (requireShift, "require-shift"), (samples, "samples"),
    ] {
      if let value, value < 1 { throw ValidationError("--\(name): expected at least 1, got \(value)") }
    }
    if json && html == "-" { throw ValidationError("--html -: expected a file, as --json has standard output") }
    if samples > 10_000 { throw ValidationError("--samples: expected at most 10000, got \(samples)") }
    if !pictures.isEmpty && !measure { throw ValidationError("pictures: expected only with --measure") }
  }

  func run() throws {
    if let html, html != "-", !overwrite, FileTemplate.exists(html) {
      throw FCNError(.usage, "\(html): is there already; say --overwrite to replace it")
    }
    let model = try Model(path: self.model, engine: try engineFlags.engine(isQuiet: quiet))
    let size = try InputSizes.image(size)
    var report: GeometryReport
    var failures: [String] = []
    if measure {
      let measured = try measured(model, size)
      report = measured.report
      failures += measured.failures
    } else {
      report = try model.geometry(size: size)
    }
    let gates = GeometryGates(
      receptiveField: requireReceptiveField, exactTiling: requireExactTiling, shift: requireShift)
    failures += gates.failures(of: report)
    let page = html == nil ? "" : report.html(picture: try pictures.first.flatMap { try report.picture(path: $0) })
    if let html, html != "-" { try PictureBatch.write(Array(page.utf8), to: html) }
    if json {
      try Console.document(JSONText(report.document(failures: failures)))
    } else if html == "-" {
      try Console.print(page)
    } else {
      for line in report.lines { try Console.print(FCNError.line(line, limit: .max)) }
    }
    // The document is on standard output already.
    for failure in failures { Console.note("onnx-fcn: error: \(failure)") }
    if !failures.isEmpty { throw ExitCode(exitStatus(.comparison)) }
  }

  private func measured(_ model: Model, _ size: [Int]?) throws -> (report: GeometryReport, failures: [String]) {
    let showsProgress = !quiet && Console.isErrorTerminal
    var options = AnalysisOptions(size: size, pictures: pictures, samples: samples, seed: seed)
    if showsProgress { options.onProgress = { Console.status("\rmeasuring \(Int($0 * 100)) %") } }
    let folder = example ?? FileTemplate.stem(self.model) + "_contradiction"
    let (report, folders) = try model.analyze(options, savingContradictionsTo: folder)
    if showsProgress { Console.status("\r              \r") }
    var failures: [String] = []
    for claim in report.measurement?.contradictions ?? [] { failures.append(claim.text) }
    if !folders.isEmpty { failures.append("saved in \(folders.joined(separator: ", "))") }
    return (report, failures)
  }
}
