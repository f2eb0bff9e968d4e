import FCNTensor
import OnnxFCN
import Testing

/// Forms that only old exporters write, and rare ones of today, from the file to the numbers.
@Suite struct OldFormTests {
  private let engine: Engine

  init() throws { engine = try Engine(options: EngineOptions(threads: 1)) }

  private static let float64 = 11

  /// Runs the model on 1, 2, 3, … of the declared type by our kernels and by the reference.
  private func run(_ bytes: [UInt8], _ dims: [Int], _ type: ElementType = .float32) throws -> [HostTensor] {
    let values = (1...dims.reduce(1, *)).map(Double.init)
    let x = try HostTensor(doubles: values, elementType: type, shape: Shape(dims))
    let model = try Model(bytes: bytes, engine: engine)
    let results = try model.prepared([x.shape]).run([x])
    let expected = try model.prepared([x.shape], backend: "reference").run([x])
    #expect(results.map { $0.doubles() } == expected.map { $0.doubles() })
    #expect(results.map(\.elementType) == expected.map(\.elementType))
    return results
  }

  private func model(
    _ op: String, _ attributes: [[UInt8]], inputs: [String] = ["x"], _ dims: [Int], type: Int = 1, opset: Int,
    constants: [[UInt8]] = []
  ) -> [UInt8] {
    Wire.model(
      nodes: [Wire.node(op, inputs, ["y"], attributes)], constants: constants, input: dims, inputType: type,
      opset: opset)
  }

  /// Numbers of a float32 list.
  private static func reals(_ name: String, _ values: [Float]) -> [UInt8] {
    Wire.text(1, name) + values.flatMap { Wire.real(7, $0) } + Wire.number(20, 6)
  }

  /// Before opset 11 the value is an attribute; the constant has the type of the tensor.
  @Test(arguments: [Float(0), 2.5], [1, 2, 10]) func padOfDoubles(_ value: Float, _ opset: Int) throws {
    let pads = Wire.attribute(opset < 2 ? "paddings" : "pads", [0, 1, 0, 1])
    let attributes = [pads] + (value == 0 && opset > 2 ? [] : [Wire.attribute("value", value)])
    let bytes = model("Pad", attributes, [1, 2], type: Self.float64, opset: opset)
    let y = try run(bytes, [1, 2], .float64)[0]
    #expect(y.elementType == .float64)
    #expect(y.doubles() == [Double(value), 1, 2, Double(value)])
  }

  @Test(arguments: [6, 7, 13]) func meanOfDoubles(_ opset: Int) throws {
    let addend: [Double] = [0.5, 1, 3]
    let constant = Wire.tensor(
      "w", type: Self.float64, shape: [3], raw: addend.flatMap { Wire.littleEndian($0.bitPattern) })
    let bytes = model(
      "Mean", [], inputs: ["x", "w", "x"], [3], type: Self.float64, opset: opset, constants: [constant])
    let y = try run(bytes, [3], .float64)[0]
    #expect(y.elementType == .float64)
    // In Double: a quotient rounded to float32 would show.
    let sums: [Double] = [2.5, 5, 9]
    #expect(y.doubles() == sums.map { $0 / 3 })
  }

  @Test func imageScaler() throws {
    let attributes = [Wire.attribute("scale", Float(2)), Self.reals("bias", [10, -1])]
    let y = try run(model("ImageScaler", attributes, [1, 2, 1, 2], opset: 1), [1, 2, 1, 2])[0]
    #expect(y.doubles() == [12, 14, 5, 7])
    let plain = try run(model("ImageScaler", [], [1, 2, 1, 2], opset: 9), [1, 2, 1, 2])[0]
    #expect(plain.doubles() == [1, 2, 3, 4])
  }

  @Test func affine() throws {
    let attributes = [Wire.attribute("alpha", Float(3)), Wire.attribute("beta", Float(-1))]
    #expect(try run(model("Affine", attributes, [3], opset: 1), [3])[0].doubles() == [2, 5, 8])
    let wide = try run(model("Affine", attributes, [3], type: Self.float64, opset: 1), [3], .float64)[0]
    #expect(wide.elementType == .float64 && wide.doubles() == [2, 5, 8])
  }

  /// Opset 1 has p as a float.
  @Test func globalLpPool() throws {
    let bytes = model("GlobalLpPool", [Wire.attribute("p", Float(2))], [1, 1, 1, 2], opset: 1)
    let outcome = Outcome(bytes, shape: [1, 1, 1, 2], engine: engine)
    #expect(outcome.category == .unsupported && outcome.isClear, "\(outcome)")
    let plain = Outcome(model("GlobalLpPool", [], [1, 1, 1, 2], opset: 1), shape: [1, 1, 1, 2], engine: engine)
    #expect(plain.category == .unsupported && plain.message.contains("before opset 2"), "\(plain)")
    let y = try run(model("GlobalLpPool", [Wire.attribute("p", 1)], [1, 1, 1, 2], opset: 2), [1, 1, 1, 2])[0]
    #expect(y.doubles() == [3])
  }

  // MARK: rare forms of today

