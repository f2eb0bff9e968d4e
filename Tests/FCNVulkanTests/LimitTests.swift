import CVulkan
import FCNBackendVulkan
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Synchronization
import Testing

extension DeviceTests {
  /// Limits of devices: the real one of lavapipe, and made-up ones.
  @Suite struct LimitTests {
    /// 33 channels of 1024² floats, in quads 144 MiB, are beyond a binding of 128 MiB.
    @Test func realLimit() throws {
      let backend = try Vulkan.open { $0.fillsArenas = false }
      var builder = GraphBuilder(seed: 3)
      let x = try builder.input([1, 1, 1024, 1024])
      let pointwise = Operator.convolution(Convolution(window: Window()))
      let y = builder.node(pointwise, x, try builder.weights([33, 1, 1, 1]))
      let z = builder.node(pointwise, y, try builder.weights([1, 33, 1, 1]))
      let inputs = builder.inputs.map(\.tensor)
      let sized = try SizedGraph(try builder.graph(outputs: [z]), for: inputs)
      let run = try PlannedRun(sized, backend)
      let bytes = run.plan.buffers.values.filter(\.layout.isOnDevice).map(\.byteCount).max() ?? 0
      #expect(bytes == 36 << 22)
      let result = try run.outputs(inputs)[0]
      let expected = try PlannedRun(sized, Vulkan.host).outputs(inputs)[0]
      #expect(result.relativeError(to: expected) < 1e-5)
      Vulkan.expectSilence(backend)
      // Any region, from another plan, has the same bits.
      let region = Region([0..<1, 0..<1, 509..<517, 100..<900])
      let part = try PlannedRun(sized, backend, outputs: [region]).outputs(inputs)[0]
      #expect(part.hasBits(of: try result.cropped(to: region)))
    }

    private func network(_ name: String = "plain") throws -> (sized: SizedGraph, inputs: [HostTensor]) {
      let network = Network(name: name)
      let inputs = try network.inputs()
      return (try SizedGraph(try network.graph(), for: inputs), inputs)
    }

    private func open(_ change: (inout VulkanOptions) -> Void) throws -> VulkanBackend {
      FaultTable.reset()
      return try Vulkan.open {
        $0.adjust = { FaultTable.adjust(&$0) }
        change(&$0)
      }
    }

    @Test func groupCounts() throws {
      let (sized, inputs) = try network()
      let free = try open { _ in }
      let expected = try PlannedRun(sized, free).outputs(inputs)[0]
      let groups = FaultTable.state.groups
      let largest = groups.map { $0.max()! }.max()!
      let limited = try open { $0.largestGroupCount = Int(largest) / 2 }
      #expect(try PlannedRun(sized, limited).outputs(inputs)[0].hasBits(of: expected))
      #expect(FaultTable.state.groups.allSatisfy { $0.allSatisfy { $0 <= largest / 2 } })
      #expect(FaultTable.state.groups.count > groups.count)
      Vulkan.expectSilence(limited)
      FaultTable.reset()
    }

    /// Small segments first, then as many operations as the first run's speed allows; the same bits.
    @Test func segmentsAdapt() throws {
      let (sized, inputs) = try network("unet_nearest")
      let expected = try PlannedRun(sized, try Vulkan.shared.get()).outputs(inputs)[0]
      let backend = try open { $0.segmentFlops = 200_000 }
      let session = try PlannedRun(sized, backend).executable.makeSession()
      var submissions: [Int] = []
      for _ in 0..<3 {
        let before = FaultTable.state.calls[FaultTable.Function.submit.rawValue]
        let sink = TensorSink()
        try session.run(inputs, into: [sink], control: RunControl())
        #expect(sink.tensor!.hasBits(of: expected))
        submissions.append(FaultTable.state.calls[FaultTable.Function.submit.rawValue] - before)
      }
      #expect(submissions[0] > 10 && submissions[1] < submissions[0] / 2, "\(submissions)")
      Vulkan.expectSilence(backend)
      FaultTable.reset()
    }

    @Test func segmentBudget() {
      var budget = SegmentBudget(first: 2_000_000_000, losses: 0)
      budget.note(flops: 1_000_000_000, milliseconds: 10)
      #expect(budget.flops == 7_000_000_000)
      #expect(budget.replaces(2_000_000_000) && budget.replaces(15_000_000_000) && !budget.replaces(8_000_000_000))
      budget.note(flops: 1_000, milliseconds: 100)
      #expect(budget.flops == SegmentBudget.limits.lowerBound)
      budget.note(flops: 1 << 50, milliseconds: 100)
      #expect(budget.flops == SegmentBudget.limits.upperBound)
      budget.note(flops: 1, milliseconds: 1)
      #expect(budget.flops == SegmentBudget.limits.upperBound)
      var careful = SegmentBudget(first: 2_000_000_000, losses: 1)
      #expect(careful.flops == 500_000_000)
      careful.note(flops: 1_000_000_000, milliseconds: 10)
      #expect(careful.flops == 1_750_000_000)
    }

