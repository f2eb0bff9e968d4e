import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// Every operator computes a region from what its rule requests, in the same bits as within the whole.
@Suite struct RegionTests {
  /// Exactly what is requested, as a lone consumer has it.
  @Test(arguments: OperatorCase.all)
  func regionFromRequest(_ example: OperatorCase) throws { try check(example, slack: 0) }

  /// More than is requested, each operand differently, as several consumers leave it.
  @Test(arguments: OperatorCase.all)
  func regionFromMore(_ example: OperatorCase) throws { try check(example, slack: 3) }

  private func check(_ example: OperatorCase, slack: Int) throws {
    let (graph, inputs) = try example.make()
    let run = try ReferenceRun(graph, inputs: inputs)
    var generator = SeededGenerator(example.seed &+ 77)
    for (node, sizing) in zip(graph.nodes, run.sized.sizings) {
      guard let sizing else { continue }
      for _ in 0..<6 {
        let region = Self.part(of: sizing.outputs[0].shape, &generator)
        var operands: [Operand?] = []
        for (position, input) in node.inputs.enumerated() {
          guard let input, let whole = run.values[input] else {
            operands.append(nil)
            continue
          }
          var held = sizing.rule.request(region, input: position, shape: whole.shape)
          if !held.isEmpty { held = Self.widened(held, whole.shape, slack, &generator) }
          operands.append(Self.crop(whole, to: held))
        }
        let results = try ReferenceEvaluator().evaluate(
          node, sizing: sizing, operands: operands, regions: sizing.outputs.map { _ in region })
        for (output, result) in zip(node.outputs, results) {
          guard let output, let whole = run.values[output] else { continue }
          let expected = Self.crop(whole, to: region)
          #expect(Self.bits(result) == Self.bits(expected), "\(node.label) over \(region)")
        }
      }
    }
  }

  private static func part(of shape: Shape, _ generator: inout SeededGenerator) -> Region {
    Region(
      shape.dims.map { n in
        if n == 0 { return 0..<0 }
        let low = generator.integer(in: 0...n - 1)
        return low..<generator.integer(in: low + 1...n)
      })
  }

  private static func widened(
    _ region: Region, _ shape: Shape, _ slack: Int, _ generator: inout SeededGenerator
  ) -> Region {
    Region(
      zip(region.ranges, shape.dims).map { range, n in
        let low = max(0, range.lowerBound - generator.integer(in: 0...slack))
        return low..<min(n, range.upperBound + generator.integer(in: 0...slack))
      })
  }

  private static func crop(_ operand: Operand, to region: Region) -> Operand {
    var result = operand
    result.region = region
    var offsets = [0]
    for (axis, stride) in operand.shape.strides.enumerated() {
      offsets = offsets.flatMap { base in region[axis].map { base + $0 * stride } }
    }
    switch operand.values {
    case .real(let values): result.values = .real(offsets.map { values[$0] })
    case .integer(let values): result.values = .integer(offsets.map { values[$0] })
    }
    return result
  }

  private static func bits(_ operand: Operand) -> [UInt64] {
    switch operand.values {
    case .real(let values): values.map(\.bitPattern)
    case .integer(let values): values.map { UInt64(bitPattern: $0) }
    }
  }
}
