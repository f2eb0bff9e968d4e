import FCNGraph
import FCNPasses
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// Half-float graphs are computed in float32; what enters and leaves stays half.
@Suite struct HalfTests {
  @Test(arguments: [ElementType.float16, .bfloat16])
  func halfGraphs(_ type: ElementType) throws {
    var builder = GraphBuilder(seed: 4)
    let x = try builder.input([1, 2, 5, 6], type)
    let w = try builder.weights([3, 2, 3, 3], type)
    let conv = builder.node(.convolution(Convolution(window: Window())), x, w, try builder.weights([3], type))
    let relu = builder.node(.unary(.relu), conv)
    let half = builder.node(.cast(type), builder.node(.cast(.float32), relu))
    let inputs = builder.inputs.map(\.tensor)
    let graph = try Rewriting.declared(try builder.graph(outputs: [half, conv]), inputs)
    let optimized = try PassPipeline.standard.optimized(graph)
    #expect(optimized[optimized.inputs[0]].elementType == type)
    let expected = try Rewriting.reference(graph, inputs)
    let results = try Rewriting.outputs(optimized, inputs)
    for (result, wanted) in zip(results, expected) {
      #expect(result.elementType == type)
      #expect(result.relativeError(to: wanted) <= (type == .float16 ? 0x1p-10 : 0x1p-7))
    }
    // The convolution itself is one of the fast kernels.
    let sized = try SizedGraph(optimized, for: inputs)
    let plan = try Planner.plan(sized, backend: Backends.families[0])
    for step in plan.steps {
      if case .convolution = step.node.op { #expect(step.offer.name.hasPrefix("fcn_f32")) }
    }
  }

  /// A half input that is also an output, and a half constant that is an output, pass unchanged.
  @Test func halfPassesThrough() throws {
    var builder = GraphBuilder(seed: 4)
    let x = try builder.input([2, 3], .float16)
    let y = builder.node(.unary(.relu), x)
    let inputs = builder.inputs.map(\.tensor)
    let graph = try Rewriting.declared(try builder.graph(outputs: [x, y]), inputs)
    let results = try Rewriting.outputs(try PassPipeline.standard.optimized(graph), inputs)
    #expect(results[0].hasBits(of: inputs[0]))
    #expect(results[1].elementType == .float16)
  }
}
