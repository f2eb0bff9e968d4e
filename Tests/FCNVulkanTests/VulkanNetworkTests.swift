import FCNBackendVulkan
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

extension DeviceTests {
  /// Whole networks on the device.
  @Suite struct VulkanNetworkTests {
    /// What needs everything at once is an error that says so; the engine then takes the processor.
    @Test func needsEverything() throws {
      let network = Network(name: "fcn8s")
      let inputs = try network.inputs()
      let limited = try Vulkan.open { $0.largestRange = 1 << 19 }
      let sized = try SizedGraph(try network.graph(), for: inputs)
      #expect { try PlannedRun(sized, limited) } throws: { error in
        guard let error = error as? RuntimeError, error.code == .memory else { return false }
        return error.detail.contains("expected at most \(1 << 19) bytes")
      }
    }

    /// Equal to the processor's, twice with one session, and in regions.
    @Test(arguments: Network.all)
    func equalsProcessor(_ network: Network) throws {
      let backend = try Vulkan.shared.get()
      let inputs = try network.inputs()
      let sized = try SizedGraph(try network.graph(), for: inputs)
      let expected = try PlannedRun(sized, Vulkan.host).outputs(inputs)
      let run = try PlannedRun(sized, backend)
      let session = try run.executable.makeSession()
      for _ in 0..<2 {
        let sinks = expected.map { _ in TensorSink() }
        try session.run(inputs, into: sinks, control: RunControl())
        for (sink, wanted) in zip(sinks, expected) {
          #expect(sink.tensor!.relativeError(to: wanted) < 3e-4, "\(run.plan.steps.map(\.offer.name))")
        }
      }
      Vulkan.expectSilence(backend)
    }

    @Test(arguments: Network.all)
    func regionsEqualTheWhole(_ network: Network) throws {
      let backend = try Vulkan.shared.get()
      let inputs = try network.inputs()
      let sized = try SizedGraph(try network.graph(), for: inputs)
      let whole = try PlannedRun(sized, backend).outputs(inputs)
      var generator = SeededGenerator(23)
      for _ in 0..<2 {
        let regions = whole.map { RandomRegion.inside($0.shape, &generator) }
        for (index, part) in try PlannedRun(sized, backend, outputs: regions).outputs(inputs).enumerated() {
          let expected = try whole[index].cropped(to: regions[index])
          #expect(part.hasBits(of: expected), "output \(index): off by \(part.relativeError(to: expected))")
        }
      }
      Vulkan.expectSilence(backend)
    }

    /// Beyond a limit of the device the request is run in parts, with the same bits.
    @Test(arguments: ["plain", "unet_nearest", "unet_valid", "unet_stride2", "unet3d"])
    func smallLimits(_ name: String) throws {
      let network = Network(name: name)
      let inputs = try network.inputs()
      let sized = try SizedGraph(try network.graph(), for: inputs)
      let backend = try Vulkan.open()
      let whole = try PlannedRun(sized, backend)
      let expected = try whole.outputs(inputs)
      let largest = whole.plan.buffers.filter { $0.key.layout == .quads }.map(\.value.byteCount).max() ?? 0
      let limited = try Vulkan.open {
        $0.largestRange = largest * 2 / 3
        $0.largestGroupCount = 64
        $0.segmentFlops = 1_000_000
      }
      for (result, wanted) in zip(try PlannedRun(sized, limited).outputs(inputs), expected) {
        #expect(result.hasBits(of: wanted), "off by \(result.relativeError(to: wanted))")
      }
      Vulkan.expectSilence(limited)
    }
  }
}
