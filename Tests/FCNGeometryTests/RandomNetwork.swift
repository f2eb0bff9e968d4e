import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit

/// A random network over `[N, C, L]` or `[N, C, H, W]` of two to eight layers: operators of every kind that the
/// geometry speaks of, branches and skip connections. It runs at any batch size, and mostly at any image size.
struct RandomNetwork {
  let seed: UInt64
  /// Spatial axes, 1 or 2.
  let rank: Int
  var generator: SeededGenerator
  var builder: GraphBuilder
  private(set) var values: [(id: ValueID, shape: Shape)] = []

  init(seed: UInt64, rank: Int) {
    self.seed = seed
    self.rank = rank
    generator = SeededGenerator(seed &* 7919 &+ UInt64(rank))
    builder = GraphBuilder(seed: seed &+ 1 << 40)
  }

  /// The network and the sizes of its input without the batch: `[C, …]`.
  /// - Throws: `GraphError` where a drawn layer does not run at the drawn size.
  mutating func make() throws -> (graph: Graph, input: [Int]) {
    let sizes = rank == 1 ? 16...48 : 9...17
    let dims = [pick(1...2)] + (0..<rank).map { _ in pick(sizes) }
    try append(try builder.input([1] + dims))
    for _ in 0..<pick(rank == 1 ? 2...7 : 2...5) { try append(try layer()) }
    if hasBranchesLeft { try append(try joined()) }
    return (try live(try builder.graph(outputs: [values[values.count - 1].id])), dims)
  }

  /// Only the nodes that the output needs.
  private func live(_ graph: Graph) throws(GraphError) -> Graph {
    var needed = Set(graph.outputs)
    var nodes: [Node] = []
    for node in graph.nodes.reversed() where node.outputs.contains(where: { $0.map(needed.contains) ?? false }) {
      needed.formUnion(node.inputs.compactMap { $0 })
      nodes.insert(node, at: 0)
    }
    return try Graph(
      name: "network", values: graph.values, nodes: nodes, inputs: graph.inputs, outputs: graph.outputs)
  }

  mutating func pick(_ range: ClosedRange<Int>) -> Int { generator.integer(in: range) }
  mutating func pick<T>(_ list: [T]) -> T { list[pick(0...list.count - 1)] }
  mutating func one(in count: Int) -> Bool { pick(1...count) == 1 }
  /// One number per spatial axis.
  mutating func each(_ range: ClosedRange<Int>) -> [Int] { (0..<rank).map { _ in pick(range) } }
  mutating func each(_ list: [Int]) -> [Int] { (0..<rank).map { _ in pick(list) } }

  /// The value that a layer extends: mostly the newest.
  mutating func recent() -> (id: ValueID, shape: Shape) {
    values[one(in: 4) ? pick(max(0, values.count - 3)...values.count - 1) : values.count - 1]
  }

  /// An earlier value of which nothing has been said yet may be joined at the end.
  private var hasBranchesLeft: Bool { values.count > 3 && values.count % 3 == 0 }

  var spatialAxes: [Int] { Array(2..<2 + rank) }

  /// Sizes the graph so far to learn a shape.
  func shape(of id: ValueID) throws -> Shape {
    try SizedGraph(
      try builder.graph(outputs: [id]), inputs: builder.inputs.map(\.tensor.shape), evaluator: ReferenceEvaluator()
    ).type(id).shape
  }

  private mutating func append(_ id: ValueID) throws {
    let shape = try shape(of: id)
    guard shape.dims[2...].allSatisfy({ (2...120).contains($0) }) else {
      throw GraphError(.size, "layer of \(shape): expected sizes of 2…120")
    }
    values.append((id, shape))
  }

  private mutating func layer() throws -> ValueID {
    let (x, shape) = recent()
    let spatial = shape.dims[2...]
    let isLarge = spatial.max()! > (rank == 1 ? 64 : 24)
    let isSmall = spatial.min()! < (rank == 1 ? 8 : 6)
    if shape[1] > 3 { return try convolution(x, shape, isSmall: isSmall) }
    switch pick(0...31) {
    case 0...5: return try convolution(x, shape, isSmall: isSmall)
    case 6...8: return try pool(x, shape, isSmall: isSmall)
    case 9, 10: return try isLarge ? pool(x, shape, isSmall: false) : transposed(x, shape)
    case 11: return try unpooled(x, shape)
    case 12...15: return try resize(x, shape, isLarge: isLarge, isSmall: isSmall)
    case 16, 17: return try pad(x, shape)
    case 18, 19: return try slice(x, shape, isSmall: isSmall)
    case 20...22: return try joined()
    case 23: return try stacked(x, shape)
    case 24: return try withConstant(x, shape)
    case 25: return try selected(x, shape)
    case 26: return try global(x, shape)
    case 27: return try blocks(x, shape)
    case 28: return try rearranged(x, shape)
    case 29, 30: return try level(x, shape)
    default: return try activation(x, shape)
    }
  }

  mutating func activation(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    switch pick(0...5) {
    // Over a single channel it would be 1 everywhere.
    case 0 where shape[1] > 1: return builder.node(.softmax(Softmax(axis: 1)), x)
    case 1:
      let size = [shape[1]]
      let parameters = [
        try builder.weights(size, in: 0.5...2), try builder.weights(size), try builder.weights(size),
        try builder.weights(size, in: 0.5...2),
      ]
      return builder.nodes(.normalize(.batch(epsilon: 1e-5)), [x] + parameters, outputs: 1)[0]
    default:
      let functions: [UnaryFunction] = [
        .leakyRelu(alpha: 0.1), .elu(alpha: 1), .sigmoid, .tanh, .mish, .softplus, .hardSwish, .gelu(tanh: false),
        .relu, .clip(low: -0.4, high: 0.4),
      ]
      return builder.node(.unary(pick(functions)), x)
    }
  }
}
