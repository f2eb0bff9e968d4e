package import FCNGraph
package import FCNTensor

/// Makes plans: kernels, absorption, regions backwards, lifetimes, offsets.
package struct Planner {
  private let sized: SizedGraph
  private let backend: any Backend
  private let consumers: [[Int]]
  private let isOutput: Set<ValueID>
  private var plan: Plan
  private var regions: [StoredValue: Region] = [:]
  /// Of every value that is made so far, the layout of its maker first.
  private var layouts: [ValueID: [Layout]] = [:]

  /// - Parameters:
  ///   - outputs: the region wanted of each graph output, in its own coordinates; nil: the whole.
  ///   - budget: bytes that the arena may take, and the scratch of each thread (64 MiB at least).
  /// - Throws: `RuntimeError` when a node has no kernel or the arena exceeds the budget.
  package static func plan(
    _ sized: SizedGraph, backend: any Backend, outputs: [Region]? = nil, budget: Int = .max
  ) throws(RuntimeError) -> Plan {
    var planner = try Planner(sized, backend, outputs)
    try planner.chooseKernels()
    try planner.request()
    planner.plan.budget = budget
    try planner.place(budget: budget)
    return planner.plan
  }

  private init(_ sized: SizedGraph, _ backend: any Backend, _ outputs: [Region]?) throws(RuntimeError) {
    self.sized = sized
    self.backend = backend
    consumers = sized.graph.consumers()
    isOutput = Set(sized.graph.outputs)
    let whole = sized.graph.outputs.map { sized.type($0).shape.region }
    for (wanted, all) in zip(outputs ?? whole, whole) where !all.contains(wanted) || wanted.rank != all.rank {
      throw RuntimeError(.input, "region \(wanted): expected inside \(all)")
    }
    plan = Plan(
      sized: sized, backendName: backend.name, outputRegions: outputs ?? whole, storesDouble: backend.storesDouble)
  }

  private mutating func chooseKernels() throws(RuntimeError) {
    var isAbsorbed = [Bool](repeating: false, count: sized.graph.nodes.count)
    for (index, constant) in sized.constants.enumerated() where constant != nil { layouts[ValueID(index)] = [.planar] }
    for input in sized.graph.inputs { layouts[input] = [.planar] }
    for (index, node) in sized.graph.nodes.enumerated() where !isAbsorbed[index] {
      guard let sizing = sized.sizings[index] else { continue }
      var (step, inputs) = try chosen(node, sizing)
      absorb(into: &step, &isAbsorbed)
      settle(&step, inputs)
      plan.steps.append(step)
    }
    for output in sized.graph.outputs where layouts[output] != nil { _ = stored(output, .planar) }
  }

  private func chosen(_ node: Node, _ sizing: NodeSizing) throws(RuntimeError) -> (PlanStep, inputs: [ValueID?]) {
    let made = node.inputs.map { $0.flatMap { layouts[$0]?.first } ?? .planar }
    let offers = backend.offers(for: node, sizing: sizing, in: sized, layouts: made)
    guard let choice = offers.firstIndex(where: { $0.refusal == nil }) else {
      let reasons = offers.map { "\($0.name): \($0.refusal ?? "")" }.joined(separator: "; ")
      throw RuntimeError(.unsupported, node: node.label, reasons.isEmpty ? "no kernel" : reasons)
    }
    let step = PlanStep(
      node: node, sizing: sizing, offer: offers[choice], refusals: Array(offers[..<choice]), inputs: [],
      outputs: node.outputs.map { $0.map { StoredValue($0) } }, outputRegions: [])
    return (step, node.inputs)
  }

  /// Layouts: of the output by who reads it, of inputs and residual by steps before this one where they are missing.
  private mutating func settle(_ step: inout PlanStep, _ inputs: [ValueID?]) {
    if step.offer.canStorePlanar, let output = step.outputs[0]?.id, isOutput.contains(output),
      consumers[output.index].isEmpty
    {
      step.offer.outputLayout = .planar
    }
    let layout = step.offer.outputLayout
    step.inputs = inputs.enumerated().map { index, input in
      input.map { stored($0, step.offer.inputLayout(index)) }
    }
    step.residual = step.residual.map { stored($0.id, layout) }
    step.outputs = step.outputs.enumerated().map { index, output in
      output.map { StoredValue($0.id, index == 0 ? layout : step.offer.secondLayout) }
    }
    for case let output? in step.outputs { layouts[output.id] = [output.layout] }
  }

  /// The value in a layout; a step makes it where it is missing. Constants are packed by their kernels.
  private mutating func stored(_ id: ValueID, _ layout: Layout) -> StoredValue {
    let result = StoredValue(id, layout)
    guard sized.constants[id.index] == nil else { return StoredValue(id) }
    guard let made = layouts[id], !made.contains(layout), let first = made.first else { return result }
    // Every kernel that reorders knows planar memory on one side.
    let from = layout == .planar || first == .planar ? first : stored(id, .planar).layout
    let type = sized.type(id)
    let node = Node(
      name: sized.graph[id].name, op: .unary(.identity), inputs: [id], outputs: [id],
      origin: NodeOrigin(operatorName: "layout"))
    let rule = SpatialRule([type.shape.dims.indices.map { AxisDependence($0, .pointwise) }])
    var step = PlanStep(
      node: node, sizing: NodeSizing([type], rule), offer: KernelOffer(Planner.reorderName(from, layout)), refusals: [],
      inputs: [StoredValue(id, from)], outputs: [result], outputRegions: [])
    step.offer.outputLayout = layout
    step.offer.inputLayouts = [from]
    // The device writes whole quads.
    if from.isOnDevice { step.offer.grain = type.shape.dims.indices.map { $0 == 1 ? from.lanes : 1 } }
    step.isReorder = true
    plan.steps.append(step)
    layouts[id]!.append(layout)
    return result
  }

  private static func reorderName(_ from: Layout, _ to: Layout) -> String {
    from.isOnDevice ? "fcn_f32_download" : to.isOnDevice ? "fcn_f32_upload" : "fcn_f32_reorder"
  }

  /// Follows the only consumer of the step's output as long as the kernel can take it over: a residual, an activation.
  private func absorb(into step: inout PlanStep, _ isAbsorbed: inout [Bool]) {
    guard step.outputs.count == 1 else { return }
    while let output = step.outputs[0]?.id, !isOutput.contains(output), consumers[output.index].count == 1 {
      let index = consumers[output.index][0]
      let next = sized.graph.nodes[index]
      guard sized.sizings[index] != nil, sized.type(next.outputs[0]!) == sized.type(output) else { return }
      if case .unary(let function) = next.op {
        guard step.activation == nil, step.offer.absorbsActivation, backend.absorbs(function, offer: step.offer) else {
          return
        }
        step.activation = function
      } else if let other = residual(next, of: output, step) {
        step.residual = StoredValue(other)
      } else {
        return
      }
      isAbsorbed[index] = true
      step.absorbed.append(next.label)
      step.outputs = [StoredValue(next.outputs[0]!)]
    }
  }

  /// The addend if `next` adds something of the same type that is made before the step.
  private func residual(_ next: Node, of output: ValueID, _ step: PlanStep) -> ValueID? {
    guard case .binary(.add) = next.op, step.residual == nil, step.activation == nil, step.offer.absorbsResidual,
      let other = next.inputs.first(where: { $0 != output }), let other, layouts[other] != nil,
      sized.constants[other.index] == nil, sized.type(other) == sized.type(output)
    else { return nil }
    return other
  }

  /// Backwards from the outputs: the hull of what each value's users read.
  private mutating func request() throws(RuntimeError) {
    for (output, region) in zip(sized.graph.outputs, plan.outputRegions) { add(region, to: StoredValue(output)) }
    var kept: [PlanStep] = []
    for index in plan.steps.indices.reversed() {
      var step = plan.steps[index]
      guard step.outputs.contains(where: { $0.flatMap { regions[$0] } != nil }) else { continue }
      let shape = step.sizing.outputs[0].shape
      let hull = step.outputs.compactMap { $0.flatMap { regions[$0] } }.reduce(shape.region.emptied) { $0.hull($1) }
      let region = step.offer.outputLayout.held(
        Planner.widened(hull, grain: step.offer.grain, shape: shape), of: shape)
      for case let output? in step.outputs { regions[output] = region }
      step.outputRegions = step.outputs.map { _ in region }
      for (position, input) in step.inputs.enumerated() {
        guard let input, sized.constants[input.id.index] == nil else { continue }
        add(step.sizing.rule.request(region, input: position, shape: sized.type(input.id).shape), to: input)
      }
      if let residual = step.residual { add(region, to: residual) }
      kept.append(step)
    }
    plan.steps = kept.reversed()
  }

  private mutating func add(_ region: Region, to value: StoredValue) {
    guard sized.constants[value.id.index] == nil else { return }
    let held = value.layout.held(region, of: sized.type(value.id).shape)
    regions[value] = regions[value].map { $0.hull(held) } ?? held
  }

  /// Outward to multiples of the grain, clipped to the tensor.
  static func widened(_ region: Region, grain: [Int], shape: Shape) -> Region {
    if grain.isEmpty || region.isEmpty { return region }
    return Region(
      region.ranges.enumerated().map { axis, range in
        let low = range.lowerBound / grain[axis] * grain[axis]
        let high = min(shape[axis], range.upperBound.dividedUp(by: grain[axis]) * grain[axis])
        return low..<high
      })
  }

  /// Bytes of a thread's scratch that no budget refuses.
  private static let freeScratch = 1 << 26

  private mutating func place(budget: Int) throws(RuntimeError) {
    for id in sized.graph.inputs {
      if let region = regions[StoredValue(id)] { makeBuffer(StoredValue(id), region, step: -1) }
    }
    for (index, step) in plan.steps.enumerated() {
      for case let output? in step.outputs { makeBuffer(output, regions[output]!, step: index) }
      for case let input? in step.inputs + [step.residual] { plan.buffers[input]?.lastStep = index }
    }
    for output in sized.graph.outputs { plan.buffers[StoredValue(output)]?.lastStep = plan.steps.count }
    var arena = Arena(plan, slabBytes: backend.slabBytes)
    try arena.place(budget: budget)
    for step in plan.steps where !step.isOnDevice {
      let (bytes, limit) = (max(step.offer.scratchBytes, step.offer.sharedBytes), max(budget, Planner.freeScratch))
      guard bytes <= limit else {
        throw RuntimeError(
          .memory, node: step.node.label,
          "scratch memory: expected at most \(budget) bytes for each thread, got \(bytes)")
      }
    }
    plan = arena.plan
  }

  private mutating func makeBuffer(_ value: StoredValue, _ region: Region, step: Int) {
    var type = plan.storageType(value.id)
    if value.layout.isOnDevice, type == .int64 { type = .int32 }
    plan.buffers[value] = PlanBuffer(
      elementType: type, shape: sized.type(value.id).shape, region: region, layout: value.layout,
      firstStep: step, lastStep: step)
  }
}

extension Region {
  /// An empty region of the same rank.
  var emptied: Region { Region(ranges.map { _ in 0..<0 }) }
}
