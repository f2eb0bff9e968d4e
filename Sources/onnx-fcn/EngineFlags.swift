import ArgumentParser
import Glibc
import OnnxFCN

/// Where and with what means the network runs.
struct EngineFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "auto, cpu, vulkan, vulkan:N or vulkan:NAME; see devices.",
      discussion: "auto takes the best Vulkan device that is no processor, else the processor."))
  var device = "auto"

  @Option(help: ArgumentHelp("Threads that compute; default: all processors.", valueName: "n"))
  var threads: Int?

  @Option(help: ArgumentHelp("Memory that the tensors of a run may take, e.g. 2G (exit 5 beyond).", valueName: "bytes"))
  var maxMemory: String?

  @Flag(help: "Do not keep compiled shaders in the user's cache folder.")
  var noPipelineCache = false

  /// - Parameters:
  ///   - isQuiet: nothing is said where a device fails and another way is taken.
  ///   - measures: a device that fails is an error: the processor's figures would stand under its name.
  func engine(
    instructionSet: String? = nil, kernels: String = "auto", isQuiet: Bool = false, measures: Bool = false
  ) throws(FCNError) -> Engine {
    var options = EngineOptions(threads: threads, instructionSet: instructionSet, kernels: kernels, device: device)
    if !noPipelineCache { options.cacheFolder = Self.cacheFolder }
    if !isQuiet { options.onWarning = { Console.note("onnx-fcn: warning: \($0)") } }
    options.fallsBack = !measures
    if let maxMemory { options.memoryBudget = try byteCount(maxMemory) }
    return try Engine(options: options)
  }
}

extension EngineFlags {
  /// `$XDG_CACHE_HOME/onnx-fcn`, or `~/.cache/onnx-fcn`.
  fileprivate static var cacheFolder: String? {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    return (variable("XDG_CACHE_HOME") ?? variable("HOME").map { $0 + "/.cache" }).map { $0 + "/onnx-fcn" }
  }
}

/// `2G`, `512M`, `1.5GiB`, `64k`, or bytes; powers of 1024.
func byteCount(_ text: String) throws(FCNError) -> Int {
  let number = text.prefix { $0.isNumber || $0 == "." }
  let shifts = ["": 0, "b": 0, "k": 10, "m": 20, "g": 30, "t": 40]
  var unit = text[number.endIndex...].lowercased()
  for suffix in ["ib", "b"] where unit.count > suffix.count && unit.hasSuffix(suffix) { unit.removeLast(suffix.count) }
  guard let value = Double(number), let shift = shifts[unit], value * Double(1 << shift) < 0x1p62, value > 0 else {
    throw FCNError(.usage, "bytes: expected a number with k, M, G or T, got \(text)")
  }
  return Int(value * Double(1 << shift))
}
