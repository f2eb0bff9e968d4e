import FCNBackendVulkan
import FCNRuntime
import FCNTensor
import FCNTestKit
import OnnxFCN
import Testing

extension DeviceTests {
  /// What is reported of requests that the device runs in parts.
  @Suite struct PartReportTests {
    private static let path = "\(Network.testdata)/networks/plain/model.onnx"
    private let input: Tensor

    init() throws {
      let values: [Float] = (0..<23040).map { (index: Int) -> Float in Float(index * 7919 % 1009) / 1009 }
      input = try Tensor(shape: [1, 3, 96, 80], floats: values)
    }

    private static func engine(largestRange: Int? = nil) throws -> Engine {
      var settings = Vulkan.options
      settings.largestRange = largestRange
      settings.adjust = { FaultTable.adjust(&$0) }
      return try Engine(options: EngineOptions(threads: 2, device: "vulkan:\(Vulkan.device)"), vulkan: settings)
    }

    /// Of the largest tensor of the whole image a third, so that it runs in parts.
    private func limited(_ free: Engine) throws -> Engine {
      let plan = try Model(path: Self.path, engine: free).prepared([input.host.shape]).plan
      let largest = plan.buffers.values.filter(\.layout.isOnDevice).map(\.byteCount).max()!
      return try Self.engine(largestRange: largest / 3)
    }

    private func compared(_ engine: Engine, _ backends: [String], _ tolerance: Tolerance) throws -> ComparisonReport {
      let runner = ComparisonRunner(model: try Model(path: Self.path, engine: engine), tolerance: tolerance)
      return try runner.run(.tensors([input]), backends: backends, perLayer: true)
    }

    /// Every layer is compared, whichever of the two runs in parts, and the first that diverges is the same.
    @Test(arguments: [["vulkan", "cpu"], ["cpu", "vulkan"]]) func layers(_ backends: [String]) throws {
      FaultTable.reset()
      let free = try Self.engine()
      let limited = try limited(free)
      let parts = try Model(path: Self.path, engine: limited).prepared([input.host.shape]).executable.partCount
      #expect(parts > 1)
      let whole = try compared(free, backends, .scaled(1e-4))
      let stitched = try compared(limited, backends, .scaled(1e-4))
      #expect(whole.isEqual && stitched.isEqual)
      #expect(stitched.layersCompared == whole.layersCompared && whole.layersCompared > 3)
      let exact = Tolerance.elementwise(relative: 0, absolute: 0)
      let first = try #require(try compared(free, backends, exact).divergence)
      let second = try #require(try compared(limited, backends, exact).divergence)
      #expect(first.node == second.node)
      #expect(first.comparison.largestDifference == second.comparison.largestDifference)
      #expect(first.comparison.mismatches == second.comparison.mismatches)
      #expect(first.got.host.hasBits(of: second.got.host) && first.expected.host.hasBits(of: second.expected.host))
    }

    /// The bytes of the arenas that a session has, not those that the whole image would need.
    @Test func arenas() throws {
      func report(_ engine: Engine) throws -> (report: BenchReport, allocated: Int) {
        FaultTable.reset()
        let report = try BenchRunner.run(
          path: Self.path, engine: engine, sizes: .shapes([[1, 3, 96, 80]]), runs: 1, warmup: 0, perLayer: true)
        // Weights, the device's arena, the host's, and what unused bindings show.
        #expect(FaultTable.state.allocations.count == 4)
        return (report, FaultTable.state.allocations[1] + FaultTable.state.allocations[2])
      }
      let engine = try Self.engine()
      let whole = try report(engine)
      let parts = try report(try limited(engine))
      for (report, allocated) in [whole, parts] {
        #expect((0...1024).contains(allocated - report.arenaBytes), "\(report.arenaBytes) of \(allocated)")
      }
      #expect(parts.report.arenaBytes < whole.report.arenaBytes)
      #expect(parts.report.layers.count == whole.report.layers.count && parts.report.flops == whole.report.flops)
      FaultTable.reset()
    }
  }
}
