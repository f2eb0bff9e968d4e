/// Topological order of nodes by the names that they read and write.
enum NodeOrder {
  /// Indices of `nodes`, each after the makers of its inputs; the given order is kept where it is valid.
  /// - Throws: `ONNXError.invalid` for a cycle.
  static func sorted(_ nodes: [ProtoNode], known: Set<String>) throws(ONNXError) -> [Int] {
    var maker: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for name in node.outputs where !name.isEmpty && maker[name] == nil { maker[name] = index }
    }
    var missing = [Int](repeating: 0, count: nodes.count)
    var users = [[Int]](repeating: [], count: nodes.count)
    var isSorted = true
    for (index, node) in nodes.enumerated() {
      for source in Set(node.inputs.compactMap { known.contains($0) ? nil : maker[$0] }) {
        if source >= index { isSorted = false }
        missing[index] += 1
        users[source].append(index)
      }
    }
    if isSorted { return Array(nodes.indices) }
    var result: [Int] = []
    var ready = nodes.indices.filter { missing[$0] == 0 }.reversed() as [Int]
    while let index = ready.popLast() {
      result.append(index)
      for user in users[index].reversed() {
        missing[user] -= 1
        if missing[user] == 0 { ready.append(user) }
      }
    }
    guard result.count == nodes.count else {
      let stuck = nodes.indices.first { missing[$0] > 0 }.map { nodes[$0].name } ?? ""
      throw ONNXError(.invalid, node: stuck, "the nodes form a cycle")
    }
    return result
  }
}
