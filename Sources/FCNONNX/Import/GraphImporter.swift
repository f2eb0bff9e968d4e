import FCNGraph
import FCNTensor

/// Turns a parsed model into a graph: names become values, old operator forms become the newest, local functions are
/// inlined, what is not executed is kept as unsupported nodes.
struct GraphImporter {
  private let model: ProtoModel
  private let load: NodeImport.TensorLoader
  private let limits: LoaderLimits
  private let builder = ImportBuilder()
  private let opsets: [String: Int]
  private let functions: [String: ProtoFunction]

  static func graph(_ model: ProtoModel, limits: LoaderLimits, load: @escaping NodeImport.TensorLoader)
    throws(ONNXError) -> Graph
  {
    try GraphImporter(model, limits, load).imported()
  }

  private init(_ model: ProtoModel, _ limits: LoaderLimits, _ load: @escaping NodeImport.TensorLoader) throws(ONNXError)
  {
    self.model = model
    self.limits = limits
    self.load = load
    opsets = try GraphImporter.versions(model.opsets, irVersion: model.irVersion)
    var functions: [String: ProtoFunction] = [:]
    for function in model.functions { functions["\(function.domain).\(function.name).\(function.overload)"] = function }
    self.functions = functions
  }

  /// Domain → version; `ai.onnx` is the empty domain.
  private static func versions(
    _ list: [(domain: String, version: Int)], irVersion: Int
  ) throws(ONNXError) -> [String: Int] {
    var result: [String: Int] = [:]
    for (domain, version) in list {
      let domain = domain == "ai.onnx" ? "" : domain
      guard version >= 1 else { throw ONNXError(.invalid, "opset of \(domain): expected at least 1, got \(version)") }
      result[domain] = max(result[domain] ?? 0, version)
    }
    if list.isEmpty { result[""] = 1 }
    return result
  }

  private func imported() throws(ONNXError) -> Graph {
    guard (OperatorTable.oldestIR...OperatorTable.newestIR).contains(model.irVersion) else {
      throw ONNXError(
        .invalid, "IR version: expected \(OperatorTable.oldestIR)…\(OperatorTable.newestIR), got \(model.irVersion)")
    }
    try addInitializers()
    let inputs = try addInputs()
    for value in model.graph.values + model.graph.outputs { builder.declare(value) }
    try add(
      model.graph.nodes, scope: .init(names: builder.names, prefix: "", opsets: opsets, attributes: [:]), depth: 0)
    var outputs: [ValueID] = []
    for output in model.graph.outputs {
      guard let id = builder.names[output.name] else {
        throw ONNXError(.invalid, "output \(output.name): no node makes it")
      }
      builder.setType(id, output)
      outputs.append(id)
    }
    guard !outputs.isEmpty else { throw ONNXError(.invalid, "the graph has no outputs") }
    do throws(GraphError) {
      return try Graph(
        name: model.graph.name, values: builder.values, nodes: builder.nodes, inputs: inputs, outputs: outputs,
        metadata: model.metadata, opsets: model.opsets)
    } catch { throw ONNXError(.invalid, node: error.node, error.detail) }
  }

  private func addInitializers() throws(ONNXError) {
    for tensor in model.graph.initializers {
      guard !tensor.name.isEmpty else { continue }
      guard builder.names[tensor.name] == nil else {
        throw ONNXError(.invalid, "initializer \(tensor.name): defined twice")
      }
      do throws(ONNXError) {
        builder.names[tensor.name] = builder.constant(try load(tensor, tensor.name), name: tensor.name)
      } catch {
        guard error.code == .unsupported else { throw error }
        builder.names[tensor.name] = builder.value(tensor.name)
        builder.unreadable[tensor.name] = error.detail
      }
    }
    for name in model.graph.sparseInitializers {
      builder.names[name] = builder.value(name)
      builder.unreadable[name] = "sparse initializer"
    }
  }

  /// Inputs that are not initialisers (before IR 4 both are listed).
  private func addInputs() throws(ONNXError) -> [ValueID] {
    var result: [ValueID] = []
    for input in model.graph.inputs {
      if builder.names[input.name] != nil {
        guard builder.isConstant(input.name) || builder.unreadable[input.name] != nil else {
          throw ONNXError(.invalid, "input \(input.name): defined twice")
        }
        continue
      }
      switch input.type {
      case .tensor(let type, _):
        guard type.elementType != nil else {
          throw ONNXError(.unsupported, "input \(input.name): element type \(type)")
        }
      case .other(let kind): throw ONNXError(.unsupported, "input \(input.name): \(kind), expected a tensor")
      case .undeclared: break
      }
      let id = builder.value(input.name)
      builder.setType(id, input)
      builder.names[input.name] = id
      result.append(id)
    }
    return result
  }

  // MARK: nodes

