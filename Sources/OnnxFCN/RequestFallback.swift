import FCNBackendCPU
import FCNBackendVulkan
import FCNRuntime

/// Other ways of running a request of a device, for when the one before failed: in smaller regions where memory was
/// missing, on the device anew after its first loss, then by the processor.
struct RequestFallback: Sendable {
  private let engine: EngineFallback
  private let plan: Plan
  private var halvings = 0
  private var isLast = false

  private static let largestHalvings = 4

  init(
    _ vulkan: VulkanBackend, _ cpu: CPUBackend?, budget: Int, _ plan: Plan, warn: @escaping @Sendable (String) -> Void
  ) {
    engine = EngineFallback(vulkan: vulkan, cpu: cpu, budget: budget, warn: warn)
    self.plan = plan
  }

  private struct EngineFallback: Sendable {
    let vulkan: VulkanBackend
    /// Nil: the processor does not take over.
    let cpu: CPUBackend?
    let budget: Int
    let warn: @Sendable (String) -> Void
  }

  /// What runs the request next; nil: nothing is left, or the error is not the device's.
  ///
  /// - Parameter failed: nil where nothing could be prepared.
  /// - Throws: what the processor says to it.
  mutating func next(
    after error: RuntimeError, _ failed: (any Executable)? = nil
  ) throws(RuntimeError) -> (any Executable)? {
    if isLast { return nil }
    switch error.code {
    case .memory: if let failed, let made = smaller(error, failed) { return made }
    case .deviceLost: if let made = reopened(error, failed) { return made }
    case .device: break
    case .input, .unsupported, .cancelled, .data: return nil
    }
    isLast = true
    guard let cpu = engine.cpu else { return nil }
    engine.warn("\(error); the processor takes over")
    return try cpu.prepare(
      try Planner.plan(plan.sized, backend: cpu, outputs: plan.outputRegions, budget: engine.budget))
  }

  private mutating func smaller(_ error: RuntimeError, _ failed: any Executable) -> (any Executable)? {
    guard halvings < RequestFallback.largestHalvings, let made = try? engine.vulkan.halved(failed) else { return nil }
    halvings += 1
    engine.warn("\(error); it is run in smaller regions, with \(made.now) bytes at a time instead of \(made.before)")
    return made.executable
  }

  /// Nil after a second loss.
  private func reopened(_ error: RuntimeError, _ failed: (any Executable)?) -> (any Executable)? {
    guard engine.vulkan.forgetDevice(of: failed), let made = try? engine.vulkan.prepare(plan) else { return nil }
    engine.warn("\(error); the device is opened anew")
    return made
  }
}
