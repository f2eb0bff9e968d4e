import Glibc
import OnnxFCN
import Testing

/// One hand-made model for each rule of the loader: what it is called, and that the message names the cause.
@Suite struct LoaderRuleTests {
  private let engine: Engine

  init() throws { engine = try Engine(options: EngineOptions(threads: 1, memoryBudget: 256 << 20)) }

  private func expect(
    _ bytes: [UInt8], _ category: FCNError.Category, _ words: String, _ name: String = "",
    location: SourceLocation = #_sourceLocation
  ) {
    let outcome = Outcome(bytes, shape: [1, 2, 8, 8], engine: engine)
    #expect(
      outcome.category == category && outcome.isClear && outcome.message.contains(words), "\(name): \(outcome)",
      sourceLocation: location)
  }

  private let relu = Wire.node("Relu", ["x"], ["y"])

  private func constant(_ tensor: [UInt8]) -> [UInt8] {
    Wire.model(nodes: [Wire.node("Add", ["x", "w"], ["y"])], constants: [tensor])
  }

  @Test func versions() {
    expect(Wire.model(nodes: [relu], ir: 2), .invalidModel, "IR version")
    expect(Wire.model(nodes: [relu], ir: 15), .invalidModel, "IR version")
    expect(Wire.model(nodes: [relu], ir: .min), .invalidModel, "IR version")
    expect(Wire.model(nodes: [relu], opset: 0), .invalidModel, "opset")
    expect(Wire.model(nodes: [relu], opset: -1), .invalidModel, "opset")
  }

  @Test func tensors() {
    expect(constant(Wire.floats("w", [1], shape: Array(repeating: 1, count: 9))), .invalidModel, "rank")
    expect(constant(Wire.floats("w", [1], shape: [1 << 31])), .invalidModel, "dimension")
    expect(constant(Wire.floats("w", [1], shape: [1 << 30, 1 << 30, 1 << 30])), .invalidModel, "overflow")
    expect(constant(Wire.floats("w", [1], shape: [-1])), .invalidModel, "dimension")
    expect(constant(Wire.floats("w", [1, 2], shape: [1])), .invalidModel, "raw_data")
    expect(constant(Wire.floats("w", [1], shape: [2])), .invalidModel, "raw_data")
    expect(constant(Wire.tensor("w", type: 8, shape: [1], raw: [0])), .unsupported, "STRING")
  }

  @Test func texts() {
    let long = String(repeating: "n", count: 1 << 20 + 1)
    expect(Wire.model(nodes: [Wire.node("Relu", ["x"], ["y"], name: long)]), .invalidModel, "text")
    // Names come from the file: what would start a second line, or command a terminal, is written as an escape.
    expect(
      Wire.model(nodes: [Wire.node("Relu", ["z"], ["y"], name: "a\nb\u{1B}[2J")]), .invalidModel, "a\\u{a}b\\u{1b}")
  }

  /// Messages inside messages, 33 deep: model, graph, node, attribute, graph, …
  @Test func nesting() {
    var graph = Wire.block(1, relu)
    for _ in 0..<11 {
      let attribute = Wire.text(1, "body") + Wire.block(6, graph) + Wire.number(20, 5)
      graph = Wire.block(1, Wire.node("If", [], ["z"]) + Wire.block(5, attribute))
    }
    expect(Wire.number(1, 8) + Wire.block(7, graph) + Wire.block(8, Wire.number(2, 17)), .invalidModel, "32 deep")
  }

  @Test func graphs() {
    expect(
      Wire.model(nodes: [Wire.node("Relu", ["b"], ["a"]), Wire.node("Relu", ["a"], ["b"]), relu]), .invalidModel,
      "cycle")
    expect(Wire.model(nodes: [relu, Wire.node("Abs", ["x"], ["y"])]), .invalidModel, "twice")
    expect(Wire.model(nodes: [Wire.node("Relu", ["absent"], ["y"])]), .invalidModel, "absent")
    expect(Wire.model(nodes: []), .invalidModel, "y")
    expect(Wire.model(nodes: [relu], outputs: []), .invalidModel, "outputs")
    expect(
      Wire.model(nodes: [relu], constants: [Wire.floats("y", [1], shape: [1])]), .invalidModel, "twice", "initialiser")
    expect(Wire.model(nodes: [Wire.node("Relu", ["x"], ["y", "z"])]), .invalidModel, "outputs")
    let many = (0...100_000).map { Wire.node("Relu", ["x"], ["y\($0)"], name: "") }
    expect(Wire.model(nodes: many), .invalidModel, "100000 nodes")
  }

  /// Every unsupported node is listed, with its operator and domain.
  @Test func unsupportedNodes() {
    let nodes = [
      Wire.node("Relu", ["x"], ["a"]), Wire.node("Frobnicate", ["a"], ["b"], name: "first"),
      Wire.node("Relu", ["b"], ["c"], name: "second", domain: "com.example"),
      Wire.node("LSTM", ["c"], ["y"], name: "third"),
    ]
    let outcome = Outcome(Wire.model(nodes: nodes), shape: [1, 2, 8, 8], engine: engine)
    #expect(outcome.category == .unsupported && outcome.isClear)
    for words in ["3 nodes", "first (Frobnicate", "second (com.example.Relu", "third (LSTM"] {
      #expect(outcome.message.contains(words), "\(outcome)")
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func attributesAreFinite(_ value: Float) {
    expect(
      Wire.model(nodes: [Wire.node("LeakyRelu", ["x"], ["y"], [Wire.attribute("alpha", value)])]), .invalidModel,
      "alpha")
  }

  @Test func attributeKinds() {
    expect(
      Wire.model(nodes: [Wire.node("LeakyRelu", ["x"], ["y"], [Wire.attribute("alpha", 1)])]), .invalidModel, "alpha")
    let twice = [Wire.attribute("alpha", Float(1)), Wire.attribute("alpha", Float(2))]
    expect(Wire.model(nodes: [Wire.node("LeakyRelu", ["x"], ["y"], twice)]), .invalidModel, "twice")
  }

  @Test func files() throws {
    let folder = try LoaderRuleFolder()
    try folder.write("text.onnx", Array("this is not a model\n".utf8))
    try folder.write("page.onnx", Array("<!DOCTYPE html><html></html>".utf8))
    try folder.write("empty.onnx", [])
    mkdir("\(folder.path)/folder.onnx", 0o700)
    mkfifo("\(folder.path)/pipe.onnx", 0o600)
    for (name, category) in [
      ("text", FCNError.Category.invalidModel), ("page", .invalidModel), ("empty", .invalidModel), ("folder", .input),
      ("pipe", .input), ("absent", .input),
    ] {
      let outcome = Outcome(path: "\(folder.path)/\(name).onnx", engine: engine)
      #expect(outcome.category == category && outcome.isClear && outcome.message.contains(name), "\(name): \(outcome)")
    }
  }

  @Test func externalData() throws {
    let folder = try LoaderRuleFolder()
    let outside = try LoaderRuleFolder()
    let data = [Float(1), 2, 3, 4].flatMap { Wire.littleEndian($0.bitPattern) }
    try outside.write("secret", data)
    try folder.write("data", data)
    symlink("\(outside.path)/secret", "\(folder.path)/link")
    link("\(outside.path)/secret", "\(folder.path)/hard")
    symlink(outside.path, "\(folder.path)/sub")
    mkdir("\(folder.path)/folder", 0o700)
    let cases: [(String, [(String, String)], FCNError.Category?)] = [
      ("whole", [("location", "data")], nil),
      ("absolute path", [("location", "/etc/passwd")], .invalidModel),
      ("parent", [("location", "../\(outside.path.split(separator: "/").last!)/secret")], .invalidModel),
      ("NUL", [("location", "data\0")], .invalidModel),
      ("backslash", [("location", "a\\data")], .invalidModel),
      ("symbolic link", [("location", "link")], .invalidModel),
      ("linked folder", [("location", "sub/secret")], .invalidModel),
      ("hard link", [("location", "hard")], .invalidModel),
      ("folder", [("location", "folder")], .invalidModel),
      ("missing", [("location", "absent")], .input),
      ("no location", [("offset", "0")], .invalidModel),
      ("unknown key", [("location", "data"), ("basepath", "/")], .invalidModel),
      ("length", [("location", "data"), ("length", "8")], .invalidModel),
      ("beyond the end", [("location", "data"), ("offset", "4")], .invalidModel),
      ("overflow", [("location", "data"), ("offset", "9223372036854775807")], .invalidModel),
      ("not a number", [("location", "data"), ("offset", "0x10")], .invalidModel),
    ]
    for (name, entries, category) in cases {
      try folder.write(
        "m.onnx",
        Wire.model(
          nodes: [Wire.node("Add", ["x", "w"], ["y"])], constants: [Wire.external("w", shape: [1, 1, 1, 4], entries)],
          input: [1, 2, 8, 4]))
      let outcome = Outcome(path: "\(folder.path)/m.onnx", shape: [1, 2, 8, 4], engine: engine)
      #expect(outcome.category == category && outcome.isClear, "\(name): \(outcome)")
    }
    let inMemory = Wire.model(
      nodes: [Wire.node("Add", ["x", "w"], ["y"])],
      constants: [Wire.external("w", shape: [4], [("location", "data")])])
    expect(inMemory, .invalidModel, "folder", "a model from memory")
  }
}
