package import FCNGraph
package import FCNSegmentation
import FCNTensor

/// What a graph does last to one output, seen through steps that only move or interpolate values.
package struct FinalOperation: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case softmax, sigmoid, argmax, tanh
    case clip(low: Double, high: Double)
    /// ≥ 0: Relu, Softplus, Exp, Abs.
    case nonNegative
    /// Leaves any real number.
    case linear
    case unknown
  }

  package private(set) var kind = Kind.unknown
  /// Constants applied after it: value·gain + bias.
  package private(set) var gain = 1.0
  package private(set) var bias = 0.0
  /// Whether the last sum has the graph's input as one operand (a residual over the whole network).
  package private(set) var addsInput = false

  package init(_ graph: Graph, output: ValueID) {
    let producers = graph.producers()
    var value = output
    for _ in 0..<64 {
      guard let index = producers[value.index] else { return }
      let node = graph.nodes[index]
      switch node.op {
      case .transpose, .reshape, .slice, .cast, .part, .depthToSpace, .unary(.identity), .tile, .pad:
        break
      case .resize(let resize):
        if case .cubic = resize.interpolation { return }
      case .binary(let function) where takes(function, node, graph): break
      default:
        kind = FinalOperation.kind(node)
        if case .binary(let function) = node.op, function == .add || function == .subtract {
          addsInput = node.inputs.compactMap { $0 }.contains { FinalOperation.isInput($0, graph, producers) }
        }
        return
      }
      guard let next = dataInput(node, graph) else { return }
      value = next
    }
  }

  private func dataInput(_ node: Node, _ graph: Graph) -> ValueID? {
    node.inputs.compactMap { $0 }.first { graph[$0].constant == nil }
  }

  /// A sum or product with one constant number.
  private mutating func takes(_ function: BinaryFunction, _ node: Node, _ graph: Graph) -> Bool {
    guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1] else { return false }
    let isLast = graph[b].constant != nil
    guard let tensor = graph[isLast ? b : a].constant, tensor.count >= 1, tensor.count <= 4,
      let number = tensor.doubles().first, number.isFinite, tensor.doubles().allSatisfy({ $0 == number })
    else { return false }
    switch function {
    case .add: bias += gain * number
    case .multiply: gain *= number
    case .subtract where isLast: bias -= gain * number
    case .divide where isLast && number != 0: gain /= number
    default: return false
    }
    return true
  }

  private static func kind(_ node: Node) -> Kind {
    switch node.op {
    case .softmax(let softmax): return softmax.function == .softmax ? .softmax : .unknown
    case .argReduce(let reduce): return reduce.isMaximum ? .argmax : .unknown
    case .unary(let function):
      switch function {
      case .sigmoid, .hardSigmoid: return .sigmoid
      case .tanh: return .tanh
      case .clip(let low, let high): return .clip(low: low, high: high)
      case .relu, .softplus, .exp, .absolute: return .nonNegative
      default: return function.isPredicate ? .unknown : .linear
      }
    case .binary(let function): return function.isPredicate ? .unknown : .linear
    case .convolution, .convTranspose, .gemm, .matMul, .normalize, .pool, .reduce, .resize: return .linear
    default: return .unknown
    }
  }

  private static func isInput(_ id: ValueID, _ graph: Graph, _ producers: [Int?]) -> Bool {
    var value = id
    for _ in 0..<32 {
      if graph.inputs.contains(value) { return true }
      guard let index = producers[value.index] else { return false }
      let node = graph.nodes[index]
      switch node.op {
      case .transpose, .cast, .pad, .slice, .resize, .unary(.identity): break
      case .binary where node.inputs.contains(where: { $0.map { graph[$0].constant != nil } ?? false }): break
      default: return false
      }
      guard let next = node.inputs.compactMap({ $0 }).first(where: { graph[$0].constant == nil }) else { return false }
      value = next
    }
    return false
  }

  /// As the reading of scores takes it.
  package var activation: FinalActivation {
    let isPlain = gain == 1 && bias == 0
    switch kind {
    case .softmax: return isPlain ? .softmax : .unknown
    case .sigmoid: return isPlain ? .sigmoid : .unknown
    case .argmax: return .argmax
    case .tanh, .clip, .nonNegative, .unknown: return .unknown
    case .linear: return .none
    }
  }

  /// The range of the values where the operation bounds them.
  package var range: (low: Double, high: Double)? {
    let ends: (Double, Double)
    switch kind {
    case .sigmoid: ends = (0, 1)
    case .tanh: ends = (-1, 1)
    case .clip(let low, let high) where low.isFinite && high.isFinite: ends = (low, high)
    case .softmax, .argmax, .clip, .nonNegative, .linear, .unknown: return nil
    }
    let (a, b) = (ends.0 * gain + bias, ends.1 * gain + bias)
    return (min(a, b), max(a, b))
  }
}
