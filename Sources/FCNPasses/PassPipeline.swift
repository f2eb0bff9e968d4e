package import FCNGraph

/// The passes that every backend gains from, in order.
package struct PassPipeline: Sendable {
  package let passes: [any Pass]

  package init(_ passes: [any Pass]) { self.passes = passes }

  /// Identity, half floats, constants, padding, batch and group normalisation, activations.
  package static let standard = PassPipeline([
    RemoveIdentity(), WidenHalf(), FoldConstants(), FoldPad(), FoldBatchNorm(), RecognizeGroupNorm(),
    RecognizeActivation(),
  ])

  /// - Parameter stopAfter: number of passes to run; nil: all. Bisects a wrong rewrite.
  /// - Throws: `GraphError` when a pass leaves an invalid graph.
  package func optimized(_ graph: Graph, stopAfter: Int? = nil) throws(GraphError) -> Graph {
    var graph = graph
    for pass in passes.prefix(stopAfter ?? passes.count) {
      // A pass that rewrites everything it finds at once needs few rounds; the bound stops one that never ends.
      for _ in 0..<64 {
        guard let patch = try pass.nextPatch(in: graph) else { break }
        graph = try patch.applied()
      }
    }
    return graph
  }
}

/// Drops nodes that pass their input through. Those that make an output stay: they give it its name and declared type,
/// and cost nothing, since the plan makes them views.
struct RemoveIdentity: Pass {
  let name = "RemoveIdentity"

  func nextPatch(in graph: Graph) throws(GraphError) -> GraphPatch? {
    var patch = GraphPatch(graph)
    var isChanged = false
    for (index, node) in graph.nodes.enumerated() {
      guard case .unary(.identity) = node.op, let input = node.inputs.first ?? nil, let output = node.outputs[0],
        !graph.outputs.contains(output)
      else { continue }
      patch.remove(node: index)
      patch.redirect(output, to: input)
      isChanged = true
    }
    return isChanged ? patch : nil
  }
}
