import FCNGraph
import FCNRuntime
import FCNTensor

/// Two plans of one request against each other, step by step.
struct LayerComparison {
  let first: PreparedPlan
  let second: PreparedPlan
  /// Named in the divergence.
  let backend: String
  let tolerance: Tolerance
  let allowance: Double

  struct Result {
    /// The first step of `second` whose output differs from the value of that name of `first`.
    var divergence: ComparisonReport.Divergence?
    /// Steps that were compared.
    var count = 0
  }

  /// Keeps every step output of `first`, then stops `second` at the first that differs; what runs in parts is compared
  /// once all parts are there.
  func run(_ inputs: [HostTensor]) throws(RuntimeError) -> Result {
    let kept = StepValues()
    _ = try first.run(
      inputs, control: RunControl(observer: { step, view in if let name = name(first, step) { kept.add(name, view) } }))
    return second.executable.partCount == 1 ? try stopping(inputs, kept) : try gathering(inputs, kept)
  }

  private func name(_ prepared: PreparedPlan, _ step: Int) -> String? {
    let plan = prepared.plan
    return plan.steps[step].outputs[0].map { plan.sized.graph[$0.id].name }
  }

  private final class Watch {
    var result = Result()
    var run: RunControl?
  }

  private func stopping(_ inputs: [HostTensor], _ kept: StepValues) throws(RuntimeError) -> Result {
    let watch = Watch()
    let run = RunControl(observer: { step, view in
      guard watch.result.divergence == nil, let name = name(second, step) else { return }
      let values = StepValues()
      values.add(name, view)
      compare(step, kept.values[name], values.values[name], &watch.result)
      if watch.result.divergence != nil { watch.run?.cancel() }
    })
    watch.run = run
    defer { watch.run = nil }
    do throws(RuntimeError) { _ = try second.run(inputs, control: run) } catch {
      if watch.result.divergence == nil { throw error }
    }
    return watch.result
  }

  private func gathering(_ inputs: [HostTensor], _ kept: StepValues) throws(RuntimeError) -> Result {
    let values = StepValues()
    var steps: Set<Int> = []
    _ = try second.run(
      inputs,
      control: RunControl(observer: { step, view in
        steps.insert(step)
        if let name = name(second, step) { values.add(name, view) }
      }))
    var result = Result()
    for step in steps.sorted() where result.divergence == nil {
      let name = name(second, step) ?? ""
      compare(step, kept.values[name], values.values[name], &result)
    }
    return result
  }

  private func compare(_ step: Int, _ got: StepValues.Value?, _ expected: StepValues.Value?, _ result: inout Result) {
    guard let got, let expected, got.tensor.shape == expected.tensor.shape else { return }
    StepValues.Value.meet(got, expected)
    result.count += 1
    let comparison = TensorComparison(got.tensor, expected: expected.tensor, tolerance, allowance: allowance)
    if comparison.isEqual { return }
    result.divergence = .init(
      node: second.plan.steps[step].node.label, backend: backend, got: Tensor(got.tensor),
      expected: Tensor(expected.tensor), comparison: comparison)
  }
}
