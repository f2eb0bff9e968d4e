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
  private let variants: RefusedVariants
  private let state = Mutex<Opened>(Opened())

  private struct Opened {
    var device: OpenDevice?
    var losses = 0
  }

  /// Nil where there is no Vulkan, or no device that `auto` takes.
  ///
  /// - Parameter host: its kernels run what the device has none for.
  /// - Throws: `RuntimeError.device` listing the devices, where an explicit request cannot be met.
  package static func open(
    _ options: VulkanOptions, host: any HostBackend
  ) throws(RuntimeError) -> VulkanBackend? {
    let instance: VulkanInstance?
    if options.device == .auto {
      guard DeviceNodes.areThere else { return nil }
      instance = try? VulkanInstance.open(
        library: options.library, validates: options.validates, adjust: options.adjust)
    } else {
      instance = try VulkanInstance.open(library: options.library, validates: options.validates, adjust: options.adjust)
    }
    guard let info = try DeviceChoice.choose(options.device, among: instance?.devices ?? []), let instance else {
      return nil
    }
    return VulkanBackend(instance, info, options, host)
  }

  private init(
    _ instance: VulkanInstance, _ info: DeviceInfo, _ options: VulkanOptions, _ host: any HostBackend
  ) {
    self.instance = instance
    self.info = info
    self.options = options
    self.host = host
    variants = RefusedVariants(options)
  }

  package var slabBytes: Int { DeviceFacts(info, options).slabBytes }

  /// What the validation layer said so far.
  package var validation: (count: Int, first: String) { instance.validation }
  package func forgetMessages() { instance.forgetMessages() }

  package func offers(for node: Node, sizing: NodeSizing, in graph: SizedGraph, layouts: [Layout]) -> [KernelOffer] {
    var candidate = candidate(node, sizing, graph)
    candidate.layouts = layouts
    let onHost = host.offers(
      for: node, sizing: sizing, in: graph, layouts: layouts.map { $0.isOnDevice ? .planar : $0 })
    return VulkanKernels.kernels(for: node.op).map { variants.judged($0.offer(candidate)) } + onHost
  }

  private func candidate(_ node: Node, _ sizing: NodeSizing, _ graph: SizedGraph) -> VulkanCandidate {
    VulkanCandidate(
      node: node, sizing: sizing, graph: graph, facts: variants.applied(to: DeviceFacts(info, options)))
  }

  package func absorbs(_ function: UnaryFunction, offer: KernelOffer) -> Bool {
    guard offer.outputLayout.isOnDevice else { return host.absorbs(function, offer: offer) }
    guard offer.absorbsActivation, let code = ActivationCode(function)?.code else { return false }
    return VulkanKernels.kernel(of: offer)?.absorbs(code) ?? false
  }

  package func prepare(_ plan: Plan) throws(RuntimeError) -> any Executable { try prepared(plan) }

  /// The same request in smaller regions, whose arenas take at most half as much.
  ///
  /// - Returns: with the bytes of the larger arena before and of each now; nil: not for such an executable.
  package func halved(
    _ executable: any Executable
  ) throws(RuntimeError) -> (executable: any Executable, before: Int, now: Int)? {
    guard let known = executable as? VulkanExecutable, known.largerArenaBytes >= 2 * VulkanBackend.smallestArena else {
      return nil
    }
    let made = try prepared(known.plan, largestArena: known.largerArenaBytes / 2, after: known)
    return (made, known.largerArenaBytes, made.largerArenaBytes)
  }

  /// Smaller ones are not what the device lacks.
  private static let smallestArena = 1 << 14

  /// Plans again where the driver refuses a shader, without it.
  private func prepared(
    _ plan: Plan, largestArena: Int = .max, after known: VulkanExecutable? = nil
  ) throws(RuntimeError) -> VulkanExecutable {
    var plan = plan
    while true {
      let failures = variants.failures
      let device = try current()
      do throws(RuntimeError) {
        let parts = try RequestSplit(self, device.device, largestArena: largestArena).parts(of: plan)
        let weights = known?.device === device ? known?.weights : nil
        return try VulkanExecutable(plan, parts: parts, device, host, weights: weights)
      } catch {
        guard variants.failures > failures else { throw error }
        plan = try Planner.plan(plan.sized, backend: self, outputs: plan.outputRegions, budget: plan.budget)
      }
    }
  }

  private func current() throws(RuntimeError) -> OpenDevice {
    try state.withLock { (state) throws(RuntimeError) in
      if let device = state.device { return device }
      guard state.losses < VulkanBackend.largestLosses else {
        throw RuntimeError(.deviceLost, "\(info.name): expected a device that stays, it was lost \(state.losses) times")
      }
      // Some tens of milliseconds.
      let flops = options.segmentFlops ?? (info.kind == .discrete ? 40 : 2) * 1_000_000_000
      let device = OpenDevice(
        try VulkanDevice(instance, DeviceFacts(info, options)), variants,
        segments: SegmentBudget(first: flops, losses: state.losses))
      state.device = device
      return device
    }
  }

  /// Losses after which a device is not opened again.
  private static let largestLosses = 2

  /// After a lost device: what is prepared next is on a new one, in smaller submissions. A loss counts once, whoever
  /// meets it.
  ///
  /// - Parameter failed: what met it; nil: it was met while something was prepared.
  /// - Returns: whether the device may be opened again.
  package func forgetDevice(of failed: (any Executable)? = nil) -> Bool {
    let lost = (failed as? VulkanExecutable)?.device
    return state.withLock { state in
      if lost == nil || lost === state.device {
        state.device = nil
        state.losses += 1
      }
      return state.losses < VulkanBackend.largestLosses
    }
  }
}
