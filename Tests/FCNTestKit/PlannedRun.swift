package import FCNGraph
import FCNReference
package import FCNRuntime
package import FCNTensor

/// A graph at the sizes of its inputs, run by a backend for some regions of its outputs.
package struct PlannedRun {
  package let plan: Plan
  package let executable: any Executable

  package init(_ sized: SizedGraph, _ backend: any Backend, outputs: [Region]? = nil) throws {
    plan = try Planner.plan(sized, backend: backend, outputs: outputs)
    executable = try backend.prepare(plan)
  }

  /// The regions asked for, one tensor per output.
  package func outputs(_ inputs: [HostTensor], control: RunControl = RunControl()) throws -> [HostTensor] {
    let sinks = plan.outputRegions.map { _ in TensorSink() }
    try executable.makeSession().run(inputs, into: sinks, control: control)
    return sinks.compactMap(\.tensor)
  }
}

extension SizedGraph {
  package init(_ graph: Graph, for inputs: [HostTensor]) throws {
    try self.init(graph, inputs: inputs.map(\.shape), evaluator: ReferenceEvaluator())
  }
}

/// Random parts of tensors.
package enum RandomRegion {
  /// At least one element, except where the tensor has none.
  package static func inside(_ shape: Shape, _ generator: inout SeededGenerator) -> Region {
    Region(
      shape.dims.map { n in
        if n == 0 { return 0..<0 }
        let low = generator.integer(in: 0...n - 1)
        return low..<generator.integer(in: low + 1...n)
      })
  }
}

extension HostTensor {
  /// A region of the tensor as a tensor.
  package func cropped(to region: Region) throws -> HostTensor {
    let result = try HostTensor(elementType, region.shape)
    try read(region, into: result.storage.mutableBytes)
    return result
  }

  package func hasBits(of other: HostTensor) -> Bool {
    elementType == other.elementType && shape == other.shape && storage.bytes.elementsEqual(other.storage.bytes)
  }

  /// The largest |Δ| relative to the largest finite |expected|; NaN and infinities must be where they are expected.
  package func relativeError(to expected: HostTensor) -> Double {
    guard shape == expected.shape, elementType == expected.elementType else { return .infinity }
    var (error, scale) = (0.0, 0.0)
    for (a, b) in zip(doubles(), expected.doubles()) {
      if a.isNaN && b.isNaN || a == b {
        if b.isFinite { scale = max(scale, abs(b)) }
        continue
      }
      if !a.isFinite || !b.isFinite { return .infinity }
      (error, scale) = (max(error, abs(a - b)), max(scale, abs(b)))
    }
    return error == 0 ? 0 : error / scale
  }
}
