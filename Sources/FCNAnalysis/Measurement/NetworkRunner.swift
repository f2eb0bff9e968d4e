package import FCNGraph
import FCNReference
package import FCNRuntime
package import FCNTensor

/// Runs a graph on whole tensors of any size; the last plans are kept. Used by one thread.
package final class NetworkRunner {
  private let graph: Graph
  private let backend: any Backend
  private let budget: Int
  private var sessions: [(shapes: [Shape], plan: Plan, session: any SessionCore)] = []
  private static let planLimit = 3

  package init(_ graph: Graph, backend: any Backend, budget: Int = .max) {
    self.graph = graph
    self.backend = backend
    self.budget = budget
  }

  /// The same graph with other values as its outputs.
  package convenience init(
    _ graph: Graph, keeping outputs: [ValueID], backend: any Backend, budget: Int = .max
  ) throws(GraphError) {
    self.init(
      try Graph(
        name: graph.name, values: graph.values, nodes: graph.nodes, inputs: graph.inputs, outputs: outputs),
      backend: backend, budget: budget)
  }

  package func run(_ inputs: [HostTensor]) throws(RuntimeError) -> [HostTensor] {
    let session = try session(inputs.map(\.shape))
    let sinks = graph.outputs.map { _ in TensorSink() }
    try session.run(inputs, into: sinks, control: RunControl())
    return sinks.map { $0.tensor! }
  }

  private func session(_ shapes: [Shape]) throws(RuntimeError) -> any SessionCore {
    if let known = sessions.first(where: { $0.shapes == shapes }) { return known.session }
    let sized: SizedGraph
    do throws(GraphError) {
      sized = try SizedGraph(graph, inputs: shapes, evaluator: ReferenceEvaluator())
    } catch { throw RuntimeError(error, otherwise: .input) }
    let plan = try Planner.plan(sized, backend: backend, budget: budget)
    let session = try backend.prepare(plan).makeSession()
    sessions.append((shapes, plan, session))
    if sessions.count > NetworkRunner.planLimit { sessions.removeFirst() }
    return session
  }
}
