package import FCNTensor

/// Evaluates a node on constants; the reference operators do.
package protocol ConstantEvaluator: Sendable {
  func evaluate(_ node: Node, sizing: NodeSizing, inputs: [HostTensor?]) throws(GraphError) -> [HostTensor]
}

/// A graph at concrete input shapes: every value's type, every node's rule, and all values known in advance
/// (constants, and what follows from shapes alone).
package struct SizedGraph: Sendable {
  package let graph: Graph
  package private(set) var types: [TensorType?]
  package private(set) var constants: [HostTensor?]
  /// Nil for nodes whose outputs are all known, and for those in `failures`.
  package private(set) var sizings: [NodeSizing?]
  /// Why a node could not be sized, by index; empty unless failures are tolerated.
  package private(set) var failures: [Int: GraphError] = [:]
  private let producers: [Int?]

  /// Known values above this many elements are computed at run time.
  package static let foldLimit = 1 << 16
  /// Elements, and operations, that sizing spends on known values of more than a few elements; beyond them such values
  /// are computed at run time.
  private var elementsLeft = 1 << 23
  private var operationsLeft = 1 << 27

  /// - Parameters:
  ///   - inputs: one shape per graph input, in order.
  ///   - toleratesUnsupported: nodes that cannot be executed, or whose shapes depend on data, and what follows from
  ///     them stay without a type instead of an error.
  /// - Throws: `GraphError` naming the node that does not run at these sizes.
  package init(
    _ graph: Graph, inputs: [Shape], evaluator: any ConstantEvaluator, toleratesUnsupported: Bool = false
  ) throws(GraphError) {
    self.graph = graph
    types = graph.values.map { $0.constant.map { TensorType($0.elementType, $0.shape) } }
    constants = graph.values.map(\.constant)
    sizings = []
    producers = graph.producers()
    guard inputs.count == graph.inputs.count else {
      throw GraphError(.size, "inputs: expected \(graph.inputs.count), got \(inputs.count)")
    }
    for (id, shape) in zip(graph.inputs, inputs) { try setInput(id, shape) }
    sizings.reserveCapacity(graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() {
      do throws(GraphError) { sizings.append(try size(node, evaluator)) } catch {
        guard toleratesUnsupported else { throw error }
        guard let failure = tolerated(error, node) else { throw error }
        failures[index] = failure
        sizings.append(nil)
      }
    }
  }

  /// The failure to record for a node, nil if it is an error of the sizes.
  private func tolerated(_ error: GraphError, _ node: Node) -> GraphError? {
    let missing = node.inputs.compactMap { $0 }.first { types[$0.index] == nil }
    guard let missing else { return error.code == .unsupported ? error : nil }
    return GraphError(.size, node: node.label, "the shape of \(graph[missing].name) depends on data, or is not known")
  }

  /// Every value has a type where no failure is tolerated.
  package func type(_ id: ValueID) -> TensorType { types[id.index]! }
  package func constant(_ id: ValueID?) -> HostTensor? { id.flatMap { constants[$0.index] } }

  private mutating func setInput(_ id: ValueID, _ shape: Shape) throws(GraphError) {
    let value = graph[id]
    if let dimensions = value.dimensions, dimensions.count != shape.rank {
      throw GraphError(.size, "input \(value.name): expected rank \(dimensions.count), got \(shape)")
    }
    try checkLimit(TensorType(value.elementType ?? .float32, shape), "input \(value.name)")
    types[id.index] = TensorType(value.elementType ?? .float32, shape)
  }

  private func checkLimit(_ type: TensorType, _ label: String) throws(GraphError) {
    do throws(TensorError) { _ = try type.shape.checkedCount() } catch {
      throw GraphError(.limit, node: label, error.detail)
    }
    guard type.shape.rank <= 8 else {
      throw GraphError(.limit, node: label, "rank: expected at most 8, got \(type.shape.rank)")
    }
  }

  /// Apart, so that nothing shares `types` when they are written.
  private func sized(
    _ node: Node, _ inputs: [TensorType?], _ known: [HostTensor?]
  ) throws(GraphError) -> (NodeSizing, HostTensor?) {
    let context = SizingContext(
      graph: graph, node: node, types: inputs, constants: known, allTypes: types, producers: producers)
    return (try context.sizing(), try context.shapeValue())
  }

  private mutating func affords(_ node: Node, _ sizing: NodeSizing, _ inputs: [TensorType?]) -> Bool {
    guard sizing.outputs.allSatisfy({ $0.shape.count <= SizedGraph.foldLimit }) else { return false }
    let elements = sizing.outputs.reduce(0) { $0 + $1.shape.count }
    let operations = sizing.operations(node, inputs: inputs)
    if elements <= 64 && operations <= 4096 { return true }
    guard elements <= elementsLeft, operations <= operationsLeft else { return false }
    elementsLeft -= elements
    operationsLeft -= operations
    return true
  }

  private mutating func size(_ node: Node, _ evaluator: any ConstantEvaluator) throws(GraphError) -> NodeSizing? {
    let inputTypes = node.inputs.map { $0.flatMap { types[$0.index] } }
    let known = node.inputs.map { constant($0) }
    for index in node.op.parameterInputs where index < node.inputs.count {
      if let id = node.inputs[index], known[index] == nil {
        throw GraphError(
          .unsupported, node: node.label,
          "input \(graph[id].name) depends on data; expected a value known from constants and shapes")
      }
    }
    let (sizing, shapeValue) = try sized(node, inputTypes, known)
    for (output, type) in zip(node.outputs, sizing.outputs) {
      try checkLimit(type, node.label)
      if let output { types[output.index] = type }
    }
    if let shapeValue {
      if let output = node.outputs[0] { constants[output.index] = shapeValue }
      return nil
    }
    let isKnown = zip(node.inputs, known).allSatisfy { $0 == nil || $1 != nil }
    if isKnown, affords(node, sizing, inputTypes) {
      for (output, value) in zip(node.outputs, try evaluator.evaluate(node, sizing: sizing, inputs: known)) {
        if let output { constants[output.index] = value }
      }
      return nil
    }
    return sizing
  }
}
