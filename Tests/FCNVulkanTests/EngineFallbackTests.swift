import CVulkan
import FCNBackendVulkan
import FCNRuntime
import FCNTensor
import FCNTestKit
import Glibc
import OnnxFCN
import Synchronization
import Testing

extension DeviceTests {
  /// What an engine does where its device fails: smaller regions, the device anew, the processor.
  @Suite struct EngineFallbackTests {
    private let input: Tensor
    private let expected: HostTensor
    private let onDevice: HostTensor

    private final class Warnings: Sendable {
      let lines = Mutex<[String]>([])
      func add(_ line: String) { lines.withLock { $0.append(line) } }
      var all: [String] { lines.withLock { $0 } }
    }

    init() throws {
      let values: [Float] = (0..<23040).map { (index: Int) -> Float in Float(index * 7919 % 1009) / 1009 }
      input = try Tensor(shape: [1, 3, 96, 80], floats: values)
      expected = try Self.model(EngineOptions(threads: 2, device: "cpu")).run([input])[0].host
      onDevice = try Self.model(Self.options(Warnings())).run([input])[0].host
    }

    private static func options(_ warnings: Warnings, budget: Int = .max) -> EngineOptions {
      EngineOptions(
        threads: 2, memoryBudget: budget, device: "vulkan:\(Vulkan.device)", onWarning: { warnings.add($0) })
    }

    private static func model(
      _ options: EngineOptions, _ change: (inout VulkanOptions) -> Void = { _ in }
    ) throws -> Model {
      var settings = Vulkan.options
      settings.segmentFlops = 2_000_000
      settings.adjust = { FaultTable.adjust(&$0) }
      change(&settings)
      let engine = try Engine(options: options, vulkan: settings)
      return try Model(path: "\(Network.testdata)/networks/plain/model.onnx", engine: engine)
    }

    private func run(_ model: Model) throws -> HostTensor { try model.run([input])[0].host }

