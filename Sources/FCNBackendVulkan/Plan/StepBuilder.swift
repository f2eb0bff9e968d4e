import FCNGraph
import FCNRuntime
import FCNTensor

/// What a kernel sees of a step, and where it puts its dispatches and weights.
struct StepBuilder {
  let plan: Plan
  let step: PlanStep
  let facts: DeviceFacts
  /// Operations of a dispatch beyond which it is split along x.
  let largestFlops: Int
  let weights: WeightStore
  private(set) var dispatches: [Dispatch] = []
  /// Bytes beyond the arena that the step uses between its dispatches.
  private(set) var scratchBytes = 0

  init(_ plan: Plan, _ step: PlanStep, _ facts: DeviceFacts, _ weights: WeightStore, largestFlops: Int) {
    self.plan = plan
    self.step = step
    self.facts = facts
    self.largestFlops = largestFlops
    self.weights = weights
  }

  /// Nil for a constant.
  func input(_ index: Int) -> DeviceTensor? {
    index < step.inputs.count ? step.inputs[index].flatMap(tensor) : nil
  }

  func output(_ index: Int = 0) -> DeviceTensor? {
    index < step.outputs.count ? step.outputs[index].flatMap(tensor) : nil
  }

  /// The output with the axes of an input: those that the node drops have extent 1.
  ///
  /// - Parameter rule: of the input's axes.
  func output(restoring rule: [AxisDependence]) -> DeviceTensor? {
    step.outputs[0].flatMap { plan.buffers[$0] }.map { DeviceTensor($0, axes: rule.map(\.outputAxis)) }
  }

  var residual: DeviceTensor? { step.residual.flatMap(tensor) }

  private func tensor(_ value: StoredValue) -> DeviceTensor? { plan.buffers[value].map { DeviceTensor($0) } }

  /// Code and parameters of the step's activation; the constants and words of every shader.
  var activation: ActivationCode { step.activation.flatMap { ActivationCode($0) } ?? .none }

  /// Of a step that brings indices of maxima to the host: positions of the image that they point into.
  var pooledPositions: Int? {
    guard let input = step.inputs[0], plan.buffers[input]?.elementType == .int32 else { return nil }
    let pool = plan.steps.first { $0.outputs.contains(input) }
    return pool?.node.input(0).map { plan.sized.type($0).shape.dims[2...].reduce(1, *) }
  }

  /// A place for packed constants, one for all parts of a request.
  ///
  /// - Parameter tag: what is packed, where a step packs several things.
  func pack(_ tag: String, count: Int, _ fill: @escaping WeightStore.Fill) -> Binding {
    let output = step.outputs.compactMap { $0 }[0]
    return weights.place("\(step.offer.name) \(output.id.index) \(tag)", count: count, fill)
  }

  /// Memory of the device that is the step's until its last dispatch.
  mutating func scratch(floats: Int) -> Binding {
    let unit = plan.alignment
    let (arena, range) = (plan.deviceArenaBytes.dividedUp(by: unit) * unit, max(4, floats) * 4)
    let start = facts.fitting(arena + scratchBytes, range)
    scratchBytes = start - arena + range.dividedUp(by: unit) * unit
    return Binding(buffer: .device, offset: start, range: range)
  }

  /// Sets activation, node and operations, and splits what has too many groups or takes too long along x, whose index
  /// the base in the push block moves.
  ///
  /// - Throws: `RuntimeError.device` where y or z are beyond the device.
  mutating func add(_ dispatch: Dispatch, flops: Int = 0, activates: Bool = true) throws(RuntimeError) {
    var dispatch = dispatch
    dispatch.node = step.node.label
    // A window may lie outside the image altogether: nothing is held of the source then, and nothing read.
    for slot in dispatch.bindings.indices where dispatch.bindings[slot]?.range == 0 { dispatch.bindings[slot] = nil }
    dispatch.form = facts.form(dispatch.shader, dispatch.bindings)
    if activates, activation.code != 0 {
      dispatch.constants[ShaderConstant.activation] = activation.code
      dispatch.push.setParameters(activation.a, activation.b)
    }
    if dispatch.groups.contains(0) { return }
    let largestGroupCounts = facts.largestGroupCounts
    for axis in [1, 2] where dispatch.groups[axis] > largestGroupCounts[axis] {
      throw RuntimeError(
        .memory, node: step.node.label,
        "workgroups along axis \(axis): expected at most \(largestGroupCounts[axis]), got \(dispatch.groups[axis])")
    }
    // What only moves elements takes its time too.
    let elements = dispatch.push[0] * dispatch.push[1] * 4 * dispatch.push[2] * dispatch.push[3] * dispatch.push[4]
    let flops = max(flops, elements)
    let total = dispatch.groups[0]
    let parts = min(total, max(total.dividedUp(by: largestGroupCounts[0]), flops.dividedUp(by: largestFlops)))
    let size = total.dividedUp(by: max(1, parts))
    var first = 0
    while first < total {
      var part = dispatch
      part.groups[0] = min(size, total - first)
      part.push.base += first
      part.flops = flops / total * part.groups[0]
      dispatches.append(part)
      first += size
    }
  }
}