    /// An arena and weights beyond what the device gives at a time lie in several pieces, and the request stays whole.
    @Test func slabs() throws {
      var builder = GraphBuilder(seed: 7)
      let x = try builder.input([1, 96, 32, 36])
      let window = Window(kernel: [3, 3], padding: .explicit(low: [1, 1], high: [1, 1]))
      let y = builder.node(.convolution(Convolution(window: window)), x, try builder.weights([96, 96, 3, 3]))
      let z = builder.node(.convolution(Convolution(window: window)), y, try builder.weights([96, 96, 3, 3]))
      let sum = builder.node(.concat(axis: 1), z, y, builder.node(.unary(.tanh), y))
      let inputs = builder.inputs.map(\.tensor)
      let sized = try SizedGraph(try builder.graph(outputs: [sum]), for: inputs)
      let expected = try PlannedRun(sized, try Vulkan.shared.get()).outputs(inputs)[0]
      // The host's arena is one piece: 288 channels. Two layers' weights take 2.7 MB, arena and scratch memory more.
      let limit = 1_800_000
      let limited = try open { $0.largestBuffer = limit }
      FaultTable.state.largestAllocation = limit
      let run = try PlannedRun(sized, limited)
      let weights = FaultTable.state.allocations
      let session = try run.executable.makeSession()
      #expect(run.executable.partCount == 1 && run.executable.arenaBytes > 2 * limit)
      #expect(weights.count > 1 && FaultTable.state.allocations.count > weights.count + 3)
      #expect(FaultTable.state.allocations.allSatisfy { $0 <= limit })
      let sink = TensorSink()
      var views = 0
      try session.run(inputs, into: [sink], control: RunControl())
      #expect(sink.tensor!.hasBits(of: expected))
      try session.run(inputs, into: [sink], control: RunControl(observer: { _, _ in views += 1 }))
      #expect(sink.tensor!.hasBits(of: expected) && views >= run.plan.steps.count)
      Vulkan.expectSilence(limited)
      FaultTable.reset()
    }

    /// Limits decide about neither kernels nor bits: cells by Winograd in chunks and parts of any size are the same.
    @Test(arguments: [40_000, 1 << 17]) func limitsKeepBits(_ range: Int) throws {
      var builder = GraphBuilder(seed: 5)
      let x = try builder.input([1, 32, 40, 44])
      let window = Window(kernel: [3, 3], padding: .explicit(low: [1, 1], high: [1, 1]))
      let y = builder.node(.convolution(Convolution(window: window)), x, try builder.weights([48, 32, 3, 3]))
      let z = builder.node(.convolution(Convolution(window: window)), y, try builder.weights([32, 48, 3, 3]))
      let inputs = builder.inputs.map(\.tensor)
      let sized = try SizedGraph(try builder.graph(outputs: [z]), for: inputs)
      let free = try PlannedRun(sized, try Vulkan.shared.get())
      #expect(free.plan.steps.count { $0.offer.name.contains("winograd") } == 2)
      let backend = try Vulkan.open { $0.largestRange = range }
      let limited = try PlannedRun(sized, backend)
      #expect(limited.plan.steps.map(\.offer.name) == free.plan.steps.map(\.offer.name))
      let expected = try free.outputs(inputs)[0]
      #expect(try limited.outputs(inputs)[0].hasBits(of: expected))
      let region = Region([0..<1, 3..<20, 7..<30, 1..<42])
      let part = try PlannedRun(sized, backend, outputs: [region]).outputs(inputs)[0]
      #expect(part.hasBits(of: try expected.cropped(to: region)))
      Vulkan.expectSilence(backend)
    }

    /// Weights beyond a binding are a reason to run elsewhere.
    @Test func largeWeights() throws {
      var builder = GraphBuilder(seed: 9)
      let x = try builder.input([1, 64, 6, 6])
      let weights = try builder.weights([64, 64, 3, 3])
      let y = builder.node(.convolution(Convolution(window: Window())), x, weights)
      let inputs = builder.inputs.map(\.tensor)
      let sized = try SizedGraph(try builder.graph(outputs: [y]), for: inputs)
      let limited = try Vulkan.open { $0.largestRange = 64 * 64 * 9 * 4 - 4 }
      let run = try PlannedRun(sized, limited)
      let refusals = run.plan.steps.flatMap(\.refusals).compactMap(\.refusal)
      #expect(refusals.contains { $0.contains("bytes of weights: expected at most") }, "\(refusals)")
      #expect(!run.plan.steps.contains { $0.isOnDevice })
      let expected = try PlannedRun(sized, Vulkan.host).outputs(inputs)[0]
      #expect(try run.outputs(inputs)[0].hasBits(of: expected))
    }

    /// A request in parts tells its progress in steps of the whole, forwards, and each step's time once.
    @Test func progressOfParts() throws {
      let (sized, inputs) = try network()
      let whole = try PlannedRun(sized, try Vulkan.shared.get())
      let largest = whole.plan.buffers.values.filter(\.layout.isOnDevice).map(\.byteCount).max()!
      let limited = try Vulkan.open { $0.largestRange = largest / 3 }
      let run = try PlannedRun(sized, limited)
      let heard = Mutex<[(Int, Int)]>([])
      var times: [(Int, Double)] = []
      var views: [Int: Int] = [:]
      let count = run.executable.plan.steps.count
      _ = try run.outputs(inputs, control: RunControl(onStep: { heard.withAppended(($0, $1)) }))
      _ = try run.outputs(
        inputs,
        control: RunControl(
          onTime: { times.append(($0, $1)) },
          observer: { step, view in
            views[step, default: 0] += 1
            let output = run.executable.plan.steps[step].outputs[0]!
            #expect(sized.type(output.id).shape == view.shape)
          }))
      #expect(heard.withLock { $0.map(\.0) } == Array(0..<count))
      #expect(heard.withLock { $0.allSatisfy { $0.1 == count } })
      #expect(times.map(\.0) == Array(0..<count) && times.contains { $0.1 > 0 })
      #expect(views.keys.sorted() == Array(0..<count) && views.values.allSatisfy { $0 > 1 })
      Vulkan.expectSilence(limited)
    }
  }
}

extension Mutex where Value == [(Int, Int)] {
  fileprivate borrowing func withAppended(_ item: (Int, Int)) { withLock { $0.append(item) } }
}
