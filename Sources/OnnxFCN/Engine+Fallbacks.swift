import FCNBackendVulkan
import FCNRuntime
import Logging

extension Engine {
  /// By the processor where the device cannot.
  func prepared(_ plan: Plan, _ backend: any Backend) throws(RuntimeError) -> PreparedPlan {
    var fallback = fallback(backend, plan)
    do throws(RuntimeError) { return PreparedPlan(try backend.prepare(plan), fallback: fallback) } catch {
      guard let made = try fallback?.next(after: error) else { throw error }
      return PreparedPlan(made, fallback: fallback)
    }
  }

  private func fallback(_ backend: any Backend, _ plan: Plan) -> RequestFallback? {
    guard let vulkan = backend as? VulkanBackend else { return nil }
    return RequestFallback(vulkan, options.fallsBack ? cpu : nil, budget: options.memoryBudget, plan) { [options] in
      options.warn($0)
    }
  }
}

extension EngineOptions {
  /// Something failed and another way was taken.
  func warn(_ text: String) {
    logger.warning("\(text)")
    onWarning?(FCNError.line(text, limit: 4096))
  }
}
