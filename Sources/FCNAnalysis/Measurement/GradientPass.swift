package import FCNGraph
import FCNReference
package import FCNRuntime
package import FCNTensor

/// Reverse-mode gradients of an output with respect to an input, through the adjoint of every node.
///
/// Convolutions run backwards on the backend (the adjoint of one is a transposed convolution with the same weights, and
/// the other way round), everything else by the reference. Source: GEOMETRY §6.3.
package final class GradientPass {
  private let sized: SizedGraph
  private let backend: any Backend
  private let budget: Int
  private let path: [Int]
  private let kept: [ValueID]
  private let forward: NetworkRunner
  private var values: [ValueID: HostTensor] = [:]
  private var adjoints: [Int: NetworkRunner] = [:]

  /// - Parameter geometry: at the size of the inputs.
  package init(
    _ geometry: GraphGeometry, outputs: [ValueID], backend: any Backend, budget: Int = .max
  ) throws(GraphError) {
    sized = geometry.sized
    self.backend = backend
    self.budget = budget
    path = Array(Set(outputs.flatMap { geometry.ancestors(of: $0) })).sorted()
    let sized = geometry.sized
    var seen = Set(sized.graph.inputs)
    var kept: [ValueID] = []
    for index in path where sized.sizings[index] != nil {
      for case let output? in sized.graph.nodes[index].outputs where seen.insert(output).inserted {
        kept.append(output)
      }
    }
    self.kept = kept.filter { sized.constant($0) == nil }
    forward = try NetworkRunner(sized.graph, keeping: self.kept, backend: backend, budget: budget)
  }

  /// Runs forward and keeps every value.
  package func load(_ inputs: [HostTensor]) throws(RuntimeError) {
    values = [:]
    for (id, tensor) in zip(sized.graph.inputs, inputs) { values[id] = tensor }
    for (id, tensor) in zip(kept, try forward.run(inputs)) { values[id] = tensor }
  }

  /// ∂(Σ seed·output)/∂input, elements in C order; nil where no gradient arrives.
  package func gradient(
    of output: ValueID, seed: [Double], with respect: ValueID
  ) throws(ExperimentError) -> [Double]? {
    var gradients: [ValueID: [Double]] = [output: seed]
    for index in path.reversed() {
      let node = sized.graph.nodes[index]
      let own = node.outputs.map { $0.flatMap { gradients[$0] } }
      guard own.contains(where: { $0 != nil }), sized.sizings[index] != nil else { continue }
      let parts = try backward(index, own)
      for case let output? in node.outputs { gradients[output] = nil }
      for (input, part) in zip(node.inputs, parts) {
        guard let input, let part, sized.constant(input) == nil else { continue }
        if gradients[input] == nil {
          gradients[input] = part
        } else {
          gradients[input]!.withUnsafeMutableBufferPointer { sum in
            for element in part.indices { sum[element] += part[element] }
          }
        }
      }
    }
    return gradients[respect]
  }

  private func backward(_ index: Int, _ gradients: [[Double]?]) throws(ExperimentError) -> [[Double]?] {
    let node = sized.graph.nodes[index]
    if let first = gradients[0], let result = try convolved(index, first) {
      return [result] + node.inputs.dropFirst().map { _ in nil }
    }
    func operand(_ id: ValueID?) -> Operand? {
      id.flatMap { sized.constant($0) ?? values[$0] }.map { Operand($0) }
    }
    do throws(GraphError) {
      return try AdjointEvaluator().gradients(
        node, sizing: sized.sizings[index]!, operands: node.inputs.map(operand),
        results: node.outputs.compactMap(operand), gradients: gradients)
    } catch { throw .graph(error) }
  }

  private func scaled(_ weights: HostTensor, _ node: Node) throws(GraphError) -> HostTensor {
    guard let (factors, form) = node.op.channelFactors else { return weights }
    do throws(TensorError) { return try factors.scaled(weights, form: form) } catch {
      throw GraphError(.limit, node: node.label, error.detail)
    }
  }

  /// The gradient through a convolution on the backend; nil where its adjoint is no convolution of the same size.
  private func convolved(_ index: Int, _ gradient: [Double]) throws(ExperimentError) -> [Double]? {
    let node = sized.graph.nodes[index]
    guard let input = node.inputs[0], let weights = node.input(1), let constant = sized.constant(weights),
      constant.elementType == .float32, let output = node.outputs[0]
    else { return nil }
    do throws(GraphError) {
      if adjoints[index] == nil {
        let weights = try scaled(constant, node)
        guard let graph = try ConvolutionAdjoint.graph(index, sized, weights: weights) else { return nil }
        adjoints[index] = NetworkRunner(graph, backend: backend, budget: budget)
      }
    } catch { throw .graph(error) }
    do throws(TensorError) {
      let tensor = try HostTensor(doubles: gradient, elementType: .float32, shape: sized.type(output).shape)
      let result: HostTensor
      do throws(RuntimeError) { result = try adjoints[index]!.run([tensor])[0] } catch {
        throw TensorError(.mismatch, error.description)
      }
      return result.shape == sized.type(input).shape ? result.doubles() : nil
    } catch { throw .tensor(error) }
  }
}

/// The adjoint of a convolution as a graph of one node.
enum ConvolutionAdjoint {
  /// Convolution ↔ transposed convolution with the same weights `[M, C/groups, k…]`, strides, dilations and pads.
  static func graph(_ index: Int, _ sized: SizedGraph, weights: HostTensor) throws(GraphError) -> Graph? {
    let node = sized.graph.nodes[index]
    guard let input = node.inputs[0], let output = node.outputs[0],
      let rule = sized.sizings[index]?.rule.inputs.first
    else { return nil }
    let axes = rule.dropFirst(2).compactMap { dependence -> WindowAxis? in
      if case .window(let axis) = dependence.rule { return axis }
      if case .transposedWindow(let axis) = dependence.rule { return axis }
      return nil
    }
    let from = sized.type(output).shape
    let to = sized.type(input).shape
    guard axes.count == from.rank - 2 else { return nil }
    let window = Window(
      strides: axes.map(\.stride), dilations: axes.map(\.dilation),
      padding: .explicit(low: axes.map(\.low), high: axes.map(\.high)))
    let op: Operator
    if case .convolution(let payload) = node.op {
      let extra = axes.indices.map { to[$0 + 2] - axes[$0].transposedSize(from[$0 + 2], outputPadding: 0) }
      guard extra.allSatisfy({ $0 >= 0 }) else { return nil }
      op = .convTranspose(ConvTranspose(window: window, groups: payload.groups, outputPadding: extra))
    } else if case .convTranspose(let payload) = node.op {
      guard axes.indices.allSatisfy({ axes[$0].size(from[$0 + 2]) == to[$0 + 2] }) else { return nil }
      op = .convolution(Convolution(window: window, groups: payload.groups))
    } else {
      return nil
    }
    let values = [
      Value(name: "gradient", elementType: .float32, dimensions: from.dims.map(Dimension.fixed)),
      Value(name: "weights", constant: weights), Value(name: "result"),
    ]
    let adjoint = Node(
      name: node.name, op: op, inputs: [ValueID(0), ValueID(1)], outputs: [ValueID(2)], origin: node.origin)
    return try Graph(name: "adjoint", values: values, nodes: [adjoint], inputs: [ValueID(0)], outputs: [ValueID(2)])
  }
}
