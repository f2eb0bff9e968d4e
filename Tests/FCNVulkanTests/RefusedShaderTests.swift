import CVulkan
import FCNBackendVulkan
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Synchronization
import Testing

extension DeviceTests {
  /// Where the driver makes no pipeline of a shader, the next variant takes its place.
  @Suite struct RefusedShaderTests {
    private static let variants = ["conv_c4_tex", "conv_c4", "conv_c4_plain_tex", "conv_c4_plain"]

    /// A window that only one kernel of the device takes, between others.
    private static func network() throws -> (sized: SizedGraph, inputs: [HostTensor]) {
      var builder = GraphBuilder(seed: 5)
      let x = try builder.input([1, 6, 21, 18])
      var window = Window()
      window.padding = .explicit(low: [2, 2], high: [2, 2])
      let y = builder.node(.convolution(Convolution(window: window)), x, try builder.weights([9, 6, 5, 5]))
      let z = builder.node(.unary(.tanh), y)
      let inputs = builder.inputs.map(\.tensor)
      return (try SizedGraph(try builder.graph(outputs: [z]), for: inputs), inputs)
    }

    /// The first of the variants fail, at the last the host is left.
    @Test(arguments: 0...4) func nextVariant(_ count: Int) throws {
      let (sized, inputs) = try Self.network()
      let expected = try PlannedRun(sized, ReferenceBackend(pool: Vulkan.pool)).outputs(inputs)[0]
      FaultTable.reset()
      FaultTable.state.refusedShaders = Set(Self.variants.prefix(count))
      var options = Vulkan.options
      options.usesTexelBuffers = true
      options.adjust = { FaultTable.adjust(&$0) }
      let sink = Sink()
      options.warn = { sink.add($0) }
      do {
        let backend = try #require(try VulkanBackend.open(options, host: Vulkan.host))
        try #require(backend.info.canShuffle && backend.info.subgroupSize >= 8)
        let run = try PlannedRun(sized, backend)
        #expect(try run.outputs(inputs)[0].relativeError(to: expected) < 1e-5)
        let names = run.executable.plan.steps.map(\.offer.name)
        #expect(names.contains("fcn_f32_conv__vulkan") == (count < 4), "\(names)")
        if count == 4 {
          let step = run.executable.plan.steps.first { !$0.refusals.isEmpty }
          #expect(
            step?.refusals.contains { $0.refusal?.contains("vkCreateComputePipelines of conv_c4_plain") ?? false }
              ?? false)
        }
        // What is planned later knows.
        let refusals = FaultTable.state.refusals
        #expect(refusals == count && sink.lines.count == count, "\(sink.lines)")
        #expect(try PlannedRun(sized, backend).outputs(inputs)[0].relativeError(to: expected) < 1e-5)
        #expect(FaultTable.state.refusals == refusals)
        Vulkan.expectSilence(backend)
      }
      #expect(FaultTable.state.live == 0)
      FaultTable.reset()
    }

    private final class Sink: Sendable {
      private let state = Mutex<[String]>([])
      func add(_ line: String) { state.withLock { $0.append(line) } }
      var lines: [String] { state.withLock { $0 } }
    }
  }
}
