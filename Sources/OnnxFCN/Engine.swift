import FCNBackendCPU
package import FCNBackendVulkan
package import FCNRuntime
public import Logging
import Synchronization

/// Options of an engine; every field has a default that suits most.
public struct EngineOptions: Sendable {
  /// Threads that compute, the caller's included. Default: the processors that are online.
  public var threads: Int
  /// Bytes that the tensors between the steps of a plan may take together; packed weights and the kernels' scratch
  /// memory come on top. Default: no limit.
  public var memoryBudget: Int
  /// Whether model files are mapped (they must not change while loaded) or read. Default: mapped.
  public var mapsFile: Bool
  /// `avx512`, `avx2`, `neon` or `portable`; nil: the best that the machine has.
  public var instructionSet: String?
  /// `auto`, `direct` (without Winograd), `blas` or `reference`.
  public var kernels: String
  /// Where networks run: `cpu`; `vulkan` (the best device), `vulkan:N` (by number) or `vulkan:NAME` (by a part of the
  /// name); `auto`: on the best Vulkan device that is no processor, else as `cpu`. Default: `auto`.
  public var device: String
  /// Folder of the drivers' compiled shaders; nil: they are not kept. Default: nil.
  public var cacheFolder: String?
  /// Where the library reports what it does, at level debug, and what failed, at level warning. Default: nowhere.
  public var logger: Logger
  /// Whether the processor runs what a device fails at. Default: it does; measurements and comparisons want an error.
  public var fallsBack = true
  /// Called with one line where a device failed and another way was taken, by the thread that met it, which holds the
  /// request meanwhile: it must not run the same model. Default: nobody.
  public var onWarning: (@Sendable (String) -> Void)?

  public init(
    threads: Int? = nil, memoryBudget: Int = .max, mapsFile: Bool = true, instructionSet: String? = nil,
    kernels: String = "auto", device: String = "auto", cacheFolder: String? = nil,
    logger: Logger = Logger(label: "onnx-fcn") { _ in SwiftLogNoOpLogHandler() },
    onWarning: (@Sendable (String) -> Void)? = nil
  ) {
    self.threads = threads ?? ThreadPool.availableProcessors()
    self.memoryBudget = memoryBudget
    self.mapsFile = mapsFile
    self.instructionSet = instructionSet
    self.kernels = kernels
    self.device = device
    self.cacheFolder = cacheFolder
    self.logger = logger
    self.onWarning = onWarning
  }
}

/// Owns the thread pool and the backends; models share it. Safe to use from any thread.
///
/// OpenBLAS has one thread count for the whole process; a model with matrix products sets it to 1 when it is prepared,
/// since the engine's own pool calls it.
public final class Engine: Sendable {
  public let options: EngineOptions
  let pool: ThreadPool
  let cpu: CPUBackend
  /// Kernels whose results do not depend on where the image begins, for experiments on shifts.
  let direct: CPUBackend
  private let vulkan = Mutex<VulkanState>(VulkanState())
  /// Of every device; the engine's options come on top.
  private let settings: VulkanOptions

  private struct VulkanState {
    /// By the options, once they were followed.
    var backend: VulkanBackend?
    var isOpen = false
    /// By name, where the options found none: a processor perhaps, which `auto` never takes.
    var named: VulkanBackend?
  }

  /// - Throws: `FCNError.usage` for an unknown or unavailable instruction set or kernel family; `.resources` for a
  ///   device that is asked for and not there.
  public convenience init(options: EngineOptions = EngineOptions()) throws(FCNError) {
    try self.init(options: options, vulkan: VulkanOptions())
  }

  /// - Parameter settings: what the engine's options leave open about devices.
  package init(options: EngineOptions, vulkan settings: VulkanOptions) throws(FCNError) {
    guard options.threads >= 1 else { throw FCNError(.usage, "threads: expected at least 1, got \(options.threads)") }
    var set: InstructionSet?
    if let name = options.instructionSet {
      guard let known = InstructionSet(rawValue: name), known.isAvailable else {
        let available = InstructionSet.allCases.filter(\.isAvailable).map(\.rawValue).joined(separator: ", ")
        throw FCNError(.usage, "instruction set: expected one of \(available) on this machine, got \(name)")
      }
      set = known
    }
    guard let family = KernelFamily(rawValue: options.kernels) else {
      let known = KernelFamily.allCases.map(\.rawValue).joined(separator: ", ")
      throw FCNError(.usage, "kernels: expected one of \(known), got \(options.kernels)")
    }
    self.options = options
    self.settings = settings
    pool = ThreadPool(threadCount: options.threads)
    cpu = CPUBackend(pool: pool, instructionSet: set, family: family)
    direct = family == .auto ? CPUBackend(pool: pool, instructionSet: set, family: .direct) : cpu
    let isKnown = ["auto", "cpu", "vulkan"].contains(options.device) || options.device.hasPrefix("vulkan:")
    guard isKnown, options.device != "vulkan:" else {
      throw FCNError(.usage, "device: expected auto, cpu, vulkan, vulkan:N or vulkan:NAME, got \(options.device)")
    }
    if options.device.hasPrefix("vulkan") { _ = try vulkanBackend() }
  }

  /// The device's backend; nil where the options leave the choice and there is none.
  private func vulkanBackend(isAsked: Bool = false) throws(FCNError) -> VulkanBackend? {
    let state: VulkanState
    do throws(RuntimeError) {
      state = try vulkan.withLock { (state) throws(RuntimeError) in
        if state.backend != nil || state.isOpen && !isAsked || isAsked && state.named != nil { return state }
        var settings = settings
        settings.warn = { [options] in options.warn($0) }
        settings.cacheFolder = options.cacheFolder
        if options.device.hasPrefix("vulkan") {
          let name = options.device.dropFirst("vulkan".count)
          settings.device = DeviceRequest(argument: name.isEmpty ? nil : String(name.dropFirst()))
        } else if isAsked {
          settings.device = .best
        }
        let made = try VulkanBackend.open(settings, host: cpu)
        if isAsked && options.device == "auto" {
          state.named = made
        } else {
          state.backend = made
          state.isOpen = true
        }
        return state
      }
    } catch { throw FCNError(error) }
    return state.backend ?? (isAsked ? state.named : nil)
  }

  /// Where networks run: `cpu`, or the name of a Vulkan device.
  public var deviceName: String { (try? backend("auto") as? VulkanBackend)?.info.name ?? "cpu" }

  /// Threads that compute.
  public var threads: Int { pool.threadCount }
  /// The instruction set in use.
  public var instructionSet: String { cpu.instructionSet.rawValue }

  package func backend(_ name: String) throws(FCNError) -> any Backend {
    switch name {
    case "auto":
      if options.device == "cpu" { return cpu }
      return try vulkanBackend() ?? cpu
    case "cpu": return cpu
    case "vulkan":
      guard let backend = try vulkanBackend(isAsked: true) else {
        throw FCNError(.resources, "backend vulkan: expected a device, got none")
      }
      return backend
    case "reference": return ReferenceBackend(pool: pool)
    case "reference64": return ReferenceBackend(pool: pool, storesDouble: true)
    default: throw FCNError(.usage, "backend: expected auto, cpu, vulkan, reference or reference64, got \(name)")
    }
  }
}
