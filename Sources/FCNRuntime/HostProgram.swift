import FCNGraph
import FCNTensor

/// The steps of a plan that run on this machine's memory, with their kernels; immutable, shared by sessions.
package final class HostProgram: Sendable {
  package let plan: Plan
  let kernels: [(any StepKernel)?]
  let pool: ThreadPool
  let constants: [ValueID: HostTensor]
  let scratchStride: Int
  let sharedBytes: Int

  /// - Parameter kernels: one per step, nil for a step that a device runs; views are never run.
  package init(_ plan: Plan, kernels: [(any StepKernel)?], pool: ThreadPool) throws(RuntimeError) {
    self.plan = plan
    self.kernels = kernels
    self.pool = pool
    scratchStride = ((plan.steps.map(\.offer.scratchBytes).max() ?? 0) + 4095) / 4096 * 4096
    sharedBytes = plan.steps.map(\.offer.sharedBytes).max() ?? 0
    var constants: [ValueID: HostTensor] = [:]
    for step in plan.steps where !step.isOnDevice {
      for (position, input) in step.inputs.enumerated() where !step.offer.packsInputs.contains(position) {
        guard let input, let constant = plan.sized.constants[input.id.index], constants[input.id] == nil else {
          continue
        }
        constants[input.id] = try HostProgram.aligned(constant)
      }
    }
    for output in plan.sized.graph.outputs {
      if let constant = plan.sized.constants[output.index] { constants[output] = constant }
    }
    self.constants = constants
  }

  /// Spans of a mapped file may lie at any byte.
  private static func aligned(_ tensor: HostTensor) throws(RuntimeError) -> HostTensor {
    if Int(bitPattern: tensor.storage.bytes.baseAddress) % 16 == 0 { return tensor }
    do throws(TensorError) {
      let storage = try Storage(count: tensor.byteCount)
      storage.mutableBytes.copyMemory(from: tensor.storage.bytes)
      return try HostTensor(elementType: tensor.elementType, shape: tensor.shape, storage: storage)
    } catch { throw RuntimeError(error) }
  }
}
