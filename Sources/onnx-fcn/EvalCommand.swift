import ArgumentParser
import OnnxFCN

struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measure label maps against the truth.",
    discussion: """
      Both are files, or folders whose files have the same names ({name}_labels and {name}_prob count as {name}). \
      Pictures are grey or palette PNG with the label as value; predictions may also be NPY with labels or with scores \
      per class, which adds the soft Jaccard losses and the cross-entropies. Nothing is ignored unless --ignore says \
      so. Truth with exactly the values 0 and 255 and two classes reads 255 as 1.
      """)

  @Option(help: ArgumentHelp("Label maps or scores.", valueName: "path"))
  var prediction: String
  @Option(help: ArgumentHelp("True label maps.", valueName: "path"))
  var truth: String
  @Option(help: ArgumentHelp("Number of classes; default: as the data has them.", valueName: "n"))
  var classes: Int?
  @Option(help: ArgumentHelp("True label that does not count.", valueName: "label"))
  var ignore: Int?
  @Option(help: ArgumentHelp("What the values of the truth mean, e.g. 0:0,255:1.", valueName: "from:to,…"))
  var map: String?
  @Flag(help: "Nothing on standard error but errors.")
  var quiet = false
  @Flag(help: "One JSON document on standard output.")
  var json = false

  func run() throws {
    var options = EvaluationRunner.Options()
    options.classCount = classes
    options.ignore = ignore
    options.map = map
    let outcome = try EvaluationRunner(prediction: prediction, truth: truth, options: options).run()
    if !quiet { for line in outcome.notes { Console.note(line) } }
    for failure in outcome.failures { Console.report(failure.error) }
    if json {
      try Console.document(JSONText(outcome.json))
    } else {
      for line in outcome.lines { try Console.print(line) }
    }
    if let failure = outcome.failures.first { throw ExitCode(exitStatus(failure.error.category)) }
  }
}
