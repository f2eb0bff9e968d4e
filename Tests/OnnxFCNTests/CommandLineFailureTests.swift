import Glibc
import OnnxFCN
import Testing

/// What `run` does with a model that it refuses: the exit status, exactly one line, no output file.
@Suite(.enabled(if: Command.path != nil, "the binary onnx-fcn is not beside the tests"))
struct CommandLineFailureTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let status: Int32
    let words: String
    let bytes: [UInt8]
    var testDescription: String { name }

    init(_ name: String, _ status: Int32, _ words: String, _ bytes: [UInt8]) {
      (self.name, self.status, self.words, self.bytes) = (name, status, words, bytes)
    }
  }

  private static let relu = Wire.node("Relu", ["x"], ["y"])

  private static func external(_ location: String) -> [UInt8] {
    Wire.model(
      nodes: [Wire.node("Add", ["x", "w"], ["y"])],
      constants: [Wire.external("w", shape: [1], [("location", location)])])
  }

  static let cases: [Case] = [
    Case("IR 2", 4, "IR version", Wire.model(nodes: [relu], ir: 2)),
    Case("IR 15", 4, "IR version", Wire.model(nodes: [relu], ir: 15)),
    Case("opset 0", 4, "opset", Wire.model(nodes: [relu], opset: 0)),
    Case("text", 4, "model.onnx", Array("hello\nworld\n".utf8)),
    Case("empty file", 4, "model.onnx", []),
    Case("cut", 4, "model.onnx", Array(Wire.model(nodes: [relu]).dropLast(7))),
    Case(
      "cycle", 4, "cycle", Wire.model(nodes: [Wire.node("Relu", ["b"], ["a"]), Wire.node("Relu", ["a"], ["b"]), relu])),
    Case("defined twice", 4, "twice", Wire.model(nodes: [relu, relu])),
    Case(
      "two lines in a name", 4, "a\\u{a}b", Wire.model(nodes: [Wire.node("Relu", ["absent"], ["y"], name: "a\nb")])),
    Case(
      "rank 9", 4, "rank",
      Wire.model(
        nodes: [Wire.node("Add", ["x", "w"], ["y"])],
        constants: [Wire.floats("w", [1], shape: Array(repeating: 1, count: 9))])),
    Case("absolute path", 4, "relative path", external("/etc/passwd")),
    Case("parent folder", 4, "leaves", external("../secret")),
    Case("missing external data", 2, "absent", external("absent")),
    Case(
      "unsupported nodes, all of them", 3, "two (com.example.Relu",
      Wire.model(nodes: [
        Wire.node("Frobnicate", ["x"], ["a"], name: "one"),
        Wire.node("Relu", ["a"], ["y"], name: "two", domain: "com.example"),
      ])),
    Case(
      "not a number", 4, "alpha",
      Wire.model(nodes: [Wire.node("LeakyRelu", ["x"], ["y"], [Wire.attribute("alpha", Float.nan)])])),
    Case(
      "an output of 2^40 elements", 5, "memory",
      Wire.model(
        nodes: [Wire.node("Tile", ["x", "t"], ["y"])], constants: [Wire.integers("t", [1, 1, 1 << 20, 1 << 16])])),
    Case("another shape", 2, "rank", Wire.model(nodes: [relu], input: [1, 2])),
    Case("another type", 2, "int8", Wire.model(nodes: [relu], inputType: 3)),
  ]

  @Test(arguments: cases)
  func endsWithStatusAndOneLine(_ item: Case) throws {
    let folder = try LoaderRuleFolder()
    try folder.write("model.onnx", item.bytes)
    try Tensor(shape: [1, 2, 8, 8], floats: [Float](repeating: 0.5, count: 128)).writeNPY(to: "\(folder.path)/x.npy")
    let output = "\(folder.path)/out.npy"
    let command = try Command(
      ["run", "\(folder.path)/model.onnx", "\(folder.path)/x.npy", "-o", output, "--max-memory", "1G"])
    #expect(command.status == item.status, "\(command.errors)")
    let lines = command.errors.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 2 && lines.last == "" && command.errors.contains(item.words), "\(command.errors)")
    #expect(access(output, F_OK) != 0 && command.output.isEmpty)
  }

  @Test(arguments: [("absent.onnx", Int32(2)), ("", 2), ("x.npy", 4)])
  func filesThatAreNoModels(_ name: String, _ status: Int32) throws {
    let folder = try LoaderRuleFolder()
    try Tensor(shape: [1], floats: [1]).writeNPY(to: "\(folder.path)/x.npy")
    let command = try Command(["run", "\(folder.path)/\(name)", "\(folder.path)/x.npy", "-o", "\(folder.path)/out.npy"])
    #expect(command.status == status, "\(command.errors)")
    #expect(command.errors.split(separator: "\n").count == 1)
    #expect(access("\(folder.path)/out.npy", F_OK) != 0)
  }

  @Test(arguments: [["ops"], ["ops", "--json"], ["verify", TestData.model], ["inspect", TestData.model, "--json"]])
  func fullDevice(_ arguments: [String]) throws {
    let command = try Command(arguments, standardOutput: "/dev/full")
    #expect(command.status == 5)
    #expect(command.errors == "onnx-fcn: error: standard output: No space left on device\n")
  }
}
