import FCNBackendVulkan
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

extension DeviceTests {
  /// Shaders that another device, or another wish, would take here.
  @Suite struct VulkanVariantTests {
    private static func cases(_ words: String...) -> [OperatorCase] {
      OperatorCase.all.filter { example in words.contains { example.name.contains($0) } }
    }

    private static let windows = cases("conv", "Transpose", "transposed", "pool")
    private static let cells = cases("many cells")

    private func check(_ backend: VulkanBackend, _ cases: [OperatorCase], kernel: String? = nil) throws {
      var isTaken = kernel == nil
      for example in cases {
        let (graph, inputs) = try example.make()
        let sized = try SizedGraph(graph, for: inputs)
        let expected = try PlannedRun(sized, Vulkan.host).outputs(inputs)
        let run = try PlannedRun(sized, backend)
        isTaken = isTaken || run.plan.steps.contains { $0.offer.name == "fcn_f32_\(kernel!)__vulkan" }
        for (result, wanted) in zip(try run.outputs(inputs), expected) {
          // Both are rounded.
          #expect(result.relativeError(to: wanted) <= 2 * example.tolerance, "\(example)")
        }
      }
      #expect(isTaken, "no case takes \(kernel ?? "")")
      Vulkan.expectSilence(backend)
    }

    @Test func winograd() throws {
      try check(Vulkan.shared.get(), Self.cells, kernel: "conv_winograd4x4")
    }

    @Test func withoutShuffles() throws { try check(Vulkan.open { $0.avoidsShuffles = true }, Self.windows) }

    @Test func withoutTexelBuffers() throws { try check(Vulkan.open { $0.usesTexelBuffers = false }, Self.windows) }

    @Test func directConvolution() throws {
      try check(Vulkan.open { $0.convolution = .direct }, Self.cells, kernel: "conv")
    }

    @Test func sharedMemory() throws {
      try check(Vulkan.open { $0.convolution = .sharedMemory }, Self.windows, kernel: "conv_igemm")
    }
  }
}
