import FCNGraph
import FCNTensor

/// BatchNormalization after a convolution becomes its weights and bias:
/// w' = w·s/√(v+ε), b' = (b − μ)·s/√(v+ε) + β, computed in Double and rounded once.
struct FoldBatchNorm: Pass {
  let name = "FoldBatchNorm"

  func nextPatch(in graph: Graph) throws(GraphError) -> GraphPatch? {
    var patch = GraphPatch(graph)
    var isChanged = false
    var isTaken = [Bool](repeating: false, count: graph.nodes.count)
    let consumers = graph.consumers()
    for (index, node) in graph.nodes.enumerated() where !isTaken[index] {
      guard isConvolution(node), let next = graph.onlyConsumer(of: node, among: consumers), !isTaken[next],
        case .normalize(.batch(let epsilon)) = graph.nodes[next].op, graph.nodes[next].inputs.first == node.outputs[0],
        let folded = fold(node, graph.nodes[next], epsilon, in: graph)
      else { continue }
      var copy = node
      copy.inputs = [
        node.inputs[0], patch.add(value: Value(name: "\(node.name).weights", constant: folded.weights)),
        patch.add(value: Value(name: "\(node.name).bias", constant: folded.bias)),
      ]
      copy.outputs = graph.nodes[next].outputs
      patch.remove(node: index)
      patch.remove(node: next)
      patch.add(copy)
      isTaken[next] = true
      isChanged = true
    }
    return isChanged ? patch : nil
  }

  private func isConvolution(_ node: Node) -> Bool {
    if case .convolution = node.op { return true }
    if case .convTranspose = node.op { return true }
    return false
  }

  private func fold(_ node: Node, _ norm: Node, _ epsilon: Double, in graph: Graph)
    -> (weights: HostTensor, bias: HostTensor)?
  {
    guard let weights = node.input(1).flatMap({ graph[$0].constant }), weights.elementType == .float32,
      node.input(2) == nil || graph[node.input(2)!].constant != nil, weights.shape.rank > 2
    else { return nil }
    let parameters = (1...4).compactMap { norm.input($0).flatMap { graph[$0].constant }?.doubles() }
    guard let (groups, channelAxis) = grouping(node) else { return nil }
    let channels = channelAxis == 0 ? weights.shape[0] : weights.shape[1] * groups
    guard parameters.count == 4, parameters.allSatisfy({ $0.count == channels }), groups > 0 else { return nil }
    let factors = (0..<channels).map { parameters[0][$0] / (parameters[3][$0] + epsilon).squareRoot() }
    guard factors.allSatisfy(\.isFinite) else { return nil }
    let given = node.input(2).flatMap { graph[$0].constant }?.doubles() ?? Array(repeating: 0, count: channels)
    guard given.count == channels, weights.shape[0] % groups == 0 else { return nil }
    let bias = (0..<channels).map { (given[$0] - parameters[2][$0]) * factors[$0] + parameters[1][$0] }
    let scaled = scale(weights, factors, channelAxis: channelAxis, groups: groups)
    guard let scaled, let bias = try? HostTensor(doubles: bias, elementType: .float32, shape: [channels]) else {
      return nil
    }
    return (scaled, bias)
  }

  /// Groups, and the axis of the weights that holds output channels.
  private func grouping(_ node: Node) -> (groups: Int, channelAxis: Int)? {
    if case .convolution(let payload) = node.op { return (payload.groups, 0) }
    if case .convTranspose(let payload) = node.op { return (payload.groups, 1) }
    return nil
  }

  /// Weights `[M, C/g, …]` by output channel 0, or `[C, M/g, …]` by channel 1 within the group of row 0.
  private func scale(_ weights: HostTensor, _ factors: [Double], channelAxis: Int, groups: Int) -> HostTensor? {
    guard let result = try? HostTensor(.float32, weights.shape, zeroed: false) else { return nil }
    let inner = weights.shape.dims[2...].reduce(1, *)
    let (rows, columns) = (weights.shape[0], weights.shape[1])
    weights.withElements(Float.self) { source in
      result.storage.mutableBytes.withMemoryRebound(to: Float.self) { target in
        for row in 0..<rows {
          for column in 0..<columns {
            let factor = factors[channelAxis == 0 ? row : row / (rows / groups) * columns + column]
            let start = (row * columns + column) * inner
            for index in start..<start + inner { target[index] = Float(Double(source[index]) * factor) }
          }
        }
      }
    }
    weights.storage.releasePages()
    return result
  }
}
