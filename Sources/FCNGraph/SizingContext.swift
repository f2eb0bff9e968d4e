import FCNTensor

/// One node with the types and known values of its inputs: dispatches to the sizing rules of each family.
struct SizingContext {
  let graph: Graph
  let node: Node
  let types: [TensorType?]
  let constants: [HostTensor?]
  /// Of every value of the graph, as far as they are sized.
  let allTypes: [TensorType?]
  let producers: [Int?]

  func error(_ detail: String) -> GraphError { GraphError(.size, node: node.label, detail) }

  func type(_ index: Int) throws(GraphError) -> TensorType {
    guard index < types.count, let type = types[index] else {
      throw GraphError(.invalid, node: node.label, "input \(index) is missing")
    }
    return type
  }

  func has(_ index: Int) -> Bool { index < node.inputs.count && node.inputs[index] != nil }

  /// The known integers of a parameter input.
  func integers(_ index: Int) throws(GraphError) -> [Int]? {
    guard has(index), let constant = constants[index] else { return nil }
    guard constant.count <= 1 << 20 else { throw error("input \(index): expected a short list, got \(constant.shape)") }
    return constant.integers().map { Int($0) }
  }

  func reals(_ index: Int) -> [Double]? {
    guard has(index), let constant = constants[index], constant.count <= 1 << 20 else { return nil }
    return constant.doubles()
  }

  /// A possibly negative axis made absolute.
  func axis(_ axis: Int, rank: Int) throws(GraphError) -> Int {
    let result = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(result) else { throw error("axis: expected \(-rank)…\(rank - 1), got \(axis)") }
    return result
  }

  func axes(_ list: [Int], rank: Int) throws(GraphError) -> [Int] {
    var result: [Int] = []
    for item in list {
      let absolute = try axis(item, rank: rank)
      guard !result.contains(absolute) else { throw error("axes: \(absolute) is given twice") }
      result.append(absolute)
    }
    return result
  }

  /// n·k with overflow reported as an error of this node.
  func product(_ values: [Int]) throws(GraphError) -> Int {
    do throws(TensorError) { return try Shape(values).checkedCount() } catch { throw self.error(error.detail) }
  }

  static func pointwise(_ rank: Int) -> [AxisDependence] { (0..<rank).map { AxisDependence($0, .pointwise) } }
  static func everything(_ rank: Int) -> [AxisDependence] { Array(repeating: .everything, count: rank) }

  /// One output; inputs beyond the given rules are wanted whole.
  func sizing(_ type: TensorType, _ rules: [[AxisDependence]]) -> NodeSizing {
    var rules = rules
    for index in rules.count..<max(rules.count, types.count) {
      rules.append(SizingContext.everything(types[index]?.shape.rank ?? 0))
    }
    return NodeSizing([type], SpatialRule(rules))
  }

  func sizing() throws(GraphError) -> NodeSizing {
    switch node.op {
    case .convolution(let payload): return try convolution(payload)
    case .convTranspose(let payload): return try convTranspose(payload)
    case .pool(let payload): return try pool(payload)
    case .maxUnpool(let payload): return try maxUnpool(payload)
    case .resize(let payload): return try resize(payload)
    case .pad(let mode): return try pad(mode)
    case .slice: return try slice()
    case .part(let payload): return try part(payload)
    case .unary(let function):
      let x = try type(0)
      return sizing(
        TensorType(function.isPredicate ? .bool : x.elementType, x.shape), [SizingContext.pointwise(x.shape.rank)])
    case .binary(let function): return try broadcast(operands: 0..<2, isPredicate: function.isPredicate)
    case .select: return try broadcast(operands: 0..<3, isPredicate: false)
    case .cast(let target):
      let x = try type(0)
      return sizing(TensorType(target, x.shape), [SizingContext.pointwise(x.shape.rank)])
    case .reduce(let payload): return try reduce(payload)
    case .argReduce(let payload):
      let rank = try type(0).shape.rank
      return try reduced([axis(payload.axis, rank: rank)], keeps: payload.keepsDimensions, to: .int64)
    case .softmax(let payload): return try softmax(payload)
    case .normalize(let payload): return try normalize(payload)
    case .concat(let axis): return try concat(axis)
    case .transpose(let permutation): return try transpose(permutation)
    case .reshape(let payload): return try reshape(payload)
    case .expand: return try expand()
    case .tile: return try tile()
    case .gather(let axis): return try gather(axis)
    case .depthToSpace(let block, _): return try depthToSpace(block)
    case .spaceToDepth(let block): return try spaceToDepth(block)
    case .matMul: return try matMul()
    case .gemm(let payload): return try gemm(payload)
    case .gridSample: return try gridSample()
    case .shape(let start, let end): return try shapeOperator(start, end)
    case .size: return sizing(TensorType(.int64, []), [])
    case .constantOfShape(let scalar): return sizing(TensorType(scalar.elementType, try shapeInput(0)), [])
    case .range: return try range()
    case .unsupported(let what): throw GraphError(.unsupported, node: node.label, what.reason)
    }
  }

  /// A parameter input read as a shape.
  func shapeInput(_ index: Int) throws(GraphError) -> Shape {
    guard let dims = try integers(index) else { throw error("the shape is missing") }
    guard dims.allSatisfy({ $0 >= 0 }) else { throw error("shape: expected sizes ≥ 0, got \(dims)") }
    return Shape(dims)
  }

  /// The result of Shape and Size, which need no data.
  func shapeValue() throws(GraphError) -> HostTensor? {
    let values: [Int64]
    let shape: Shape
    switch node.op {
    case .shape(let start, let end):
      let dims = try type(0).shape.dims[SizingContext.shapeRange(start, end, rank: try type(0).shape.rank)]
      values = dims.map(Int64.init)
      shape = [dims.count]
    case .size:
      values = [Int64(try type(0).shape.count)]
      shape = []
    case .convolution, .convTranspose, .pool, .maxUnpool, .resize, .pad, .slice, .part, .unary, .binary, .select, .cast,
      .reduce, .argReduce, .softmax, .normalize, .concat, .transpose, .reshape, .expand, .tile, .gather, .depthToSpace,
      .spaceToDepth, .matMul, .gemm, .gridSample, .constantOfShape, .range, .unsupported:
      return nil
    }
    do throws(TensorError) { return try HostTensor(values, shape: shape) } catch { throw self.error(error.detail) }
  }

  static func shapeRange(_ start: Int, _ end: Int?, rank: Int) -> Range<Int> {
    func clamped(_ value: Int) -> Int { min(max(value < 0 ? value + rank : value, 0), rank) }
    let low = clamped(start)
    return low..<max(low, clamped(end ?? rank))
  }

  func shapeOperator(_ start: Int, _ end: Int?) throws(GraphError) -> NodeSizing {
    let count = SizingContext.shapeRange(start, end, rank: try type(0).shape.rank).count
    return sizing(TensorType(.int64, [count]), [])
  }
}
