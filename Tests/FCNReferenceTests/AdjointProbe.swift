import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit

/// One sized node of a case with its whole operands, evaluated in Double.
struct AdjointProbe {
  enum Input: Equatable {
    /// A gradient is promised.
    case data
    /// The derivative is zero.
    case flat
    /// Weights, biases, the grid of GridSample, lists and shapes: no gradient is promised.
    case parameter
    case integer, missing
  }

  let node: Node
  let sizing: NodeSizing
  let operands: [Operand?]
  let results: [Operand]

  static func all(_ example: OperatorCase) throws -> [AdjointProbe] {
    let (graph, inputs) = try example.make()
    let run = try ReferenceRun(graph, inputs: inputs, evaluator: ReferenceEvaluator(precision: .double))
    var probes: [AdjointProbe] = []
    for (node, sizing) in zip(graph.nodes, run.sized.sizings) {
      guard let sizing else { continue }
      let operands = node.inputs.map { $0.flatMap { run.values[$0] } }
      let results = try ReferenceEvaluator(precision: .double).evaluate(
        node, sizing: sizing, operands: operands, regions: sizing.outputs.map(\.shape.region))
      probes.append(AdjointProbe(node: node, sizing: sizing, operands: operands, results: results))
    }
    return probes
  }

  func input(_ index: Int) -> Input {
    guard let operand = operands[index] else { return .missing }
    if !operand.elementType.isFloat { return .integer }
    if node.op.parameterInputs.contains(index) { return .parameter }
    switch node.op {
    case .convolution, .convTranspose, .normalize, .gridSample: return index == 0 ? .data : .parameter
    case .argReduce, .shape, .size: return .flat
    case .softmax(let payload): return payload.function == .hardmax ? .flat : .data
    case .unary(.floor), .unary(.ceil), .unary(.round), .unary(.sign): return .flat
    case .unary, .binary, .cast: return sizing.outputs[0].elementType.isFloat ? .data : .flat
    case .pool, .maxUnpool, .resize, .pad, .slice, .part, .select, .reduce, .concat, .transpose, .reshape, .expand,
      .tile, .gather, .depthToSpace, .spaceToDepth, .matMul, .gemm, .constantOfShape, .range, .unsupported:
      return .data
    }
  }

  /// Whether the output is an affine function of one input.
  func isAffine(_ index: Int) -> Bool {
    if case .data = input(index) {} else { return false }
    switch node.op {
    case .convolution, .convTranspose, .maxUnpool, .resize, .pad, .slice, .part, .select, .cast, .concat, .transpose,
      .reshape, .expand, .tile, .gather, .depthToSpace, .spaceToDepth, .matMul, .gemm, .gridSample:
      return true
    case .pool(let payload): if case .average = payload.function { return true }
    case .unary(let function): return function == .identity || function == .negate
    case .binary(let function):
      switch function {
      case .add, .subtract, .multiply: return true
      case .divide: return index == 0
      case .prelu: return index == 1
      case .power, .modulo, .maximum, .minimum, .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or, .xor,
        .bitwiseAnd, .bitwiseOr, .bitwiseXor, .shiftLeft, .shiftRight:
        return false
      }
    case .reduce(let payload): return payload.function == .sum || payload.function == .mean
    case .normalize(let payload): if case .batch = payload { return true }
    case .argReduce, .softmax, .shape, .size, .constantOfShape, .range, .unsupported: return false
    }
    return false
  }

  /// The first output where input `index` is replaced.
  func output(_ index: Int, _ values: [Double]) throws -> [Double] {
    var changed = operands
    changed[index]?.values = .real(values)
    let regions = sizing.outputs.map(\.shape.region)
    return try ReferenceEvaluator(precision: .double).evaluate(
      node, sizing: sizing, operands: changed, regions: regions)[0].values.doubles
  }

  /// The gradients at all inputs for the gradient `v` at the first output.
  func gradients(_ v: [Double]) throws -> [[Double]?] {
    try AdjointEvaluator().gradients(
      node, sizing: sizing, operands: operands, results: results,
      gradients: [v] + sizing.outputs.dropFirst().map { _ in nil })
  }
}

/// ⟨a, b⟩ and the root of the sum of the squares of its terms.
func product(_ a: [Double], _ b: [Double]) -> (sum: Double, scale: Double) {
  var (sum, squares) = (0.0, 0.0)
  for (x, y) in zip(a, b) {
    sum += x * y
    squares += x * y * x * y
  }
  return (sum, squares.squareRoot())
}

extension SeededGenerator {
  mutating func direction(_ count: Int) -> [Double] { (0..<count).map { _ in real(in: -1...1) } }
}
