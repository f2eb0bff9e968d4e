import FCNBackendCPU
import FCNBackendVulkan
import FCNRuntime
import Logging

extension Engine {
  /// What takes over where a device fails: after its first loss the device anew, then this machine's processor.
  func fallbacks(_ backend: any Backend, _ plan: Plan, logger: Logger) -> [PreparedPlan.Fallback] {
    guard let vulkan = backend as? VulkanBackend else { return [] }
    let (cpu, budget) = (cpu, options.memoryBudget)
    let (sized, regions) = (plan.sized, plan.outputRegions)
    return [
      { (error: RuntimeError) throws(RuntimeError) -> (any Executable)? in
        guard error.code == .deviceLost, vulkan.forgetDevice() == 1 else { return nil }
        logger.warning("device lost, it is opened anew", metadata: ["error": "\(error)"])
        return try? vulkan.prepare(plan)
      },
      { (error: RuntimeError) throws(RuntimeError) -> (any Executable)? in
        logger.warning("device failed, the processor takes over", metadata: ["error": "\(error)"])
        return try cpu.prepare(try Planner.plan(sized, backend: cpu, outputs: regions, budget: budget))
      },
    ]
  }
}
