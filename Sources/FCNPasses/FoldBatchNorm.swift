import FCNGraph
import FCNTensor

/// BatchNormalization after a convolution becomes its weights and bias:
/// w' = w·s/√(v+ε), b' = (b − μ)·s/√(v+ε) + β, computed in Double and rounded once. The factors stay with the node;
/// kernels apply them as they pack the weights.
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
      copy.op = folded.op
      copy.inputs = [
        node.inputs[0], node.inputs[1], patch.add(value: Value(name: "\(node.name).bias", constant: folded.bias)),
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

  private func fold(_ node: Node, _ norm: Node, _ epsilon: Double, in graph: Graph) -> (op: Operator, bias: HostTensor)?
  {
    guard let weights = node.input(1).flatMap({ graph[$0].constant }), weights.elementType == .float32,
      node.input(2) == nil || graph[node.input(2)!].constant != nil, weights.shape.rank > 2
    else { return nil }
    let parameters = (1...4).compactMap { norm.input($0).flatMap { graph[$0].constant }?.doubles() }
    guard let channels = channels(node, weights.shape) else { return nil }
    guard parameters.count == 4, parameters.allSatisfy({ $0.count == channels }) else { return nil }
    let factors = (0..<channels).map { parameters[0][$0] / (parameters[3][$0] + epsilon).squareRoot() }
    guard factors.allSatisfy(\.isFinite) else { return nil }
    let given = node.input(2).flatMap { graph[$0].constant }?.doubles() ?? Array(repeating: 0, count: channels)
    guard given.count == channels else { return nil }
    let bias = (0..<channels).map { (given[$0] - parameters[2][$0]) * factors[$0] + parameters[1][$0] }
    guard let bias = try? HostTensor(doubles: bias, elementType: .float32, shape: [channels]) else { return nil }
    return (scaled(node.op, factors), bias)
  }

  /// Output channels; nil where the groups do not divide the weights' rows.
  private func channels(_ node: Node, _ weights: Shape) -> Int? {
    if case .convolution(let payload) = node.op {
      return payload.groups > 0 && weights[0] % payload.groups == 0 ? weights[0] : nil
    }
    guard case .convTranspose(let payload) = node.op, payload.groups > 0 else { return nil }
    return weights[0] % payload.groups == 0 ? weights[1] * payload.groups : nil
  }

  /// The factors of normalisations one after the other are multiplied.
  private func scaled(_ op: Operator, _ factors: [Double]) -> Operator {
    let product = ChannelFactors(
      op.channelFactors.map { zip($0.factors.values, factors).map { $0 * $1 } } ?? factors)
    if case .convolution(var payload) = op {
      payload.factors = product
      return .convolution(payload)
    }
    if case .convTranspose(var payload) = op {
      payload.factors = product
      return .convTranspose(payload)
    }
    return op
  }
}
