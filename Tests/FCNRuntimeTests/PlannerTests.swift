import FCNBackendCPU
import FCNGraph
import FCNReference
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// Plans: text, memory, refusals, cancellation.
@Suite struct PlannerTests {
  /// Portable kernels: the text is the same on every machine.
  private static let portable = CPUBackend(pool: Backends.pool, instructionSet: .portable)

  /// The plan as text equals testdata/golden; a change of kernels, regions or memory shows there.
  @Test(arguments: ["unet_softmax", "unet_valid"])
  func planText(_ name: String) throws {
    let network = Network(name: name)
    let plan = try Planner.plan(
      try SizedGraph(try network.graph(), for: try network.inputs()), backend: Self.portable,
      outputs: name == "unet_valid" ? [Region([0..<1, 0..<2, 4..<9, 20..<36])] : nil)
    let golden = try Golden.text("plan_\(name).txt")
    let text = plan.text()
    #expect(text == golden, "\(Golden.difference(text, golden))")
  }

  /// Two buffers that are needed at the same time share no byte, unless one is a view of the other or written over it.
  @Test(arguments: Network.all)
  func buffersDoNotOverlap(_ network: Network) throws {
    try checkMemory(try SizedGraph(try network.graph(), for: try network.inputs()))
  }

  @Test(arguments: 0..<100)
  func buffersOfRandomGraphs(_ seed: Int) throws {
    var random = RandomGraph(seed: UInt64(seed) + 1000)
    let (graph, inputs) = try random.make()
    try checkMemory(try SizedGraph(graph, for: inputs))
  }

  private func checkMemory(_ sized: SizedGraph) throws {
    var generator = SeededGenerator(9)
    for backend in Backends.families {
      let part = sized.graph.outputs.map { RandomRegion.inside(sized.type($0).shape, &generator) }
      for regions in [nil, part] {
        let plan = try Planner.plan(sized, backend: backend, outputs: regions)
        for problem in Self.clashes(plan) { Issue.record("\(backend.name): \(problem)") }
      }
    }
  }

  private static func clashes(_ plan: Plan) -> [String] {
    var shared: [StoredValue: StoredValue] = [:]
    var parts: [StoredValue: StoredValue] = [:]
    for step in plan.steps {
      // Parts of a Concat lie inside its output; everything else that shares memory with it is checked below.
      for position in step.placedInputs {
        let (part, whole) = (step.inputs[position]!, step.outputs[0]!)
        parts[shared[part] ?? part] = whole
        let (x, y) = (plan.buffers[part]!, plan.buffers[whole]!)
        if x.offset < y.offset || x.offset + x.byteCount > y.offset + y.byteCount {
          return ["a part of \(step.node.label) lies outside it"]
        }
      }
      guard let output = step.outputs.first ?? nil, let input = step.inputs.first ?? nil else { continue }
      guard plan.buffers[input] != nil else { continue }
      let isInPlace = step.offer.isInPlace && plan.buffers[input]!.offset == plan.buffers[output]!.offset
      if step.isAlias || isInPlace { shared[output] = shared[input] ?? input }
    }
    var problems: [String] = []
    let all = plan.buffers.sorted {
      ($0.key.id.index, $0.key.layout.rawValue) < ($1.key.id.index, $1.key.layout.rawValue)
    }
    for (index, (a, x)) in all.enumerated() {
      if x.offset < 0 || x.offset % 64 != 0 || x.offset + x.byteCount > plan.arenaBytes {
        problems.append("\(plan.sized.graph[a.id].name) at \(x.offset) of \(plan.arenaBytes)")
      }
      for (b, y) in all[(index + 1)...] {
        let meet = x.offset < y.offset + y.byteCount && y.offset < x.offset + x.byteCount
        guard meet, x.firstStep <= y.lastStep, y.firstStep <= x.lastStep else { continue }
        let (one, other) = (shared[a] ?? a, shared[b] ?? b)
        let isPart = isInside(one, other, parts, shared) || isInside(other, one, parts, shared)
        if one != other && !isPart {
          problems.append("\(plan.sized.graph[a.id].name) and \(plan.sized.graph[b.id].name) share memory")
        }
      }
    }
    return problems + overwrites(plan, shared)
  }

  private static func isInside(
    _ part: StoredValue, _ whole: StoredValue, _ parts: [StoredValue: StoredValue],
    _ shared: [StoredValue: StoredValue]
  ) -> Bool {
    var next = parts[part]
    while let outer = next {
      let root = shared[outer] ?? outer
      if root == whole { return true }
      next = parts[root]
    }
    return false
  }

  /// A step that writes over its input is the last to read it, or any view of it.
  private static func overwrites(_ plan: Plan, _ shared: [StoredValue: StoredValue]) -> [String] {
    var problems: [String] = []
    for (index, step) in plan.steps.enumerated() where !step.isAlias {
      guard let output = step.outputs.first ?? nil, let root = shared[output] else { continue }
      for (id, buffer) in plan.buffers where (shared[id] ?? id) == root && id != output {
        if buffer.firstStep < index && buffer.lastStep > index {
          problems.append("\(step.node.label) writes over \(plan.sized.graph[id.id].name), which is needed later")
        }
      }
    }
    return problems
  }

