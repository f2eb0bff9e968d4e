import FCNGraph
import FCNTensor

/// Zero padding of the spatial axes before a convolution becomes the convolution's own. (Not before MaxPool, whose
/// padding is −∞.)
struct FoldPad: Pass {
  let name = "FoldPad"

  func nextPatch(in graph: Graph) throws(GraphError) -> GraphPatch? {
    var patch = GraphPatch(graph)
    var isChanged = false
    let producers = graph.producers()
    for (index, node) in graph.nodes.enumerated() {
      guard case .convolution(var payload) = node.op, case .explicit(let low, let high) = payload.window.padding,
        let x = node.inputs[0], let padIndex = producers[x.index], case .pad(.constant) = graph.nodes[padIndex].op,
        let weights = node.input(1).flatMap({ graph[$0].constant }), weights.shape.rank > 2,
        let pads = zeroPads(graph.nodes[padIndex], in: graph, rank: weights.shape.rank)
      else { continue }
      let rank = weights.shape.rank - 2
      let first = low.isEmpty ? Array(repeating: 0, count: rank) : low
      let last = high.isEmpty ? Array(repeating: 0, count: rank) : high
      guard first.count == rank, last.count == rank,
        (first + last).allSatisfy({ $0.magnitude <= Shape.largestDimension })
      else { continue }
      payload.window.padding = .explicit(
        low: (0..<rank).map { first[$0] + pads[$0 + 2] }, high: (0..<rank).map { last[$0] + pads[rank + 4 + $0] })
      var copy = node
      copy.op = .convolution(payload)
      copy.inputs[0] = graph.nodes[padIndex].inputs[0]
      patch.remove(node: index)
      patch.add(copy)
      isChanged = true
    }
    return isChanged ? patch : nil
  }

  /// The pads, if they are known, not negative, zero-valued and spatial only.
  private func zeroPads(_ pad: Node, in graph: Graph, rank: Int) -> [Int]? {
    guard pad.input(3) == nil, let pads = pad.input(1).flatMap({ graph[$0].constant })?.integers().map({ Int($0) }),
      pads.count == 2 * rank, pads.allSatisfy({ (0..<1 << 20).contains($0) }),
      pads[0] == 0, pads[1] == 0, pads[rank] == 0, pads[rank + 1] == 0
    else { return nil }
    if let value = pad.input(2) {
      guard let constant = graph[value].constant, constant.count == 1, constant.doubles() == [0] else { return nil }
    }
    return pads
  }
}