    /// The arena of the whole image fails, those of parts do not: the bits of the device.
    @Test(arguments: [2, 4, 8]) func shortMemory(_ divisor: Int) throws {
      FaultTable.reset()
      let warnings = Warnings()
      do {
        let whole = try Self.model(Self.options(Warnings()))
        _ = try run(whole)
        let arena = FaultTable.state.allocations.max()!
        FaultTable.reset()
        FaultTable.state.largestAllocation = arena / divisor + 4096
        let model = try Self.model(Self.options(warnings))
        for _ in 0..<2 { #expect(try run(model).hasBits(of: onDevice)) }
        #expect(FaultTable.state.allocations.contains { $0 > arena / divisor + 4096 })
      }
      #expect(!warnings.all.isEmpty && warnings.all.allSatisfy { $0.contains("smaller regions") }, "\(warnings.all)")
      #expect(warnings.all.allSatisfy { $0.contains("bytes at a time instead of") }, "\(warnings.all)")
      FaultTable.reset()
    }

    /// Known to be too much before anything is allocated.
    @Test func smallHeap() throws {
      FaultTable.reset()
      let warnings = Warnings()
      _ = try run(try Self.model(Self.options(Warnings())))
      let whole = FaultTable.state.allocations.max()!
      FaultTable.reset()
      let model = try Self.model(Self.options(warnings)) { $0.heapBudget = whole * 2 / 3 }
      #expect(try run(model).hasBits(of: onDevice))
      #expect(FaultTable.state.allocations.max()! < whole * 2 / 3)
      #expect(warnings.all.isEmpty)
    }

    @Test(arguments: [FaultTable.Function.submit, .wait]) func deviceLostOnce(_ function: FaultTable.Function) throws {
      FaultTable.reset((function, 2, false, VK_ERROR_DEVICE_LOST))
      let warnings = Warnings()
      do {
        let model = try Self.model(Self.options(warnings))
        for _ in 0..<2 { #expect(try run(model).hasBits(of: onDevice)) }
        #expect(FaultTable.state.calls[function.rawValue] > 2)
      }
      #expect(warnings.all.count == 1 && warnings.all[0].contains("opened anew"), "\(warnings.all)")
      #expect(warnings.all.allSatisfy { $0.contains("VK_ERROR_DEVICE_LOST") })
      #expect(FaultTable.state.live == 0)
      FaultTable.reset()
    }

    /// A function that never works: the processor's result, in bits.
    @Test(arguments: FaultTable.Function.allCases) func alwaysFails(_ function: FaultTable.Function) throws {
      FaultTable.reset((function, 1, true, function.result))
      let warnings = Warnings()
      do {
        let model = try Self.model(Self.options(warnings))
        for _ in 0..<2 { #expect(try run(model).hasBits(of: expected)) }
      }
      #expect(warnings.all.last?.contains("the processor takes over") ?? false, "\(warnings.all)")
      #expect(warnings.all.count <= 8, "\(warnings.all)")
      #expect(FaultTable.state.live == 0)
      FaultTable.reset()
    }

    /// While what takes over is made, which may take long, others see the plan that is there.
    @Test func replacementBlocksNobody() throws {
      FaultTable.reset((.submit, 1, true, VK_ERROR_DEVICE_LOST))
      final class Seen: Sendable {
        let prepared = Mutex<PreparedPlan?>(nil)
        let plans = Atomic<Int>(0)
        let started = Atomic<Int>(0)
        let inTime = Atomic<Int>(0)
      }
      let seen = Seen()
      // Warnings come while the replacement is made.
      let options = EngineOptions(
        threads: 2, device: "vulkan:\(Vulkan.device)",
        onWarning: { _ in
          guard let prepared = seen.prepared.withLock({ $0 }) else { return }
          seen.started.add(1, ordering: .sequentiallyConsistent)
          let wanted = seen.plans.load(ordering: .sequentiallyConsistent) + 1
          Aside.start { if !prepared.plan.steps.isEmpty { seen.plans.add(1, ordering: .sequentiallyConsistent) } }
          for _ in 0..<500 where seen.plans.load(ordering: .sequentiallyConsistent) < wanted { usleep(10_000) }
          if seen.plans.load(ordering: .sequentiallyConsistent) == wanted {
            seen.inTime.add(1, ordering: .sequentiallyConsistent)
          }
        })
      let model = try Self.model(options)
      seen.prepared.withLock { $0 = try? model.prepared([input.host.shape]) }
      #expect(try run(model).hasBits(of: expected))
      #expect(seen.started.load(ordering: .sequentiallyConsistent) > 0)
      #expect(
        seen.inTime.load(ordering: .sequentiallyConsistent) == seen.started.load(ordering: .sequentiallyConsistent))
      FaultTable.reset()
    }

    /// A submission that never ends is given up, and the processor takes over.
    @Test func watchdog() throws {
      FaultTable.reset((.wait, 1, true, VK_TIMEOUT))
      let warnings = Warnings()
      let model = try Self.model(Self.options(warnings)) { $0.watchdogMilliseconds = 40 }
      for _ in 0..<2 { #expect(try run(model).hasBits(of: expected)) }
      #expect(warnings.all.count == 1, "\(warnings.all)")
      #expect(
        warnings.all.allSatisfy { $0.contains("expected an end within") && $0.hasSuffix("the processor takes over") })
      FaultTable.reset()
    }

    /// A file is whole or not there: the processor's result, or nothing where it has not the memory either.
    @Test(arguments: [true, false]) func filesAreWholeOrAbsent(_ hasMemory: Bool) throws {
      FaultTable.reset()
      let shapes = [input.host.shape]
      let probe = try Self.model(Self.options(Warnings()))
      let (device, processor) = (
        try probe.prepared(shapes).plan.arenaBytes, try probe.prepared(shapes, backend: "cpu").plan.arenaBytes
      )
      try #require(device < processor)
      FaultTable.reset((.submit, 1, true, VK_ERROR_DEVICE_LOST))
      let path = "/tmp/fcn-vulkan-\(getpid())-\(hasMemory).npy"
      defer { unlink(path) }
      let model = try Self.model(Self.options(Warnings(), budget: hasMemory ? .max : device))
      let run = try TensorRun(
        model: model, backend: "auto", tensors: [model.inputs[0].name: input], takesOne: false)
      let entry = run.run(
        nil, [.init(kind: model.outputs[0].name, path: path)], control: PictureControl(), toStandardOutput: { _ in })
      if hasMemory {
        #expect(entry.status == .done)
        #expect(try NPY.read(path: path).hasBits(of: expected))
      } else {
        #expect(entry.status == .failed)
        #expect(entry.error?.category == .resources)
        #expect(access(path, F_OK) != 0)
      }
      FaultTable.reset()
    }
  }
}

/// A body that another thread runs.
private final class Aside: Sendable {
  private let body: @Sendable () -> Void

  private init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  static func start(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        Unmanaged<Aside>.fromOpaque(context!).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(Aside(body)).toOpaque())
    pthread_detach(thread)
  }
}
