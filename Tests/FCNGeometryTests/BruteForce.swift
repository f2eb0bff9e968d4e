import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit

/// Holds what the geometry of a network says against the network itself, run by the reference operators.
struct BruteForce {
  let graph: Graph
  /// `[C, L]` or `[C, H, W]`
  let input: [Int]
  let label: String
  /// What is read as the rule of a node.
  var rule: @Sendable (Node, NodeSizing) -> SpatialRule = { $1.rule }
  private(set) var generator: SeededGenerator
  var tally = Tally()

  static let evaluator = ReferenceEvaluator(precision: .double)

  init(_ graph: Graph, input: [Int], label: String, seed: UInt64) {
    self.graph = graph
    self.input = input
    self.label = label
    generator = SeededGenerator(seed)
  }

  /// All checks on all axes.
  /// - Throws: `GraphError` where the network does not run at its own size.
  mutating func prove() throws {
    let sized = try self.sized(input)
    let geometry = GraphGeometry(sized, rule: rule)
    tally.add(.networks)
    for source in geometry.sources.indices {
      tally.add(.axes)
      try proveDependence(geometry, source)
      try proveBorders(sized, source)
      try proveLattice(geometry, source)
    }
  }

  func sized(_ dims: [Int]) throws(GraphError) -> SizedGraph {
    try SizedGraph(graph, inputs: [Shape([1] + dims)], evaluator: BruteForce.evaluator)
  }

  var output: ValueID { graph.outputs[0] }

  /// One output of a batch of images.
  func run(_ images: Images) throws -> Images {
    let shape = Shape([images.batch] + images.dims)
    let tensor = try HostTensor(doubles: images.values, elementType: .float32, shape: shape)
    let result = try ReferenceRun(graph, inputs: [tensor], evaluator: BruteForce.evaluator).outputs[0]
    guard result.shape[0] == images.batch, result.shape.rank == input.count + 1 else {
      throw GraphError(.size, described("batch \(images.batch) became \(result.shape)"))
    }
    return Images(batch: result.shape[0], dims: Array(result.shape.dims[1...]), values: result.values.doubles)
  }

  mutating func random(_ batch: Int, _ dims: [Int], scale: Double = 1) -> Images {
    let count = dims.reduce(batch, *)
    // float32, as the network reads them
    let values = (0..<count).map { _ in Double(Float(generator.real(in: -scale...scale))) }
    return Images(batch: batch, dims: dims, values: values)
  }

  /// A network that lets no NaN through where a comparison or a choice of positions comes in between.
  var hidesNaN: Bool {
    graph.nodes.contains { node in
      switch node.op {
      case .select, .maxUnpool, .gridSample, .argReduce, .gather: true
      case .binary(let function): function.isPredicate
      case .softmax(let softmax): softmax.function == .hardmax
      case .cast, .convolution, .convTranspose, .pool, .resize, .pad, .slice, .part, .unary, .reduce, .normalize,
        .concat, .transpose, .reshape, .expand, .tile, .depthToSpace, .spaceToDepth, .matMul, .gemm, .shape, .size,
        .constantOfShape, .range, .unsupported:
        false
      }
    }
  }

  var wraps: Bool { graph.nodes.contains { $0.op == .pad(.wrap) } }

  func described(_ text: String) -> String { "\(label): \(text)\ninput \(input)\n\(graph.text())" }
}

/// A batch of tensors `[C, …]`.
struct Images {
  let batch: Int
  /// `[C, …]`
  let dims: [Int]
  var values: [Double]

  private func inner(_ axis: Int) -> Int { dims[(axis + 1)...].reduce(1, *) }
  var perImage: Int { dims.reduce(1, *) }

  /// All elements of an image, with their position along `axis` of `dims`.
  func forEach(_ image: Int, along axis: Int, _ body: (_ offset: Int, _ position: Int) -> Void) {
    let inner = inner(axis)
    for offset in 0..<perImage { body(image * perImage + offset, offset / inner % dims[axis]) }
  }

  /// A part of `image` along `axis`.
  func cropped(_ image: Int, axis: Int, from start: Int, size: Int) -> [Double] {
    let inner = inner(axis)
    var result: [Double] = []
    result.reserveCapacity(perImage / dims[axis] * size)
    for outer in 0..<perImage / (inner * dims[axis]) {
      let row = image * perImage + (outer * dims[axis] + start) * inner
      result += values[row..<row + size * inner]
    }
    return result
  }

  /// Puts `part`, of the same extents but along `axis`, into `image`.
  mutating func put(_ part: [Double], into image: Int, axis: Int, at start: Int) {
    let inner = inner(axis)
    let outerCount = perImage / (inner * dims[axis])
    let block = part.count / outerCount
    for outer in 0..<outerCount {
      let row = image * perImage + (outer * dims[axis] + start) * inner
      values.replaceSubrange(row..<row + block, with: part[outer * block..<(outer + 1) * block])
    }
  }
}
