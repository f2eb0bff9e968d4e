package import FCNGraph
import FCNReference
package import FCNTensor

/// The inputs of a graph as images of one variable size: which axes are spatial, which inputs move together.
package struct InputGrid: Sendable {
  package let graph: Graph
  /// Index in `Graph.inputs` of the first image input.
  package let image: Int
  /// Spatial axes of the image input, D, H, W from the back.
  package let axes: [Int]
  package let names: [String]
  /// Inputs of coordinates and masks: they stay where they are when the image moves.
  package let fixedInputs: Set<Int>
  private let declared: [[Int?]]

  /// - Throws: `GraphError.size` if no input has spatial axes.
  package init(_ graph: Graph) throws(GraphError) {
    self.graph = graph
    declared = graph.inputs.map { (graph[$0].dimensions ?? []).map(\.fixedSize) }
    let images = graph.inputs.indices.filter { InputGrid.spatial(graph, $0).count > 0 }
    guard let first = images.first(where: { !InputGrid.isPositional(graph, $0) }) ?? images.first else {
      throw GraphError(.size, "inputs: expected an image of rank 3 to 5 [N, C, …], got none")
    }
    image = first
    axes = InputGrid.spatial(graph, first)
    names = Array(["D", "H", "W"].suffix(axes.count))
    fixedInputs = Set(images.filter { $0 != first && InputGrid.isPositional(graph, $0) })
  }

  private static func spatial(_ graph: Graph, _ input: Int) -> [Int] {
    let dimensions = graph[graph.inputs[input]].dimensions ?? []
    return GraphGeometry.spatialAxes(Shape(dimensions.map { $0.fixedSize ?? 5 }))
  }

  /// An input that tells places apart is known by its name or by being a truth value.
  private static func isPositional(_ graph: Graph, _ input: Int) -> Bool {
    let value = graph[graph.inputs[input]]
    if value.elementType == .bool { return true }
    let words = value.name.lowercased().split { !$0.isLetter }
    return words.contains { word in
      ["mask", "masks", "pos", "grid", "xy"].contains(word)
        || ["coord", "position", "location"].contains { word.hasPrefix($0) }
    }
  }

  /// The spatial axes of every image input, by its index.
  package var spatialAxes: [Int: [Int]] {
    var result: [Int: [Int]] = [:]
    for input in graph.inputs.indices { result[input] = InputGrid.spatial(graph, input) }
    return result
  }

  /// Inputs that change with the image and move with it, the image first.
  package var movingInputs: [Int] {
    [image] + graph.inputs.indices.filter { $0 != image && !fixedInputs.contains($0) && followingAxes($0) != nil }
  }

  /// The geometry of the graph at a size.
  package func geometry(
    _ sized: SizedGraph, other: SizedGraph? = nil, isOnlySize: Bool = false,
    rule: (Node, NodeSizing) -> SpatialRule = { $1.rule }
  ) -> GraphGeometry {
    GraphGeometry(
      sized, other: other, fixedInputs: fixedInputs, isOnlySize: isOnlySize, axes: spatialAxes, rule: rule)
  }

  /// The declared size of the image, nil where a dimension is free.
  package var declaredSize: [Int]? {
    let sizes = axes.compactMap { declared[image][$0] }
    return sizes.count == axes.count ? sizes : nil
  }

  /// The axes of an input that change with the image size; nil: it has none.
  package func followingAxes(_ input: Int) -> [Int]? {
    let spatial = InputGrid.spatial(graph, input)
    guard spatial.count == axes.count else { return nil }
    let isFollowing = zip(spatial, axes).allSatisfy { own, other in
      declared[input][own] == nil || declared[input][own] == declared[image][other]
    }
    return isFollowing ? spatial : nil
  }

  /// Input shapes for an image of `size`; free batch axes are 1, free channels 3. Inputs that declare the same spatial
  /// size as the image, or none, change with it.
  package func shapes(_ size: [Int]) -> [Shape] {
    graph.inputs.indices.map { input in
      var dims = declared[input].enumerated().map { $1 ?? ($0 == 0 ? 1 : 3) }
      for (axis, value) in zip(followingAxes(input) ?? [], size) { dims[axis] = value }
      return Shape(dims)
    }
  }

  /// Nodes that are sized in the search for a size that runs.
  private static let nodeLimit = 600_000

  /// The graph at an image size; nodes that cannot be executed stay without a type.
  package func sized(_ size: [Int], graph: Graph? = nil) throws(GraphError) -> SizedGraph {
    try SizedGraph(
      graph ?? self.graph, inputs: shapes(size), evaluator: ReferenceEvaluator(), toleratesUnsupported: true)
  }

  /// A size at which the graph runs: the declared one, or the first of common sizes, or of all small ones.
  package func runningSize(graph: Graph? = nil) throws(GraphError) -> [Int] {
    if let declaredSize { return declaredSize }
    var failure: GraphError?
    // A graph of very many nodes is not tried at every size.
    let tries = max(12, InputGrid.nodeLimit / max(1, (graph ?? self.graph).nodes.count))
    let common = axes.count == 3 ? [64, 32, 96, 48, 128, 16] : [256, 512, 128, 64, 224, 320, 640, 1024, 572, 32]
    for n in (common + Array(1...700)).prefix(tries) {
      let size = axes.map { declared[image][$0] ?? n }
      do throws(GraphError) {
        _ = try sized(size, graph: graph)
        return size
      } catch { failure = failure ?? error }
    }
    throw failure ?? GraphError(.size, "no image size up to 700 runs")
  }
}
