import FCNBackendCPU
import FCNBackendVulkan
import FCNRuntime
import FCNTensor
import Logging

/// Another way of running a request, for when the one before failed.
struct RequestFallback: Sendable {
  enum Kind: Sendable {
    /// The device anew, after its first loss.
    case reopened(VulkanBackend)
    case processor(CPUBackend, budget: Int)
  }

  let kind: Kind
  let plan: Plan
  let logger: Logger

  /// Nil: not after such an error.
  func executable(after error: RuntimeError) throws(RuntimeError) -> (any Executable)? {
    switch kind {
    case .reopened(let vulkan):
      guard error.code == .deviceLost, vulkan.forgetDevice() == 1 else { return nil }
      logger.warning("device lost, it is opened anew", metadata: ["error": "\(error)"])
      return try? vulkan.prepare(plan)
    case .processor(let cpu, let budget):
      logger.warning("device failed, the processor takes over", metadata: ["error": "\(error)"])
      return try cpu.prepare(
        try Planner.plan(plan.sized, backend: cpu, outputs: plan.outputRegions, budget: budget))
    }
  }
}

extension Engine {
  /// By the processor where the device cannot.
  func prepared(_ plan: Plan, _ backend: any Backend) throws(RuntimeError) -> PreparedPlan {
    let fallbacks = fallbacks(backend, plan)
    do throws(RuntimeError) { return PreparedPlan(try backend.prepare(plan), fallbacks: fallbacks) } catch {
      switch error.code {
      case .memory, .device, .deviceLost: break
      case .input, .unsupported, .cancelled, .data: throw error
      }
      guard let made = try fallbacks.last?.executable(after: error) else { throw error }
      return PreparedPlan(made)
    }
  }

  /// What takes over where a device fails: after its first loss the device anew, then this machine's processor.
  func fallbacks(_ backend: any Backend, _ plan: Plan) -> [RequestFallback] {
    guard let vulkan = backend as? VulkanBackend else { return [] }
    let kinds: [RequestFallback.Kind] = [.reopened(vulkan), .processor(cpu, budget: options.memoryBudget)]
    return kinds.map { RequestFallback(kind: $0, plan: plan, logger: options.logger) }
  }
}
