import FCNGraph
import FCNTensor

/// One ONNX node with its attributes checked as they are read, and the means to emit graph nodes for it.
struct NodeImport {
  /// Loads a tensor's values; the second argument is what to name in errors.
  typealias TensorLoader = (ProtoTensor, String) throws(ONNXError) -> HostTensor

  let builder: ImportBuilder
  let load: TensorLoader
  let name: String
  let operatorName: String
  let domain: String
  let opset: Int
  let inputs: [ValueID?]
  let outputs: [ValueID?]
  let attributes: [String: ProtoAttribute]

  var label: String { "\(name) (\(operatorName))" }

  func invalid(_ detail: String) -> ONNXError { ONNXError(.invalid, node: label, detail) }
  func unsupported(_ detail: String) -> ONNXError { ONNXError(.unsupported, node: label, detail) }

  // MARK: attributes

  private func mismatch(_ name: String, _ expected: String, _ value: ProtoAttributeValue) -> ONNXError {
    invalid("attribute \(name): expected \(expected), got \(value.kind)")
  }

  func int(_ name: String, _ fallback: Int) throws(ONNXError) -> Int {
    guard let value = attributes[name]?.value else { return fallback }
    guard case .integer(let number) = value else { throw mismatch(name, "INT", value) }
    return Int(number)
  }

  func flag(_ name: String, _ fallback: Bool = false) throws(ONNXError) -> Bool {
    try int(name, fallback ? 1 : 0) != 0
  }

  /// A float32 attribute, exact in Double. Finite unless `allowsInfinite`.
  func real(
    _ name: String, _ fallback: Double, allowsInfinite: Bool = false, allowsNonFinite: Bool = false
  ) throws(ONNXError) -> Double {
    guard let value = attributes[name]?.value else { return fallback }
    guard case .real(let number) = value else { throw mismatch(name, "FLOAT", value) }
    guard number.isFinite || allowsNonFinite || allowsInfinite && !number.isNaN else {
      throw invalid("attribute \(name): expected a finite number, got \(number)")
    }
    return Double(number)
  }

  func text(_ name: String, _ fallback: String) throws(ONNXError) -> String {
    guard let value = attributes[name]?.value else { return fallback }
    guard case .text(let text) = value else { throw mismatch(name, "STRING", value) }
    return text
  }

  func ints(_ name: String) throws(ONNXError) -> [Int]? {
    guard let value = attributes[name]?.value else { return nil }
    guard case .integers(let numbers) = value else { throw mismatch(name, "INTS", value) }
    return numbers.map { Int($0) }
  }

  func reals(_ name: String, allowsNonFinite: Bool = false) throws(ONNXError) -> [Double]? {
    guard let value = attributes[name]?.value else { return nil }
    guard case .reals(let numbers) = value else { throw mismatch(name, "FLOATS", value) }
    guard allowsNonFinite || numbers.allSatisfy(\.isFinite) else {
      throw invalid("attribute \(name): expected finite numbers")
    }
    return numbers.map { Double($0) }
  }

  func tensor(_ name: String) throws(ONNXError) -> HostTensor? {
    guard let value = attributes[name]?.value else { return nil }
    guard case .tensor(let proto) = value else { throw mismatch(name, "TENSOR", value) }
    return try load(proto, label)
  }

  // MARK: inputs and outputs

  func input(_ index: Int) throws(ONNXError) -> ValueID {
    guard index < inputs.count, let id = inputs[index] else {
      throw invalid("input \(index): expected a value, got none")
    }
    return id
  }

  func optional(_ index: Int) -> ValueID? { index < inputs.count ? inputs[index] : nil }

  func constant(_ index: Int) -> HostTensor? { optional(index).flatMap { builder.values[$0.index].constant } }

  func output() throws(ONNXError) -> ValueID {
    guard let id = outputs.first ?? nil else { throw invalid("output 0: expected a name, got none") }
    return id
  }

  /// At most `count` inputs and exactly the first `required` present.
  func arity(_ required: Int, _ count: Int) throws(ONNXError) {
    guard inputs.count <= count else { throw invalid("inputs: expected at most \(count), got \(inputs.count)") }
    for index in 0..<required { _ = try input(index) }
  }

  // MARK: emission

  func emit(_ op: Operator, _ inputs: [ValueID?], to outputs: [ValueID?]? = nil, suffix: String = "") {
    var outputs = outputs ?? self.outputs
    while outputs.count > 1, outputs[outputs.count - 1] == nil { outputs.removeLast() }
    builder.nodes.append(
      Node(
        name: name + suffix, op: op, inputs: inputs, outputs: outputs,
        origin: NodeOrigin(operatorName: operatorName, domain: domain, opset: opset)))
  }

  /// As `emit`, into a new value.
  func value(_ op: Operator, _ inputs: [ValueID?], suffix: String) -> ValueID {
    let id = builder.value(name + suffix)
    emit(op, inputs, to: [id], suffix: suffix)
    return id
  }

  func constant(_ tensor: HostTensor, suffix: String) -> ValueID { builder.constant(tensor, name: name + suffix) }

  func constant(integers values: [Int], suffix: String) throws(ONNXError) -> ValueID {
    do throws(TensorError) {
      return constant(try HostTensor(values.map(Int64.init), shape: [values.count]), suffix: suffix)
    } catch { throw invalid(error.detail) }
  }

  /// Numbers of the declared type of `operand`, float32 if the model does not say.
  func constant(
    reals values: [Double], shape: Shape? = nil, like operand: ValueID? = nil, suffix: String
  ) throws(ONNXError) -> ValueID {
    let declared = operand.flatMap { builder.values[$0.index].elementType }
    do throws(TensorError) {
      return constant(
        try HostTensor(doubles: values, elementType: declared ?? .float32, shape: shape ?? [values.count]),
        suffix: suffix)
    } catch { throw invalid(error.detail) }
  }

  /// The node's output *is* this tensor.
  func replace(by tensor: HostTensor) throws(ONNXError) {
    let id = try output()
    builder.replaced[id] = builder.constant(tensor, name: builder.values[id.index].name)
  }
}
