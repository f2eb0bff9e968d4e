import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit

/// The outputs of one node on whole tensors.
func evaluate(_ op: Operator, _ inputs: HostTensor?..., outputs: Int = 1) throws -> [HostTensor] {
  var builder = GraphBuilder(seed: 0)
  let constants = op.parameterInputs
  let ids = inputs.enumerated().map { index, tensor in
    tensor.map { constants.contains(index) ? builder.constant($0) : builder.input($0) }
  }
  let results = builder.nodes(op, ids, outputs: outputs)
  let run = try ReferenceRun(try builder.graph(outputs: results), inputs: builder.inputs.map(\.tensor))
  return try run.outputs.map { try $0.tensor() }
}

/// The only output as doubles.
func reals(_ op: Operator, _ inputs: HostTensor?...) throws -> [Double] {
  var builder = GraphBuilder(seed: 0)
  let ids = inputs.enumerated().map { index, tensor in
    tensor.map { op.parameterInputs.contains(index) ? builder.constant($0) : builder.input($0) }
  }
  let result = builder.nodes(op, ids, outputs: 1)
  let run = try ReferenceRun(try builder.graph(outputs: result), inputs: builder.inputs.map(\.tensor))
  return run.outputs[0].values.doubles
}

func floats(_ values: [Float], _ shape: Shape) throws -> HostTensor { try HostTensor(values, shape: shape) }
func list(_ values: [Int64]) throws -> HostTensor { try HostTensor(values, shape: [values.count]) }
func integers(_ values: [Int64], _ type: ElementType, _ shape: Shape? = nil) throws -> HostTensor {
  try HostTensor(integers: values, elementType: type, shape: shape ?? [values.count])
}
