/// The only way to edit a graph: remove nodes, add values and nodes, redirect uses of values.
package struct GraphPatch: Sendable {
  package let graph: Graph
  private var removed: Set<Int> = []
  private var added: [Node] = []
  private var addedValues: [Value] = []
  private var redirected: [ValueID: ValueID] = [:]
  private var entries: [Node] = []
  private var replacedOutputs: [ValueID: ValueID] = [:]

  package init(_ graph: Graph) { self.graph = graph }

  package mutating func remove(node index: Int) { removed.insert(index) }

  package mutating func add(value: Value) -> ValueID {
    addedValues.append(value)
    return ValueID(graph.values.count + addedValues.count - 1)
  }

  package mutating func add(_ node: Node) { added.append(node) }

  /// A node whose inputs are not redirected: it reads the old value that everyone else no longer does.
  package mutating func addEntry(_ node: Node) { entries.append(node) }

  /// The graph's output `old` becomes `new`; other uses stay.
  package mutating func replaceOutput(_ old: ValueID, by new: ValueID) { replacedOutputs[old] = new }

  /// Every use of `old`, as a node's input or a graph's output, becomes `new`.
  package mutating func redirect(_ old: ValueID, to new: ValueID) { redirected[old] = new }

  /// The edited graph in topological order, without nodes that reach no output.
  /// - Throws: `GraphError.invalid` when the edit leaves a cycle or a dangling value.
  package func applied() throws(GraphError) -> Graph {
    var result = graph
    result.values += addedValues
    func target(_ id: ValueID) -> ValueID {
      var id = id
      while let next = redirected[id] { id = next }
      return id
    }
    var nodes = graph.nodes.enumerated().filter { !removed.contains($0.offset) }.map(\.element) + added
    for index in nodes.indices { nodes[index].inputs = nodes[index].inputs.map { $0.map(target) } }
    nodes += entries
    result.outputs = graph.outputs.map { replacedOutputs[$0] ?? target($0) }
    result.nodes = try GraphPatch.sorted(nodes, of: result)
    try result.verify()
    return result
  }

  /// Depth-first from the outputs, keeping the given order where it is free.
  private static func sorted(_ nodes: [Node], of graph: Graph) throws(GraphError) -> [Node] {
    var producer: [ValueID: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for case let output? in node.outputs {
        guard producer.updateValue(index, forKey: output) == nil else {
          throw GraphError(.invalid, node: node.label, "output \(output.index) is made twice")
        }
      }
    }
    var isNeeded = [Bool](repeating: false, count: nodes.count)
    var stack = graph.outputs.compactMap { producer[$0] }
    while let index = stack.popLast() {
      if isNeeded[index] { continue }
      isNeeded[index] = true
      stack += nodes[index].inputs.compactMap { $0.flatMap { producer[$0] } }
    }
    var missing = nodes.map { node in
      Set(node.inputs.compactMap { $0.flatMap { producer[$0] } }).count
    }
    var users = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() where isNeeded[index] {
      for source in Set(node.inputs.compactMap { $0.flatMap { producer[$0] } }) { users[source].append(index) }
    }
    var result: [Node] = []
    var ready = nodes.indices.filter { isNeeded[$0] && missing[$0] == 0 }.reversed() as [Int]
    while let index = ready.popLast() {
      result.append(nodes[index])
      for user in users[index].reversed() {
        missing[user] -= 1
        if missing[user] == 0 { ready.append(user) }
      }
    }
    guard result.count == isNeeded.filter({ $0 }).count else {
      throw GraphError(.invalid, "the nodes form a cycle")
    }
    return result
  }
}

/// A rewrite of graphs by patches; applied until it has none left.
package protocol Pass: Sendable {
  var name: String { get }
  func nextPatch(in graph: Graph) throws(GraphError) -> GraphPatch?
}
