import FCNBackendVulkan
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

extension DeviceTests {
  /// Every operator on the device equals the reference, and a region of it the whole.
  @Suite struct VulkanCaseTests {
    private let backend: VulkanBackend

    init() throws { backend = try Vulkan.shared.get() }

    @Test(arguments: OperatorCase.all)
    func equalsReference(_ example: OperatorCase) throws {
      let (graph, inputs) = try example.make()
      let sized = try SizedGraph(graph, for: inputs)
      let expected = try PlannedRun(sized, ReferenceBackend(pool: Vulkan.pool)).outputs(inputs)
      let run = try PlannedRun(sized, backend)
      let results = try run.outputs(inputs)
      #expect(results.count == expected.count)
      for (index, (result, wanted)) in zip(results, expected).enumerated() {
        let isExact = !wanted.elementType.isFloat || graph.nodes.allSatisfy { $0.isExact && !Self.divides($0) }
        #expect(
          result.relativeError(to: wanted) <= (isExact ? 0 : example.tolerance),
          "output \(index): \(run.plan.steps.map(\.offer.name))")
      }
      Vulkan.expectSilence(backend)
    }

    /// Devices divide to 2.5 units in the last place.
    private static func divides(_ node: Node) -> Bool {
      if case .binary(.divide) = node.op { true } else { false }
    }

    /// Reductions over single axes, joins along space and local responses run on the device, islands none of them.
    @Test(arguments: OperatorCase.blockedAxes)
    func staysOnDevice(_ example: OperatorCase) throws {
      let (graph, inputs) = try example.make()
      let plan = try PlannedRun(try SizedGraph(graph, for: inputs), backend).plan
      let elsewhere = plan.steps.filter { !$0.isOnDevice && !$0.isAlias && !$0.isReorder }
      #expect(elsewhere.isEmpty, "\(elsewhere.map { "\($0.node.label): \($0.refusals.compactMap(\.refusal))" })")
    }

    /// Cells for taps that are apart and for taps along depth, where they are not mostly empty.
    @Test(arguments: OperatorCase.all.filter { $0.name.contains("3x3 many cells") })
    func takesCells(_ example: OperatorCase) throws {
      let (graph, inputs) = try example.make()
      let plan = try PlannedRun(try SizedGraph(graph, for: inputs), backend).plan
      #expect(plan.steps.contains { $0.offer.name.contains("winograd") }, "\(plan.steps.flatMap(\.refusals))")
    }

    @Test(arguments: OperatorCase.all)
    func regionsEqualTheWhole(_ example: OperatorCase) throws {
      let (graph, inputs) = try example.make()
      let sized = try SizedGraph(graph, for: inputs)
      var generator = SeededGenerator(17)
      let whole = try PlannedRun(sized, backend).outputs(inputs)
      for _ in 0..<3 {
        let regions = whole.map { RandomRegion.inside($0.shape, &generator) }
        let parts = try PlannedRun(sized, backend, outputs: regions).outputs(inputs)
        for (index, part) in parts.enumerated() {
          let expected = try whole[index].cropped(to: regions[index])
          #expect(
            part.hasBits(of: expected),
            "output \(index) over \(regions[index]): off by \(part.relativeError(to: expected))")
        }
      }
      Vulkan.expectSilence(backend)
    }
  }
}
