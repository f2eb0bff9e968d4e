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
        Console.print(OnnxFCNCommand.fullMessage(for: error))
        return 0
      }
      let text = OnnxFCNCommand.message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
      Console.report(FCNError(.usage, text), isJSON: isJSON)
      return exitStatus(.usage)
    }
  }
}

/// The exit status of each kind of error.
func exitStatus(_ category: FCNError.Category) -> Int32 {
  switch category {
  case .usage: 1
  case .input: 2
  case .unsupported: 3
  case .invalidModel: 4
  case .resources: 5
  case .comparison: 6
  case .exactness: 7
  case .cancelled: 130
  }
}
