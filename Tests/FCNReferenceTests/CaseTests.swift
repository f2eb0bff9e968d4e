import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// The cases themselves: they run, are repeatable, and their names are unique.
@Suite struct CaseTests {
  @Test(arguments: OperatorCase.all)
  func isRepeatable(_ example: OperatorCase) throws {
    let (graph, inputs) = try example.make()
    let (again, sameInputs) = try example.make()
    let first = try ReferenceRun(graph, inputs: inputs).outputs
    let second = try ReferenceRun(again, inputs: sameInputs).outputs
    #expect(!first.isEmpty)
    for (a, b) in zip(first, second) {
      #expect(a.shape == b.shape && a.elementType == b.elementType)
      #expect(a.values.doubles.map(\.bitPattern) == b.values.doubles.map(\.bitPattern))
    }
  }

  /// Rounding at every node stays within the tolerance of the unrounded run.
  @Test(arguments: OperatorCase.all.filter { $0.name.hasPrefix("conv") || $0.name.hasPrefix("chain") })
  func toleranceCoversRounding(_ example: OperatorCase) throws {
    let (graph, inputs) = try example.make()
    let model = try ReferenceRun(graph, inputs: inputs).outputs
    let double = try ReferenceRun(graph, inputs: inputs, evaluator: ReferenceEvaluator(precision: .double)).outputs
    for (a, b) in zip(model, double) {
      let (x, y) = (a.values.doubles, b.values.doubles)
      let largest = y.map(abs).max() ?? 0
      let error = zip(x, y).map { abs($0 - $1) }.max() ?? 0
      #expect(error <= example.tolerance * largest)
    }
  }

  @Test func namesAreUnique() {
    #expect(Set(OperatorCase.all.map(\.name)).count == OperatorCase.all.count)
  }
}
