import FCNGraph
import FCNTensor

/// Computes float16 and bfloat16 graphs in float32: constants are widened, casts to half become casts to float32, half
/// inputs are cast on entry and half outputs on exit. Inner roundings to half disappear; the result is closer to exact.
struct WidenHalf: Pass {
  let name = "WidenHalf"
  private static let entry = ".widen"
  private static let exit = ".narrow"

  private func isHalf(_ type: ElementType?) -> Bool { type == .float16 || type == .bfloat16 }

  func nextPatch(in graph: Graph) throws(GraphError) -> GraphPatch? {
    var patch = GraphPatch(graph)
    let changes = [widenConstants(&patch), widenNodes(&patch), castInputs(&patch)]
    guard changes.contains(true) else { return nil }
    castOutputs(&patch)
    return patch
  }

  private func widenConstants(_ patch: inout GraphPatch) -> Bool {
    let graph = patch.graph
    var isChanged = false
    for id in Set(graph.nodes.flatMap { $0.inputs.compactMap { $0 } }).sorted(by: { $0.index < $1.index }) {
      guard let constant = graph[id].constant, isHalf(constant.elementType),
        let wide = try? HostTensor(doubles: constant.doubles(), elementType: .float32, shape: constant.shape)
      else { continue }
      patch.redirect(id, to: patch.add(value: Value(name: graph[id].name, constant: wide)))
      isChanged = true
    }
    return isChanged
  }

  /// Operators that name a half type themselves.
  private func widenNodes(_ patch: inout GraphPatch) -> Bool {
    let graph = patch.graph
    var isChanged = false
    for (index, node) in graph.nodes.enumerated() {
      var copy = node
      if case .cast(let target) = node.op, isHalf(target), !node.name.hasSuffix(WidenHalf.exit) {
        copy.op = .cast(.float32)
      } else if case .constantOfShape(let scalar) = node.op, isHalf(scalar.elementType) {
        copy.op = .constantOfShape(Scalar(elementType: .float32, real: scalar.real))
      } else {
        continue
      }
      patch.remove(node: index)
      patch.add(copy)
      isChanged = true
    }
    return isChanged
  }

  private func castInputs(_ patch: inout GraphPatch) -> Bool {
    let graph = patch.graph
    let consumers = graph.consumers()
    var isChanged = false
    for id in graph.inputs where isHalf(graph[id].elementType) {
      let isDone = consumers[id.index].allSatisfy { graph.nodes[$0].name.hasSuffix(WidenHalf.entry) }
      if isDone { continue }
      let wide = patch.add(value: Value(name: graph[id].name + WidenHalf.entry))
      patch.addEntry(
        Node(
          name: graph[id].name + WidenHalf.entry, op: .cast(.float32), inputs: [id], outputs: [wide],
          origin: NodeOrigin(operatorName: "Cast")))
      patch.redirect(id, to: wide)
      isChanged = true
    }
    return isChanged
  }

  private func castOutputs(_ patch: inout GraphPatch) {
    let graph = patch.graph
    for id in Set(graph.outputs).sorted(by: { $0.index < $1.index }) where isHalf(graph[id].elementType) {
      guard let type = graph[id].elementType, graph[id].constant == nil, !graph.inputs.contains(id) else {
        patch.replaceOutput(id, by: id)
        continue
      }
      let narrow = patch.add(value: Value(name: graph[id].name, elementType: type, dimensions: graph[id].dimensions))
      patch.addEntry(
        Node(
          name: graph[id].name + WidenHalf.exit, op: .cast(type), inputs: [id], outputs: [narrow],
          origin: NodeOrigin(operatorName: "Cast")))
      patch.replaceOutput(id, by: narrow)
    }
  }
}
