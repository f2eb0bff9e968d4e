import CVulkan
import FCNBackendVulkan
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

extension DeviceTests {
  /// Every function that can fail, failing at every call: a clear error, nothing left behind, and the next run right.
  @Suite struct FaultTests {
    private let sized: SizedGraph
    private let inputs: [HostTensor]
    private let expected: [HostTensor]

    init() throws {
      let network = Network(name: "plain")
      inputs = try network.inputs()
      sized = try SizedGraph(try network.graph(), for: inputs)
      expected = try PlannedRun(sized, try Vulkan.shared.get()).outputs(inputs)
    }

    private func open() throws -> VulkanBackend {
      var options = Vulkan.options
      options.segmentFlops = 2_000_000
      options.adjust = { FaultTable.adjust(&$0) }
      return try #require(try VulkanBackend.open(options, host: Vulkan.host))
    }

    private static func code(_ function: FaultTable.Function) -> RuntimeError.Code {
      switch function {
      case .allocateMemory, .createBuffer, .createDescriptorPool, .createCommandPool, .createFence, .beginCommands,
        .mapMemory:
        .memory
      case .createPipelines, .createShader: .device
      case .submit, .wait: .deviceLost
      }
    }

    /// In bits, except where other shaders took over.
    private func isRight(_ outputs: [HostTensor], _ function: FaultTable.Function) -> Bool {
      zip(outputs, expected).allSatisfy {
        Self.code(function) == .device ? $0.relativeError(to: $1) < 1e-5 : $0.hasBits(of: $1)
      }
    }

    @Test(arguments: FaultTable.Function.allCases)
    func failsAtEveryCall(_ function: FaultTable.Function) throws {
      let code = Self.code(function)
      var call = 1
      var isMet = true
      while isMet && call <= 60 {
        FaultTable.reset((function, call, false, function.result))
        do {
          let backend = try open()
          do {
            let outputs = try PlannedRun(sized, backend).outputs(inputs)
            #expect(isRight(outputs, function))
          } catch let error as RuntimeError {
            #expect(error.code == code, "\(error)")
            #expect(error.detail.contains("expected") && error.detail.contains("got"), "\(error)")
          }
          isMet = FaultTable.state.calls[function.rawValue] >= call
          FaultTable.state.failing = nil
          // The fault is over; after a lost device everything is made anew.
          if code == .deviceLost { _ = backend.forgetDevice() }
          let again = try PlannedRun(sized, backend).outputs(inputs)
          #expect(isRight(again, function))
        }
        #expect(FaultTable.state.live == 0, "\(function) at call \(call)")
        call += 1
      }
      FaultTable.reset()
    }

    /// A device without a queue is an error, and does not stay open.
    @Test func missingQueue() throws {
      FaultTable.reset()
      FaultTable.state.hidesQueue = true
      let backend = try open()
      #expect { try PlannedRun(sized, backend) } throws: {
        "\($0)".contains("expected a queue, got none")
      }
      #expect(FaultTable.state.destroyedDevices == 1)
      FaultTable.reset()
      #expect(try PlannedRun(sized, backend).outputs(inputs)[0].hasBits(of: expected[0]))
      Vulkan.expectSilence(backend)
    }

    /// Waits that end without the fence are no failure, until the watchdog.
    @Test func timeouts() throws {
      FaultTable.reset()
      let backend = try open()
      let run = try PlannedRun(sized, backend)
      FaultTable.state.failing = (
        .wait, FaultTable.state.calls[FaultTable.Function.wait.rawValue] + 2, false, VK_TIMEOUT
      )
      #expect(try run.outputs(inputs)[0].hasBits(of: expected[0]))
      FaultTable.reset()
    }

    /// A submission whose fence never comes is given up after the time allowed. What it uses stays for ever, also when
    /// session and device are gone: the device may be at it still.
    @Test func abandoned() throws {
      FaultTable.reset()
      let live: Int
      do {
        var options = Vulkan.options
        options.segmentFlops = 2_000_000
        options.watchdogMilliseconds = 30
        options.adjust = { FaultTable.adjust(&$0) }
        let backend = try #require(try VulkanBackend.open(options, host: Vulkan.host))
        let executable = try PlannedRun(sized, backend).executable
        let session = try executable.makeSession()
        let waits = FaultTable.state.calls[FaultTable.Function.wait.rawValue]
        FaultTable.state.failing = (.wait, waits + 2, true, VK_TIMEOUT)
        let sinks = [TensorSink()]
        #expect { try session.run(inputs, into: sinks, control: RunControl()) } throws: { error in
          guard let error = error as? RuntimeError, error.code == .device else { return false }
          return error.detail.contains("expected an end within 30 ms, got none")
        }
        #expect(sinks[0].tensor == nil)
        // The session is of no more use.
        #expect { try session.run(inputs, into: sinks, control: RunControl()) } throws: {
          ($0 as? RuntimeError)?.code == .device
        }
        #expect(FaultTable.state.calls[FaultTable.Function.wait.rawValue] > waits + 2)
        FaultTable.state.failing = nil
        // The device is, for another session.
        let other = try executable.makeSession()
        try other.run(inputs, into: sinks, control: RunControl())
        #expect(sinks[0].tensor!.hasBits(of: expected[0]))
        Vulkan.expectSilence(backend)
        live = FaultTable.state.live
      }
      // The other session is gone, the abandoned one is not.
      #expect(FaultTable.state.live > 0 && FaultTable.state.live < live)
      #expect(FaultTable.state.destroyedDevices == 0)
      FaultTable.reset()
    }

    /// A cancelled run ends within two segments and leaves the session usable.
    @Test func cancellation() throws {
      let backend = try Vulkan.open { $0.segmentFlops = 1_000_000 }
      let executable = try PlannedRun(sized, backend).executable
      let session = try executable.makeSession()
      final class Box: @unchecked Sendable { var control: RunControl? }
      let box = Box()
      box.control = RunControl(onStep: { step, _ in if step == 1 { box.control?.cancel() } })
      let sinks = [TensorSink()]
      #expect { try session.run(inputs, into: sinks, control: box.control!) } throws: {
        ($0 as? RuntimeError)?.code == .cancelled
      }
      box.control = nil
      try session.run(inputs, into: sinks, control: RunControl())
      #expect(sinks[0].tensor!.hasBits(of: expected[0]))
      Vulkan.expectSilence(backend)
    }

    /// Without any one barrier either synchronization validation speaks or only a write after a write is unordered.
    @Test func everyBarrierIsNeeded() throws {
      let whole = try PlannedRun(sized, try Vulkan.shared.get())
      var spoke = 0
      for index in 0..<whole.plan.steps.count {
        let backend = try Vulkan.open { $0.omittedBarrier = index }
        _ = try PlannedRun(sized, backend).outputs(inputs)
        if backend.validation.count > 0 { spoke += 1 }
      }
      // One dispatch a step; the first needs no barrier.
      #expect(spoke == whole.plan.steps.count - 1)
    }
  }
}
