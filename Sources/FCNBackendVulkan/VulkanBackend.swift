package import CVulkan
package import FCNGraph
package import FCNRuntime
import FCNTensor
import Synchronization

/// Kernels of a Vulkan device; nodes that it has no kernel for run by the host's backend, in islands.
package final class VulkanBackend: Backend {
  package let name = "vulkan"
  package let storesDouble = false
  package let info: DeviceInfo
  private let instance: VulkanInstance
  private let options: VulkanOptions
  private let host: any HostBackend
  private let adjust: (@Sendable (inout fcn_vk) -> Void)?
  private let state = Mutex<State>(State())

  private struct State {
    var device: VulkanDevice?
    var losses = 0
  }

  /// Nil where there is no Vulkan, or no device that `auto` takes.
  ///
  /// - Parameters:
  ///   - host: its kernels run what the device has none for.
  ///   - adjust: replaces functions of the driver, which tests do.
  /// - Throws: `RuntimeError.device` listing the devices, where an explicit request cannot be met.
  package static func open(
    _ options: VulkanOptions, host: any HostBackend, adjust: (@Sendable (inout fcn_vk) -> Void)? = nil
  ) throws(RuntimeError) -> VulkanBackend? {
    let instance: VulkanInstance?
    if options.device == .auto {
      guard DeviceNodes.areThere else { return nil }
      instance = try? VulkanInstance.open(library: options.library, validates: options.validates, adjust: adjust)
    } else {
      instance = try VulkanInstance.open(library: options.library, validates: options.validates, adjust: adjust)
    }
    guard let info = try DeviceChoice.choose(options.device, among: instance?.devices ?? []), let instance else {
      return nil
    }
    return VulkanBackend(instance, info, options, host, adjust)
  }

  private init(
    _ instance: VulkanInstance, _ info: DeviceInfo, _ options: VulkanOptions, _ host: any HostBackend,
    _ adjust: (@Sendable (inout fcn_vk) -> Void)?
  ) {
    self.instance = instance
    self.info = info
    self.options = options
    self.host = host
    self.adjust = adjust
  }

  /// What the validation layer said so far.
  package var validation: (count: Int, first: String) { instance.validation }
  package func forgetMessages() { instance.forgetMessages() }

  package func offers(for node: Node, sizing: NodeSizing, in graph: SizedGraph, layouts: [Layout]) -> [KernelOffer] {
    var candidate = candidate(node, sizing, graph)
    candidate.layouts = layouts
    let onHost = host.offers(
      for: node, sizing: sizing, in: graph, layouts: layouts.map { $0.isOnDevice ? .planar : $0 })
    return VulkanKernels.kernels(for: node.op).map { $0.offer(candidate) } + onHost
  }

  private func candidate(_ node: Node, _ sizing: NodeSizing, _ graph: SizedGraph) -> VulkanCandidate {
    VulkanCandidate(
      node: node, sizing: sizing, graph: graph, info: info, options: options,
      largestRange: min(info.largestRange, options.largestRange ?? .max))
  }

  package func absorbs(_ function: UnaryFunction, offer: KernelOffer) -> Bool {
    guard offer.outputLayout.isOnDevice else { return host.absorbs(function, offer: offer) }
    guard offer.absorbsActivation, let code = ActivationCode(function)?.code else { return false }
    return VulkanKernels.kernel(of: offer)?.absorbs(code) ?? false
  }

  package func prepare(_ plan: Plan) throws(RuntimeError) -> any Executable {
    let (device, losses) = try current()
    let flops = max(1, segmentFlops >> (2 * losses))
    let parts = try RequestSplit(self, device).parts(of: plan)
    return try VulkanExecutable(plan, parts: parts, device, host, segmentFlops: flops)
  }

  /// Operations of a submission: some tens of milliseconds.
  private var segmentFlops: Int { options.segmentFlops ?? (info.kind == .discrete ? 40 : 2) * 1_000_000_000 }

  private func current() throws(RuntimeError) -> (VulkanDevice, losses: Int) {
    try state.withLock { (state) throws(RuntimeError) in
      if let device = state.device { return (device, state.losses) }
      let device = try VulkanDevice(instance, info, options, adjust: adjust)
      state.device = device
      return (device, state.losses)
    }
  }

  /// After a lost device: what is prepared next is on a new one, in smaller submissions.
  ///
  /// - Returns: how often it happened.
  package func forgetDevice() -> Int {
    state.withLock { state in
      state.device = nil
      state.losses += 1
      return state.losses
    }
  }
}