  @Test func dropoutWithMask() throws {
    let node = Wire.node("Dropout", ["x"], ["y", "mask"], [])
    let unused = try run(Wire.model(nodes: [node], input: [4]), [4])
    #expect(unused.map { $0.doubles() } == [[1, 2, 3, 4]])
    let used = try run(Wire.model(nodes: [node], input: [4], outputs: ["y", "mask"]), [4])
    #expect(used[1].elementType == .bool && used[1].integers() == [1, 1, 1, 1])
    #expect(used[0].doubles() == [1, 2, 3, 4])
    let read = [node, Wire.node("Where", ["mask", "y", "c"], ["z"], [])]
    let chosen = try run(
      Wire.model(nodes: read, constants: [Wire.floats("c", [-1], shape: [1])], input: [4], outputs: ["z"]), [4])
    #expect(chosen[0].doubles() == [1, 2, 3, 4])
  }

  /// A mask is all true whatever the data are.
  @Test func maskOfSpecialNumbers() throws {
    let node = Wire.node("Dropout", ["x"], ["y", "mask"], [])
    let model = try Model(bytes: Wire.model(nodes: [node], input: [4], outputs: ["mask"]), engine: engine)
    let x = try Tensor(shape: [4], floats: [.nan, .infinity, -.infinity, 0])
    #expect(try model.run([x])[0].host.integers() == [1, 1, 1, 1])
  }

  /// A refusal after the mask was emitted leaves one unsupported node and nothing else.
  @Test func dropoutInTraining() throws {
    let node = Wire.node("Dropout", ["x", "", "t"], ["y", "mask"], [])
    let training = Wire.tensor("t", type: 9, shape: [], raw: [1])
    let bytes = Wire.model(nodes: [node], constants: [training], input: [4], outputs: ["y", "mask"])
    let outcome = Outcome(bytes, shape: [4], engine: engine)
    #expect(outcome.category == .unsupported && outcome.message.contains("1 node is"), "\(outcome)")
  }

  /// A local function: field 1 name, 4 inputs, 5 outputs, 7 nodes, 9 opsets, 10 domain.
  private static func function(_ name: String, _ inputs: [String], _ output: String, _ nodes: [[UInt8]]) -> [UInt8] {
    Wire.text(1, name) + inputs.flatMap { Wire.text(4, $0) } + Wire.text(5, output)
      + nodes.flatMap { Wire.block(7, $0) } + Wire.block(9, Wire.number(2, 17)) + Wire.text(10, "local")
  }

  @Test func omittedInputOfFunction() throws {
    let body = Self.function("Layer", ["a", "w", "b"], "r", [Wire.node("Conv", ["a", "w", "b"], ["r"])])
    let constants = [Wire.floats("w", [2], shape: [1, 1, 1, 1]), Wire.floats("b", [0.5], shape: [1])]
    let opset = Wire.text(1, "local") + Wire.number(2, 1)
    func outputs(_ inputs: [String]) throws -> [Double] {
      let bytes = Wire.model(
        nodes: [Wire.node("Layer", inputs, ["y"], domain: "local")], constants: constants, input: [1, 1, 1, 3],
        functions: [body], extraOpsets: [opset])
      return try run(bytes, [1, 1, 1, 3])[0].doubles()
    }
    #expect(try outputs(["x", "w", "b"]) == [2.5, 4.5, 6.5])
    #expect(try outputs(["x", "w", ""]) == [2, 4, 6])
    #expect(try outputs(["x", "w"]) == [2, 4, 6])
  }

  @Test func infiniteConstants() throws {
    func sum(_ attribute: [UInt8]) throws -> [Double] {
      let nodes = [Wire.node("Constant", [], ["c"], [attribute]), Wire.node("Add", ["x", "c"], ["y"])]
      return try run(Wire.model(nodes: nodes, input: [3]), [3])[0].doubles()
    }
    #expect(try sum(Self.reals("value_floats", [0, -.infinity, .infinity])) == [1, -.infinity, .infinity])
    #expect(try sum(Wire.attribute("value_float", -Float.infinity)) == Array(repeating: -.infinity, count: 3))
    let masked = Wire.node("Constant", [], ["c"], [Self.reals("value_floats", [.nan, 1, 1])])
    let model = try Model(
      bytes: Wire.model(nodes: [masked, Wire.node("Add", ["x", "c"], ["y"])], input: [3]), engine: engine)
    let y = try model.run([try Tensor(shape: [3], floats: [1, 1, 1])])[0].floats
    #expect(y[0].isNaN && y[1] == 2)
  }

  /// Windows over four axes, from a file: one clear line.
  @Test func fourSpatialAxes() {
    let dims = [1, 1, 2, 2, 2, 2]
    let kernel = Wire.attribute("kernel_shape", [2, 2, 2, 2])
    let weights = Wire.floats("w", [Float](repeating: 1, count: 16), shape: [1, 1, 2, 2, 2, 2])
    for (op, inputs) in [("Conv", ["x", "w"]), ("ConvTranspose", ["x", "w"]), ("MaxPool", ["x"]), ("LpPool", ["x"])] {
      let bytes = model(op, [kernel], inputs: inputs, dims, opset: 17, constants: [weights])
      let outcome = Outcome(bytes, shape: dims, engine: engine)
      #expect(outcome.category == .unsupported && outcome.isClear && outcome.message.contains(op), "\(outcome)")
    }
  }
}
