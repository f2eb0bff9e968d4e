import FCNGraph
import FCNTensor
import FCNTestKit
import Testing

/// A rule that says too little is found out: the comparison with the networks themselves can fail.
@Suite struct FalseRuleTests {
  enum Falsehood: CaseIterable {
    case shortWindow, shiftedWindow, denserWindow, missedPadding, shortTransposed, shiftedPadding, shiftedSlice
    case narrowResample, coarserBlock

    /// The false rule; nil: the rule stays.
    func applied(to rule: AxisRule) -> AxisRule? {
      switch (self, rule) {
      case (.shortWindow, .window(var w)):
        w.kernel -= 1
        return w.kernel > 0 ? .window(w) : nil
      case (.shiftedWindow, .window(var w)):
        w.low += 1
        return .window(w)
      case (.denserWindow, .window(var w)):
        w.stride = 1
        return .window(w)
      case (.missedPadding, .padded(let low, _)): return .strided(start: -low, step: 1)
      case (.shortTransposed, .transposedWindow(var w)):
        w.kernel -= 1
        return w.kernel > 0 ? .transposedWindow(w) : nil
      case (.shiftedPadding, .padded(let low, let border)): return .padded(low: low + 1, border: border)
      case (.shiftedSlice, .strided(let start, let step)): return .strided(start: start + 1, step: step)
      case (.narrowResample, .resample(let axis)) where axis.interpolation == .linear && axis.scale == 2:
        return .spread(block: 2)
      case (.coarserBlock, .spread(let block)): return .spread(block: block + 1)
      default: return nil
      }
    }

    @Sendable func rule(_ node: Node, _ sizing: NodeSizing) -> SpatialRule {
      var result = sizing.rule
      for input in result.inputs.indices {
        for axis in result.inputs[input].indices {
          if let rule = applied(to: result.inputs[input][axis].rule) { result.inputs[input][axis].rule = rule }
        }
      }
      return result
    }
  }

  @Test(arguments: Falsehood.allCases)
  func isFoundOut(_ falsehood: Falsehood) throws {
    var found = 0
    for seed in 0..<300 where found < 3 {
      var network = RandomNetwork(seed: UInt64(seed), rank: falsehood == .coarserBlock ? 2 : 1)
      guard let made = try? network.make() else { continue }
      var proof = BruteForce(made.graph, input: made.input, label: "seed \(seed)", seed: UInt64(seed))
      proof.rule = falsehood.rule
      try proof.prove()
      if !proof.tally.failures.isEmpty { found += 1 }
    }
    #expect(found == 3, "\(falsehood): found out in \(found) of 300 networks, expected 3 or more")
  }
}
