import ArgumentParser
import Glibc
import OnnxFCN

@main
enum Program {
  static func main() {
    exit(status(Array(CommandLine.arguments.dropFirst())))
  }

  /// Runs one command line and returns the exit status.
  static func status(_ arguments: [String]) -> Int32 {
    let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
    do {
      var command = try OnnxFCNCommand.parseAsRoot(arguments)
      try command.run()
      return 0
    } catch let error as FCNError {
      Console.report(error, isJSON: isJSON)
      return exitStatus(error.category)
    } catch let code as ExitCode {
      return code.rawValue
    } catch {
      if OnnxFCNCommand.exitCode(for: error).isSuccess {
        try? Console.print(OnnxFCNCommand.fullMessage(for: error))
        return 0
      }
      let text = OnnxFCNCommand.message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
      Console.report(FCNError(.usage, text), isJSON: isJSON)
      return exitStatus(.usage)
    }
  }
}
