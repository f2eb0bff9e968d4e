import FCNBackendCPU
import FCNGraph
import FCNReference
import FCNRuntime
import FCNTensor
import FCNTestKit

/// A graph at the sizes of its inputs, run by a backend for some regions of its outputs.
struct PlannedRun {
  let plan: Plan
  let executable: any Executable

  init(_ sized: SizedGraph, _ backend: any Backend, outputs: [Region]? = nil) throws {
    plan = try Planner.plan(sized, backend: backend, outputs: outputs)
    executable = try backend.prepare(plan)
  }

  /// The regions asked for, one tensor per output.
  func outputs(_ inputs: [HostTensor], control: RunControl = RunControl()) throws -> [HostTensor] {
    let sinks = plan.outputRegions.map { _ in TensorSink() }
    try executable.makeSession().run(inputs, into: sinks, control: control)
    return sinks.compactMap(\.tensor)
  }
}

extension SizedGraph {
  init(_ graph: Graph, for inputs: [HostTensor]) throws {
    try self.init(graph, inputs: inputs.map(\.shape), evaluator: ReferenceEvaluator())
  }
}

/// The backends of one machine on two threads: every instruction set in every family of kernels, and the reference.
enum Backends {
  struct Choice: Sendable, CustomStringConvertible {
    let set: InstructionSet
    let family: KernelFamily
    var description: String { "\(set.rawValue) \(family.rawValue)" }
    var backend: CPUBackend { CPUBackend(pool: Backends.pool, instructionSet: set, family: family) }
  }

  static let pool = ThreadPool(threadCount: 2)

  static let choices: [Choice] = InstructionSet.allCases.filter(\.isAvailable).flatMap { set in
    [KernelFamily.auto, .direct, .blas].map { Choice(set: set, family: $0) }
  }

  /// The best instruction set's kernels, OpenBLAS, and the reference.
  static let families: [any Backend] = [
    CPUBackend(pool: pool), CPUBackend(pool: pool, family: .direct), CPUBackend(pool: pool, family: .blas),
    ReferenceBackend(pool: pool),
  ]
}

/// Random parts of tensors.
enum RandomRegion {
  /// At least one element, except where the tensor has none.
  static func inside(_ shape: Shape, _ generator: inout SeededGenerator) -> Region {
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
  func cropped(to region: Region) throws -> HostTensor {
    let result = try HostTensor(elementType, region.shape)
    try read(region, into: result.storage.mutableBytes)
    return result
  }

  func hasBits(of other: HostTensor) -> Bool {
    elementType == other.elementType && shape == other.shape && storage.bytes.elementsEqual(other.storage.bytes)
  }

  /// The largest |Δ| relative to the largest finite |expected|; NaN and infinities must be where they are expected.
  func relativeError(to expected: HostTensor) -> Double {
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
