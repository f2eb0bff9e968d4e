package import FCNGraph
import FCNTensor

/// Vector–Jacobian products of the reference operators: how a gradient at a node's outputs reaches its inputs.
///
/// Where a function has a kink its derivative is that of one side (ReLU and |x| at 0: 0; a maximum: its first).
/// Through elementwise functions no gradient leaves where none arrives: their poles make no NaN out of 0.
package struct AdjointEvaluator: Sendable {
  package init() {}

  /// Data inputs only: the weights and biases of convolutions and normalizations, the grid of GridSample and all
  /// parameter inputs get nil.
  ///
  /// - Parameters:
  ///   - operands: the node's whole inputs, as in the forward run.
  ///   - results: the node's whole outputs of the forward run.
  ///   - gradients: one per output, elements in C order, nil where nothing flows back.
  /// - Returns: one per input, elements in C order of the whole input; nil where no gradient flows (indices, shapes,
  ///   integers, operators whose derivative is zero).
  /// - Throws: `GraphError.unsupported` naming a node that has no adjoint, `GraphError.size` for a gradient that does
  ///   not fit its output.
  package func gradients(
    _ node: Node, sizing: NodeSizing, operands: [Operand?], results: [Operand], gradients: [[Double]?]
  ) throws(GraphError) -> [[Double]?] {
    if case .unsupported(let what) = node.op { throw GraphError(.unsupported, node: node.label, what.reason) }
    var flows = [[Double]?](repeating: nil, count: operands.count)
    guard sizing.outputs[0].elementType.isFloat, case let gradient?? = gradients.first else { return flows }
    guard gradient.count == sizing.outputs[0].shape.count else {
      throw GraphError(
        .size, node: node.label, "gradient: expected \(sizing.outputs[0].shape), got \(gradient.count) elements")
    }
    let forward = Evaluation(
      node: node, sizing: sizing, operands: operands, regions: sizing.outputs.map(\.shape.region))
    let adjoint = Adjoint(forward: forward, results: results, gradient: gradient)
    for (index, flow) in zip(operands.indices, try adjoint.flows()) {
      if let operand = operands[index], operand.elementType.isFloat { flows[index] = flow }
    }
    return flows
  }
}

/// One node with its whole operands, its results and the gradient at its first output.
struct Adjoint {
  let forward: Evaluation
  let results: [Operand]
  let gradient: [Double]

  /// The gradient at each of the leading inputs.
  func flows() throws(GraphError) -> [[Double]?] {
    switch forward.node.op {
    case .convolution(let payload): return [windowed(groups: payload.groups, isTransposed: false)]
    case .convTranspose(let payload): return [windowed(groups: payload.groups, isTransposed: true)]
    case .pool(let payload): return [pool(payload)]
    case .maxUnpool: return [try maxUnpool()]
    case .resize(let payload): return [resize(payload)]
    case .pad, .slice, .part, .transpose, .expand, .tile, .depthToSpace, .spaceToDepth: return [moved()]
    case .unary(let function): return [unary(function)]
    case .binary(let function): return binary(function)
    case .select: return select()
    case .cast, .reshape: return [gradient]
    case .reduce(let payload): return [reduce(payload)]
    case .softmax(let payload): return [softmax(payload)]
    case .normalize(let payload): return [normalize(payload)]
    case .concat: return concat()
    case .gather(let axis): return [try gather(axis)]
    case .matMul: return matMul()
    case .gemm(let payload): return gemm(payload)
    case .gridSample(let payload): return [gridSample(payload)]
    case .argReduce, .shape, .size, .constantOfShape, .range, .unsupported: return []
    }
  }
}