  /// Working memory of a part is less than that of the whole.
  @Test func regionsNeedLess() throws {
    let network = Network(name: "unet_valid")
    let sized = try SizedGraph(try network.graph(), for: try network.inputs())
    let whole = try Planner.plan(sized, backend: Self.portable)
    let part = try Planner.plan(sized, backend: Self.portable, outputs: [Region([0..<1, 0..<2, 0..<4, 0..<4])])
    #expect(part.arenaBytes < whole.arenaBytes)
    #expect(part.inputRegion(0)!.count < whole.inputRegion(0)!.count)
  }

  @Test func budgetNamesTheNeed() throws {
    let network = Network(name: "unet_deconv")
    let sized = try SizedGraph(try network.graph(), for: try network.inputs())
    let need = try Planner.plan(sized, backend: Self.portable).arenaBytes
    #expect(try Planner.plan(sized, backend: Self.portable, budget: need).arenaBytes == need)
    for budget in [0, 100, need / 2, need - 1] {
      #expect { try Planner.plan(sized, backend: Self.portable, budget: budget) } throws: { error in
        guard let error = error as? RuntimeError, error.code == .memory else { return false }
        return error.detail.contains("at most \(budget) bytes") && error.detail.contains { $0.isNumber }
      }
    }
  }

  private struct Refusing: Backend {
    let name = "refusing"
    let storesDouble = false
    func offers(for node: Node, sizing: NodeSizing, in graph: SizedGraph, layouts: [Layout]) -> [KernelOffer] {
      [.refused("fcn_first", "too large"), .refused("fcn_second", "odd")]
    }
    func absorbs(_ function: UnaryFunction, offer: KernelOffer) -> Bool { false }
    func prepare(_ plan: Plan) throws(RuntimeError) -> any Executable { throw RuntimeError(.unsupported, "never") }
  }

  /// Every reason is named.
  @Test func refusedNode() throws {
    let (graph, inputs) = try OperatorCase.all[0].make()
    let sized = try SizedGraph(graph, for: inputs)
    #expect { try Planner.plan(sized, backend: Refusing()) } throws: { error in
      guard let error = error as? RuntimeError else { return false }
      return error.code == .unsupported && error.node == graph.nodes[0].label
        && error.detail == "fcn_first: too large; fcn_second: odd"
    }
  }

  @Test func unsupportedNode() throws {
    var builder = GraphBuilder(seed: 1)
    let x = try builder.input([1, 2])
    let y = builder.node(.unsupported(UnsupportedOperator(reason: "Loop is not executed")), x)
    let graph = try builder.graph(outputs: [y])
    #expect(graph.unsupportedNodes.count == 1)
    #expect { try SizedGraph(graph, for: builder.inputs.map(\.tensor)) } throws: { error in
      guard let error = error as? GraphError else { return false }
      return error.code == .unsupported && error.node == graph.nodes[0].label && error.detail.contains("Loop")
    }
  }

  @Test func cancelledRunThrows() throws {
    let network = Network(name: "unet_nearest")
    let inputs = try network.inputs()
    for backend in Backends.families {
      let run = try PlannedRun(try SizedGraph(try network.graph(), for: inputs), backend)
      let early = RunControl()
      early.cancel()
      #expect { try run.outputs(inputs, control: early) } throws: { ($0 as? RuntimeError)?.code == .cancelled }
      let box = ControlBox()
      box.control = RunControl(onStep: { step, _ in if step == 2 { box.control?.cancel() } })
      #expect { try run.outputs(inputs, control: box.control!) } throws: { error in
        guard let error = error as? RuntimeError else { return false }
        return error.code == .cancelled && error.detail.contains("after 3 of \(run.plan.steps.count) steps")
      }
      box.control = nil
    }
  }

  private final class ControlBox: @unchecked Sendable { var control: RunControl? }

  @Test func wrongInputsAreNamed() throws {
    let network = Network(name: "masked")
    let inputs = try network.inputs()
    let run = try PlannedRun(try SizedGraph(try network.graph(), for: inputs), Backends.families[0])
    let double = try HostTensor(.float64, inputs[0].shape)
    let small = try HostTensor(.float32, [1, 1, 2, 2])
    for given in [[inputs[0]], [double, inputs[1]], [inputs[0], small], inputs + inputs] {
      #expect { try run.outputs(given) } throws: { ($0 as? RuntimeError)?.code == .input }
    }
  }

  /// `reference64` keeps floats in Double between nodes.
  @Test func referenceInDouble() throws {
    let network = Network(name: "unet_nearest")
    let inputs = try network.inputs()
    let sized = try SizedGraph(try network.graph(), for: inputs)
    let single = try PlannedRun(sized, ReferenceBackend(pool: Backends.pool)).outputs(inputs)[0]
    let double = try PlannedRun(sized, ReferenceBackend(pool: Backends.pool, storesDouble: true)).outputs(inputs)[0]
    #expect(single.elementType == .float32 && double.elementType == .float64)
    let rounded = try HostTensor(doubles: double.doubles(), elementType: .float32, shape: double.shape)
    let error = single.relativeError(to: rounded)
    #expect(error > 0 && error < 1e-5)
  }
}
