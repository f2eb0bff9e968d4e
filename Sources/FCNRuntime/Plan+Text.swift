import FCNGraph
import FCNTensor

extension Plan {
  /// One line a step: kernel, node, region, place in the arena; stable text for golden tests.
  package func text() -> String {
    let device = deviceArenaBytes > 0 ? ", \(deviceArenaBytes) on the device" : ""
    var lines = ["plan for \(backendName), arena \(arenaBytes) bytes\(device)"]
    for id in sized.graph.inputs {
      if let buffer = buffers[StoredValue(id)] {
        lines.append("input %\(sized.graph[id].name) \(buffer.region) at \(buffer.offset)")
      }
    }
    for step in steps {
      let output = step.outputs[0].flatMap(place)
      let kernel = step.isAlias ? "view" : step.offer.name
      let absorbed = step.absorbed.isEmpty ? "" : " + " + step.absorbed.joined(separator: " + ")
      lines.append("\(output ?? "-") = \(kernel) \(step.node.label)\(absorbed)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// `%name [region] at offset`
  private func place(_ value: StoredValue) -> String? {
    buffers[value].map {
      let layout = value.layout == .planar ? "" : " \(value.layout.rawValue)"
      return "%\(sized.graph[value.id].name) \($0.region)\(layout) at \($0.offset)"
    }
  }
}
