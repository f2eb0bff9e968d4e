import FCNImage
import FCNTensor
import OnnxFCN
import Testing

/// Builds small ONNX files field by field (protobuf wire format, fields of onnx.proto).
struct TinyModel {
  var nodes: [[UInt8]] = []
  var constants: [[UInt8]] = []
  var input: (type: Int, shape: [Int?]) = (1, [nil, 3, nil, nil])
  var output: [Int?] = [nil, 2, nil, nil]
  var metadata: [(String, String)] = []

  static func varint(_ value: Int) -> [UInt8] {
    var rest = UInt64(value)
    var bytes: [UInt8] = []
    repeat {
      bytes.append(UInt8(rest & 127) | (rest > 127 ? 128 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  static func number(_ field: Int, _ value: Int) -> [UInt8] { varint(field << 3) + varint(value) }
  static func field(_ field: Int, _ bytes: [UInt8]) -> [UInt8] { varint(field << 3 | 2) + varint(bytes.count) + bytes }
  static func text(_ number: Int, _ value: String) -> [UInt8] { field(number, Array(value.utf8)) }

  mutating func constant(_ name: String, _ values: [Float], shape: [Int]) {
    var raw: [UInt8] = []
    for value in values { raw += withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    constants.append(
      shape.flatMap { Self.number(1, $0) } + Self.number(2, 1) + Self.text(8, name) + Self.field(9, raw))
  }

  mutating func node(_ op: String, _ inputs: [String], _ output: String, _ ints: [(String, [Int])] = []) {
    let attributes = ints.flatMap { name, values in
      Self.field(5, Self.text(1, name) + values.flatMap { Self.number(8, $0) } + Self.number(20, 7))
    }
    nodes.append(
      inputs.flatMap { Self.text(1, $0) } + Self.text(2, output) + Self.text(3, "\(op)_\(nodes.count)")
        + Self.text(4, op)
        + attributes)
  }

  private static func port(_ name: String, _ type: Int, _ shape: [Int?]) -> [UInt8] {
    let dims = shape.enumerated().flatMap { index, size in
      field(1, size.map { number(1, $0) } ?? text(2, "d\(index)"))
    }
    return text(1, name) + field(2, field(1, number(1, type) + field(2, dims)))
  }

  var bytes: [UInt8] {
    let graph =
      nodes.flatMap { Self.field(1, $0) } + Self.text(2, "tiny") + constants.flatMap { Self.field(5, $0) }
      + Self.field(11, Self.port("x", input.type, input.shape)) + Self.field(12, Self.port("y", 1, output))
    let entries = metadata.flatMap { Self.field(14, Self.text(1, $0.0) + Self.text(2, $0.1)) }
    return Self.number(1, 8) + Self.field(7, graph) + Self.field(8, Self.text(1, "") + Self.number(2, 17)) + entries
  }

  /// `x·a + b` per channel by one operator each, then a 1x1 convolution from three channels to `channels`.
  static func affine(
    _ steps: [(String, [Float])], channels: Int = 2, weights: [Float]? = nil, last: String? = nil
  ) -> TinyModel {
    var model = TinyModel()
    model.output = [nil, channels, nil, nil]
    var value = "x"
    for (index, step) in steps.enumerated() {
      model.constant("c\(index)", step.1, shape: [1, step.1.count, 1, 1])
      model.node(step.0, [value, "c\(index)"], "v\(index)")
      value = "v\(index)"
    }
    let count = channels * 3
    model.constant("w", weights ?? (0..<count).map { Float($0 + 1) / 10 }, shape: [channels, 3, 1, 1])
    model.node("Conv", [value, "w"], last == nil ? "y" : "s", [("kernel_shape", [1, 1])])
    if let last { model.node(last, ["s"], "y") }
    return model
  }

  func model(threads: Int = 1) throws -> Model {
    try Model(bytes: bytes, name: "tiny", engine: try Engine(options: EngineOptions(threads: threads)))
  }
}

@Suite struct PicturesTinyModelTests {
  @Test(
    arguments: [
      ([("Div", [Float(255)])], "0…255"), ([("Mul", [1 / 255])], "0…255"),
      ([("Sub", [123.675, 116.28, 103.53])], "0…255"),
      ([("Sub", [0.485, 0.456, 0.406]), ("Div", [0.229, 0.224, 0.225])], "unit (0…1)"),
      ([("Mul", [2]), ("Sub", [1])], "unit (0…1)"), ([("Sub", [127.5]), ("Div", [127.5])], "0…255"),
    ] as [([(String, [Float])], String)])
  func normalizationInsideTheGraphIsFound(_ steps: [(String, [Float])], _ expected: String) throws {
    let pipeline = try PicturePipeline(model: try TinyModel.affine(steps).model())
    #expect(pipeline.preprocessing.scaling.description == expected)
    #expect(pipeline.preprocessing.source.hasPrefix("the graph"))
    #expect(!pipeline.preprocessing.isAssumed)
  }

  @Test func nothingKnownIsAssumedAndSaid() throws {
    let pipeline = try PicturePipeline(model: try TinyModel.affine([]).model())
    #expect(pipeline.preprocessing.scaling == .named(.imagenet))
    #expect(pipeline.notes[0].hasPrefix("assumed preprocessing: imagenet"))
    var options = PictureOptions()
    options.isStrict = true
    let error = #expect(throws: FCNError.self) {
      try PicturePipeline(model: try TinyModel.affine([]).model(), options: options)
    }
    #expect(error?.category == .input)
  }

  @Test func anOptionWinsOverMetadataAndMetadataOverTheGraph() throws {
    var tiny = TinyModel.affine([("Div", [255])])
    tiny.metadata = [("onnxfcn.preprocess", "minus1"), ("onnxfcn.classes", "a,b")]
    let found = try PicturePipeline(model: try tiny.model())
    #expect(found.preprocessing.scaling == .named(.minus1))
    #expect(found.preprocessing.classNames == ["a", "b"])
    var options = PictureOptions()
    options.preprocess = .unit
    options.classNames = ["c", "d"]
    let given = try PicturePipeline(model: try tiny.model(), options: options)
    #expect(given.preprocessing.scaling == .named(.unit))
    #expect(given.preprocessing.classNames == ["c", "d"])
  }

  @Test func lastOperationTellsAnImageFromClasses() throws {
    #expect(
      try PicturePipeline(model: try TinyModel.affine([], channels: 3, last: "Tanh").model()).defaultKind == .image)
    #expect(
      try PicturePipeline(model: try TinyModel.affine([], channels: 2, last: "Tanh").model()).defaultKind == .labels)
    #expect(
      try PicturePipeline(model: try TinyModel.affine([], channels: 1, last: "Relu").model()).defaultKind == .density)
    #expect(
      try PicturePipeline(model: try TinyModel.affine([], channels: 1, last: "Sigmoid").model()).defaultKind == .labels)
  }

