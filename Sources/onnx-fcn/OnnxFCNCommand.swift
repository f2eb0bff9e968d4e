import ArgumentParser

struct OnnxFCNCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "onnx-fcn",
    abstract: "Run fully convolutional networks in ONNX form on images of any size.",
    discussion: """
      Sizes are HxW. Results go to files or standard output, everything for people to standard error.

      Exit status: 0 done, 1 usage, 2 an input is missing, damaged or does not fit the model, 3 the model uses \
      something unsupported, 4 the model is invalid or unsafe, 5 device or memory exhausted, 6 a comparison failed, \
      7 exactness is impossible, 130 interrupted.
      """,
    version: "0.1.0",
    subcommands: commands)

  private static let commands: [any ParsableCommand.Type] = [
    RunCommand.self,
    EvalCommand.self,
    InspectCommand.self,
    AnalyzeCommand.self,
    OpsCommand.self,
    DevicesCommand.self,
    TestCommand.self,
    CompareCommand.self,
    BenchCommand.self,
    VerifyCommand.self,
  ]
}
