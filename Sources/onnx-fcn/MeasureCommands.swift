import ArgumentParser
import OnnxFCN

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Time a model on seeded noise.",
    discussion: "Times of one run on a shared machine say little: compare ratios of interleaved runs.")

  @Argument(help: "The ONNX file.") var model: String
  @OptionGroup var sizes: SizeFlags
  @OptionGroup(title: "Execution options") var execution: EngineFlags
  @Option(help: ArgumentHelp("Timed runs.", valueName: "n")) var runs = 10
  @Option(help: ArgumentHelp("Runs before the timed ones, after the first.", valueName: "n")) var warmup = 1
  @Option(help: "avx512, avx2, neon or portable; default: the best here.") var isa: String?
  @Option(help: "auto, direct (without Winograd), blas or reference.") var kernels = "auto"
  @Flag(help: "Also time every step.") var perLayer = false
  @Flag(help: "One JSON document on standard output.") var json = false

  func run() throws {
    guard runs >= 1, warmup >= 0 else { throw FCNError(.usage, "runs and warmup: expected at least 1 and 0") }
    let engine = try execution.engine(instructionSet: isa, kernels: kernels, measures: true)
    let report = try BenchRunner.run(
      path: model, engine: engine, sizes: try sizes.sizes(), runs: runs, warmup: warmup, perLayer: perLayer)
    if json { return try Console.document(JSONText(report.json)) }
    for line in report.lines() { try Console.print(line) }
  }
}

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run test folders: a model with inputs and expected outputs.",
    discussion: """
      A test folder holds model.onnx with test_data_set_*/input_*.pb, output_*.pb (the ONNX backend layout) or \
      case*/in_*.npy, out_*.npy. DIR is one such folder or a folder of them.
      """)

  @Argument(help: ArgumentHelp("Test folders.", valueName: "dir")) var folders: [String]
  @Option(help: ArgumentHelp("Only folders named in this file, one a line.", valueName: "file")) var list: String?
  @Option(help: "auto (as --device says), cpu, vulkan, reference or reference64.") var backend = "auto"
  @OptionGroup(title: "Execution options") var execution: EngineFlags
  @Option(help: "avx512, avx2, neon or portable; default: the best here.") var isa: String?
  @Option(help: "auto, direct (without Winograd), blas or reference.") var kernels = "auto"
  @Flag(help: "One JSON document on standard output.") var json = false

  func run() throws {
    let names = try list.map { try Set(TestRunner.names(inFile: $0)) }
    let engine = try execution.engine(instructionSet: isa, kernels: kernels, measures: true)
    let runner = TestRunner(engine: engine, backend: backend, names: names) { entry in
      if entry.status == .failed { Console.note("failed \(entry.name): \(entry.detail)") }
    }
    let report = try runner.run(folders)
    if json {
      try Console.document(JSONText(report.json))
    } else {
      for entry in report.tests where entry.status == .skipped {
        Console.note("skipped \(entry.name): \(entry.detail)")
      }
      try Console.print("\(report.passed) passed, \(report.failed) failed, \(report.skipped) skipped")
    }
    if report.failed > 0 { throw ExitCode(exitStatus(.comparison)) }
  }
}

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare backends with each other, or with expected tensors.",
    discussion: """
      Backends are cpu, vulkan, reference and reference64. Without --input the inputs are seeded noise. With \
      --per-layer the comparison stops at the first layer that diverges and saves both tensors as diverged_got.npy and \
      diverged_expected.npy. Default tolerance: max|d| ≤ 3e-4·max(1, max|expected|); --rtol and --atol: per element.
      """)

  @Argument(help: "The ONNX file.") var model: String
  @Option(help: ArgumentHelp("Input tensors in graph order.", valueName: "file.npy")) var input: [String] = []
  @Option(help: ArgumentHelp("Seed of the noise.", valueName: "seed")) var random: UInt64 = 1
  @Option(help: ArgumentHelp("Expected outputs in graph order.", valueName: "file.npy")) var expect: [String] = []
  @Option(help: ArgumentHelp("The first is compared with the others.", valueName: "list"))
  var backends = "cpu,reference"
  @OptionGroup var sizes: SizeFlags
  @OptionGroup(title: "Execution options") var execution: EngineFlags
  @Option(help: "Relative tolerance per element.") var rtol: Double?
  @Option(help: "Absolute tolerance per element.") var atol: Double?
  @Option(help: "Elements per million that may lie beyond the tolerance.") var ppm = 0.0
  @Flag(help: "Stop at the first layer that diverges.") var perLayer = false
  @Flag(help: "One JSON document on standard output.") var json = false

  func run() throws {
    let tolerance: Tolerance =
      rtol == nil && atol == nil ? .scaled(3e-4) : .elementwise(relative: rtol ?? 0, absolute: atol ?? 0)
    let model = try Model(path: self.model, engine: try execution.engine(measures: true))
    let runner = ComparisonRunner(model: model, tolerance: tolerance, allowance: ppm)
    let inputs: ComparisonRunner.Inputs =
      input.isEmpty
      ? .noise(seed: random, try sizes.sizes()) : .tensors(try input.map { try Tensor(npy: $0) })
    let names = backends.split(separator: ",").map(String.init)
    let report =
      expect.isEmpty
      ? try runner.run(inputs, backends: names, perLayer: perLayer)
      : try runner.run(inputs, backends: names, expected: try expect.map { try Tensor(npy: $0) })
    if let divergence = report.divergence {
      try divergence.got.writeNPY(to: "diverged_got.npy")
      try divergence.expected.writeNPY(to: "diverged_expected.npy")
    }
    if json {
      try Console.document(JSONText(report.json))
    } else {
      for line in report.lines() { try Console.print(line) }
    }
    if !report.isEqual { throw ExitCode(exitStatus(.comparison)) }
  }
}
