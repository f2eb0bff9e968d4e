import CVulkan
import FCNGraph
import FCNRuntime
import FCNTensor

/// A plan as dispatches, pipelines, barriers and steps of the host; immutable, shared by sessions.
final class VulkanProgram: @unchecked Sendable {
  let plan: Plan
  let host: HostProgram
  let dispatches: [Dispatch]
  let pipelines: [VkPipeline]
  /// Of each step the number of its dispatches; nil: the host runs it.
  let counts: [Int?]
  let barriers: BarrierPlan
  /// The device's arena and the scratch memory of its steps behind it.
  let deviceBytes: Int
  /// Values in the host's arena that shaders read or write.
  let shared: Set<StoredValue>

  /// - Parameter weights: takes the constants that the kernels pack.
  init(
    _ plan: Plan, _ device: OpenDevice, _ host: any HostBackend, _ weights: WeightStore
  ) throws(RuntimeError) {
    self.plan = plan
    var kernels: [(any StepKernel)?] = []
    var dispatches: [Dispatch] = []
    var offers: [KernelOffer?] = []
    let (facts, largestFlops) = (device.facts, 2 * device.segments.flops)
    var counts: [Int?] = []
    var shared: Set<StoredValue> = []
    var scratch = 0
    for step in plan.steps {
      guard step.isOnDevice else {
        kernels.append(step.isAlias ? nil : try host.kernel(for: step, in: plan))
        counts.append(step.isAlias ? 0 : nil)
        continue
      }
      kernels.append(nil)
      var builder = StepBuilder(plan, step, facts, weights, largestFlops: largestFlops)
      if !step.isAlias { try VulkanKernels.make(&builder) }
      for dispatch in builder.dispatches { try VulkanProgram.verify(dispatch, facts) }
      dispatches += builder.dispatches
      offers += builder.dispatches.map { _ in step.isReorder ? nil : step.offer }
      scratch = max(scratch, builder.scratchBytes)
      counts.append(builder.dispatches.count)
      for case let value? in step.inputs + step.outputs + [step.residual] where !value.layout.isOnDevice {
        shared.insert(value)
      }
    }
    self.host = try HostProgram(plan, kernels: kernels, pool: host.pool)
    self.dispatches = dispatches
    self.counts = counts
    self.shared = shared
    deviceBytes = plan.deviceArenaBytes.dividedUp(by: 256) * 256 + scratch
    barriers = BarrierPlan(dispatches.map { ($0.reads, $0.writes) })
    var pipelines: [VkPipeline] = []
    for (dispatch, offer) in zip(dispatches, offers) {
      pipelines.append(try device.pipeline(dispatch, kernel: offer?.name))
    }
    self.pipelines = pipelines
  }

  /// The last look at what drivers do not check: bindings within the device's limits, words of push constants.
  private static func verify(_ dispatch: Dispatch, _ facts: DeviceFacts) throws(RuntimeError) {
    for (slot, binding) in dispatch.bindings.enumerated() {
      guard let binding else { continue }
      let unit = facts.offsetAlignment
      guard binding.range > 0, binding.range <= facts.largestRange, binding.range % 4 == 0, binding.offset % unit == 0
      else {
        throw RuntimeError(
          .memory, node: dispatch.node,
          "\(dispatch.shader) binding \(slot): expected 1 to \(facts.largestRange) bytes at a multiple of \(unit), "
            + "got \(binding.range) at \(binding.offset)")
      }
    }
    precondition(dispatch.push.words.count * 4 <= ShaderInterface.pushBytes)
    precondition(zip(dispatch.groups, facts.largestGroupCounts).allSatisfy { $0 > 0 && $0 <= $1 })
  }
}
