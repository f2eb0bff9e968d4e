import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit

/// A random network over `[1, C, H, W]`: up to ten layers, some of them joined with an earlier value of the same size.
struct RandomGraph {
  private var generator: SeededGenerator
  private var builder: GraphBuilder
  private var values: [(id: ValueID, shape: Shape)] = []

  init(seed: UInt64) {
    generator = SeededGenerator(seed &* 7919 &+ 3)
    builder = GraphBuilder(seed: seed)
  }

  mutating func make() throws -> (graph: Graph, inputs: [HostTensor]) {
    let x = try builder.input([1, pick(1...4), pick(7...19), pick(7...19)])
    try append(x)
    for _ in 0..<pick(3...10) { try append(try layer()) }
    let last = values[values.count - 1].id
    let side = values[pick(1...values.count - 1)].id
    return (try builder.graph(outputs: side == last ? [last] : [last, side]), builder.inputs.map(\.tensor))
  }

  private mutating func pick(_ range: ClosedRange<Int>) -> Int { generator.integer(in: range) }
  private mutating func pick<T>(_ list: [T]) -> T { list[pick(0...list.count - 1)] }

  /// Sizes the graph so far to learn the shape.
  private mutating func append(_ id: ValueID) throws {
    let sized = try SizedGraph(
      try builder.graph(outputs: [id]), inputs: builder.inputs.map(\.tensor.shape), evaluator: ReferenceEvaluator())
    values.append((id, sized.type(id).shape))
  }

  private mutating func pads(_ most: Int) -> Padding {
    .explicit(low: [pick(0...most), pick(0...most)], high: [pick(0...most), pick(0...most)])
  }

  private mutating func layer() throws -> ValueID {
    let (x, shape) = values[pick(max(0, values.count - 3)...values.count - 1)]
    let isLarge = shape[2] > 40 || shape[3] > 40
    let isSmall = shape[2] < 6 || shape[3] < 6
    switch pick(0...9) {
    case 0, 1: return try convolution(x, shape, stride: isSmall ? 1 : pick(1...2))
    case 2 where !isLarge: return try transposed(x, shape)
    case 3 where !isSmall:
      let window = Window(kernel: [pick(2...3), pick(2...3)], strides: [2, pick(1...2)], padding: pads(1))
      let function = pick([PoolFunction.max(columnMajor: false), .average(countsPadding: false)])
      return builder.node(.pool(Pool(function: function, window: window, roundsUp: pick(0...1) == 1)), x)
    case 4: return try resize(x, shape)
    case 5:
      let mode = pick([PadMode.constant, .reflect, .edge, .wrap])
      let most = min(3, shape[2] - 1, shape[3] - 1)
      let amounts = [0, 0, pick(0...most), pick(0...most), 0, 0, pick(0...most), pick(0...most)]
      return builder.node(.pad(mode), x, try builder.list(amounts))
    case 6 where !isSmall:
      let low = [pick(0...2), pick(0...2)]
      let high = [shape[2] - pick(0...2), shape[3] - pick(0...2)]
      return builder.node(
        .slice, x, try builder.list(low), try builder.list(high), try builder.list([2, 3]),
        try builder.list([1, pick(1...2)]))
    case 7, 8: return try joined(x, shape)
    default:
      let functions: [UnaryFunction] = [.relu, .leakyRelu(alpha: 0.1), .sigmoid, .hardSwish, .identity, .softsign]
      return builder.node(.unary(pick(functions)), x)
    }
  }

  private mutating func convolution(_ x: ValueID, _ shape: Shape, stride: Int) throws -> ValueID {
    let groups = pick(0...3) == 0 ? shape[1] : 1
    let m = groups == 1 ? pick([1, 2, shape[1], 9]) : groups
    let kernel = [min(pick(1...3), shape[2]), min(pick(1...3), shape[3])]
    let window = Window(strides: [stride, stride], padding: pads(1))
    let weights = try builder.weights([m, shape[1] / groups] + kernel)
    return builder.node(
      .convolution(Convolution(window: window, groups: groups)), x, weights, try builder.weights([m]))
  }

  private mutating func transposed(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let m = pick(1...5)
    let weights = try builder.weights([shape[1], m, pick(1...4), pick(2...3)])
    return builder.node(
      .convTranspose(ConvTranspose(window: Window(strides: [pick(1...3), 2]))), x, weights, try builder.weights([m]))
  }

  private mutating func resize(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let payload = Resize(
      interpolation: pick([.nearest(.floor), .nearest(.preferCeil), .linear, .cubic(a: -0.75)]),
      coordinates: pick([.halfPixel, .asymmetric, .alignCorners, .pytorchHalfPixel]))
    let sizes = [1, shape[1], pick(3...24), pick(3...24)]
    return builder.node(.resize(payload), x, nil, nil, try builder.list(sizes))
  }

  /// Added to, or stacked on, an earlier value of the same size; itself if there is none.
  private mutating func joined(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let equal = values.filter { $0.shape == shape }
    if pick(0...1) == 0 { return builder.node(.binary(pick([.add, .multiply])), x, pick(equal).id) }
    let stackable = values.filter { $0.shape[2] == shape[2] && $0.shape[3] == shape[3] }
    return builder.node(.concat(axis: 1), pick(stackable).id, x)
  }
}
