package import FCNGraph
package import FCNTensor

/// Builds small graphs: inputs and constants with seeded values, nodes in order.
package struct GraphBuilder {
  package private(set) var inputs: [(id: ValueID, tensor: HostTensor)] = []
  private var values: [Value] = []
  private var nodes: [Node] = []
  private var generator: SeededGenerator

  package init(seed: UInt64) { generator = SeededGenerator(seed) }

  /// A graph input whose test values are uniform in `range`; whole numbers for integers, 0 or 1 for bool.
  package mutating func input(
    _ dims: [Int], _ type: ElementType = .float32, in range: ClosedRange<Double> = -1...1
  ) throws(TensorError) -> ValueID {
    input(try random(dims, type, range))
  }

  /// A graph input with given test values.
  package mutating func input(_ tensor: HostTensor) -> ValueID {
    let id = add(
      Value(
        name: "x\(inputs.count)", elementType: tensor.elementType,
        dimensions: tensor.shape.dims.map(Dimension.fixed)))
    inputs.append((id, tensor))
    return id
  }

  /// A constant, uniform in `range`.
  package mutating func weights(
    _ dims: [Int], _ type: ElementType = .float32, in range: ClosedRange<Double> = -1...1
  ) throws(TensorError) -> ValueID {
    constant(try random(dims, type, range))
  }

  /// A list of int64: shapes, axes, pads.
  package mutating func list(_ values: [Int]) throws(TensorError) -> ValueID {
    constant(try HostTensor(values.map(Int64.init), shape: [values.count]))
  }

  /// A list of float32: scales, regions of interest.
  package mutating func reals(_ values: [Float]) throws(TensorError) -> ValueID {
    constant(try HostTensor(values, shape: [values.count]))
  }

  package mutating func constant(_ tensor: HostTensor) -> ValueID {
    add(Value(name: "c\(values.count)", constant: tensor))
  }

  /// One node with one output.
  package mutating func node(_ op: Operator, _ inputs: ValueID?...) -> ValueID { nodes(op, inputs, outputs: 1)[0] }

  /// One node with several outputs.
  package mutating func nodes(_ op: Operator, _ inputs: [ValueID?], outputs count: Int) -> [ValueID] {
    let label = "\(op)".prefix { $0.isLetter }
    let name = "\(label)\(nodes.count)"
    let outputs = (0..<count).map { add(Value(name: "\(name).\($0)")) }
    nodes.append(
      Node(
        name: name, op: op, inputs: inputs, outputs: outputs, origin: NodeOrigin(operatorName: String(label))))
    return outputs
  }

  package func graph(outputs: [ValueID]) throws(GraphError) -> Graph {
    try Graph(name: "case", values: values, nodes: nodes, inputs: inputs.map(\.id), outputs: outputs)
  }

  private mutating func add(_ value: Value) -> ValueID {
    values.append(value)
    return ValueID(values.count - 1)
  }

  private mutating func random(
    _ dims: [Int], _ type: ElementType, _ range: ClosedRange<Double>
  ) throws(TensorError) -> HostTensor {
    let shape = Shape(dims)
    var list: [Double] = []
    for _ in 0..<(try shape.checkedCount()) {
      let value = generator.real(in: range)
      list.append(type == .bool ? (value < (range.lowerBound + range.upperBound) / 2 ? 0 : 1) : value)
    }
    return try HostTensor(doubles: list, elementType: type, shape: shape)
  }
}