  @Test func anImageComesBackThroughTheInverse() throws {
    var tiny = TinyModel.affine([], channels: 3, weights: [1, 0, 0, 0, 1, 0, 0, 0, 1], last: "Tanh")
    tiny.metadata = [("onnxfcn.preprocess", "unit")]
    tiny.nodes.removeLast()
    tiny.node("Clip", ["s"], "y")
    let samples = (0..<5 * 7 * 3).map { UInt8(($0 * 37) % 256) }
    let picture = try Picture(width: 7, height: 5, channels: 3, samples: samples)
    let result = try PicturePipeline(model: try tiny.model()).process(picture, name: "p")
    guard case .image(let image, _) = result.content else {
      Issue.record("expected an image")
      return
    }
    #expect(image.values.map { UInt8($0) } == samples)
    let encoded = try PictureReader.read(bytes: try result.encoded(.image), name: "p")
    #expect(encoded.values == image.values)
    #expect(throws: FCNError.self) { try result.encoded(.labels) }
  }

  @Test func unclearChannelsAreAnErrorThatNamesTheOption() throws {
    var tiny = TinyModel()
    tiny.input.shape = [1, nil, nil, nil]
    tiny.output = [1, nil, nil, nil]
    tiny.node("Relu", ["x"], "y")
    let error = #expect(throws: FCNError.self) { try PicturePipeline(model: try tiny.model()) }
    #expect(error?.message.contains("--layout") == true)
  }
}