  /// Names visible to a list of nodes: the graph's, or a function's with its attributes.
  struct Scope {
    var names: [String: ValueID]
    var prefix: String
    var opsets: [String: Int]
    var attributes: [String: ProtoAttribute]
    /// Optional inputs of a function that the call leaves out.
    var absent: Set<String> = []
  }

  @discardableResult
  private func add(_ nodes: [ProtoNode], scope: Scope, depth: Int) throws(ONNXError) -> [String: ValueID] {
    var scope = scope
    for index in try NodeOrder.sorted(nodes, known: Set(scope.names.keys)) {
      var node = nodes[index]
      if node.name.isEmpty { node.name = "\(node.operatorName)_\(index)" }
      node.name = ImportBuilder.shortened(scope.prefix + node.name)
      try add(node, &scope, depth)
      if depth == 0 { builder.names = scope.names }
    }
    return scope.names
  }

  private func add(_ node: ProtoNode, _ scope: inout Scope, _ depth: Int) throws(ONNXError) {
    builder.readNodes += 1
    guard max(builder.nodes.count, builder.readNodes) <= limits.nodes else {
      throw ONNXError(.limit, "nodes: expected at most \(limits.nodes) after inlining functions")
    }
    let domain = node.domain == "ai.onnx" ? "" : node.domain
    var inputs: [ValueID?] = []
    for name in node.inputs {
      if name.isEmpty || scope.absent.contains(name) {
        inputs.append(nil)
      } else if let id = scope.names[name] {
        inputs.append(id)
      } else {
        throw ONNXError(.invalid, node: "\(node.name) (\(node.operatorName))", "input \(name): nothing makes it")
      }
    }
    let attributes = try resolved(node, scope)
    if let function = functions["\(node.domain).\(node.operatorName).\(node.overload)"] {
      return try inline(function, node, inputs, attributes, &scope, depth)
    }
    var outputs: [ValueID?] = []
    for name in node.outputs {
      guard !name.isEmpty else {
        outputs.append(nil)
        continue
      }
      guard scope.names[name] == nil else {
        throw ONNXError(.invalid, node: "\(node.name) (\(node.operatorName))", "output \(name): defined twice")
      }
      let id = builder.value(
        scope.prefix.isEmpty ? name : ImportBuilder.shortened(scope.prefix + name),
        declared: scope.prefix.isEmpty ? name : nil)
      scope.names[name] = id
      outputs.append(id)
    }
    let item = NodeImport(
      builder: builder, load: load, name: node.name, operatorName: node.operatorName, domain: domain,
      opset: scope.opsets[domain] ?? 0, inputs: inputs, outputs: outputs, attributes: attributes)
    try OperatorTable.add(item)
    // Constant nodes put their value in the output's place.
    for (name, old) in zip(node.outputs, outputs) where old != nil && !name.isEmpty {
      if let replaced = builder.replaced[old!] { scope.names[name] = replaced }
    }
  }

  /// Attribute references of a function's body become the caller's attributes, or the function's defaults.
  private func resolved(_ node: ProtoNode, _ scope: Scope) throws(ONNXError) -> [String: ProtoAttribute] {
    var result: [String: ProtoAttribute] = [:]
    for var attribute in node.attributes {
      if !attribute.reference.isEmpty {
        guard let given = scope.attributes[attribute.reference] else { continue }
        attribute.value = given.value
      }
      guard result[attribute.name] == nil else {
        throw ONNXError(
          .invalid, node: "\(node.name) (\(node.operatorName))", "attribute \(attribute.name): given twice")
      }
      result[attribute.name] = attribute
    }
    return result
  }

  private func inline(
    _ function: ProtoFunction, _ node: ProtoNode, _ inputs: [ValueID?], _ attributes: [String: ProtoAttribute],
    _ scope: inout Scope, _ depth: Int
  ) throws(ONNXError) {
    guard depth < 16 else {
      throw ONNXError(.invalid, node: node.name, "function \(function.name): expected at most 16 levels of calls")
    }
    var names: [String: ValueID] = [:]
    for (name, id) in zip(function.inputs, inputs) { if let id { names[name] = id } }
    var given = attributes
    for attribute in function.attributeDefaults where given[attribute.name] == nil { given[attribute.name] = attribute }
    let opsets = try GraphImporter.versions(function.opsets, irVersion: model.irVersion)
    let inner = Scope(
      names: names, prefix: node.name + ".", opsets: opsets.merging(scope.opsets) { own, _ in own }, attributes: given,
      absent: Set(function.inputs.filter { names[$0] == nil }))
    let made = try add(function.nodes, scope: inner, depth: depth + 1)
    for (outer, name) in zip(node.outputs, function.outputs) where !outer.isEmpty {
      guard let id = made[name] else {
        throw ONNXError(.invalid, node: node.name, "function \(function.name): output \(name) is never made")
      }
      guard scope.names[outer] == nil else {
        throw ONNXError(.invalid, node: node.name, "output \(outer): defined twice")
      }
      scope.names[outer] = id
    }
  }
}
