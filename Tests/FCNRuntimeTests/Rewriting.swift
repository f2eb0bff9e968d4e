import FCNBackendCPU
import FCNGraph
import FCNReference
import FCNRuntime
import FCNTensor
import FCNTestKit

/// What a graph gives before and after a rewrite.
enum Rewriting {
  /// The graph with the types of its outputs, as every model states them.
  static func declared(_ graph: Graph, _ inputs: [HostTensor]) throws -> Graph {
    let sized = try SizedGraph(graph, for: inputs)
    var values = graph.values
    for id in graph.outputs where values[id.index].constant == nil {
      values[id.index].elementType = sized.type(id).elementType
      values[id.index].dimensions = sized.type(id).shape.dims.map(Dimension.fixed)
    }
    return try Graph(
      name: graph.name, values: values, nodes: graph.nodes, inputs: graph.inputs, outputs: graph.outputs)
  }

  static func reference(_ graph: Graph, _ inputs: [HostTensor]) throws -> [HostTensor] {
    try ReferenceRun(graph, inputs: inputs).outputs.map { try $0.tensor() }
  }

  static func outputs(_ graph: Graph, _ inputs: [HostTensor]) throws -> [HostTensor] {
    try PlannedRun(try SizedGraph(graph, for: inputs), CPUBackend(pool: Backends.pool)).outputs(inputs)
  }
}
