import FCNGraph
import FCNRuntime
package import FCNTensor

/// What is known of a model without running it.
package struct ModelReport: Sendable {
  package struct Missing: Sendable {
    package var node: String
    package var operatorName: String
    package var domain: String
    package var opset: Int
    package var reason: String
  }

  package struct Kernel: Sendable {
    package var node: String
    package var kernel: String
    package var absorbed: [String]
    package var refusals: [(kernel: String, reason: String)]
    package var output: String
    package var flops: Int
  }

  package var name: String
  package var opsets: [(domain: String, version: Int)]
  package var inputs: [String]
  package var outputs: [String]
  package var operators: [(name: String, count: Int)]
  package var parameters: Int
  package var metadata: [(key: String, value: String)]
  package var missing: [Missing]
  /// At a size, when the model runs there.
  package var shapes: [Shape]?
  package var outputShapes: [Shape] = []
  package var flops: Int?
  package var arenaBytes: Int?
  /// Why it does not run at that size.
  package var failure: String?
  package var kernels: [Kernel] = []
  /// Which sizes run, along height and width of the first image input.
  package var sizeRule: SizeRule?

  /// - Parameter sizes: input sizes to plan for; `declared` leaves the plan out where a dimension is free.
  /// - Throws: `FCNError.usage` if the sizes do not fit the inputs.
  package init(_ model: Model, sizes: InputSizes) throws(FCNError) {
    let graph = model.graph
    name = model.name
    opsets = graph.opsets
    func describe(_ id: ValueID) -> String {
      let value = graph[id]
      let dims = value.dimensions.map { $0.map(\.description).joined(separator: "x") } ?? "?"
      return "\(value.name) \(value.elementType?.rawValue ?? "?") \(dims)"
    }
    inputs = graph.inputs.map(describe)
    outputs = graph.outputs.map(describe)
    var counts: [String: Int] = [:]
    for node in graph.nodes { counts[node.origin.operatorName, default: 0] += 1 }
    operators = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    var seen: Set<ValueID> = []
    parameters = 0
    for node in graph.nodes {
      for case let id? in node.inputs where seen.insert(id).inserted {
        if let constant = graph[id].constant, constant.elementType.isFloat { parameters += constant.count }
      }
    }
    metadata = graph.metadata
    missing = graph.unsupportedNodes.map { node, reason in
      Missing(
        node: node.name, operatorName: node.origin.operatorName, domain: node.origin.domain, opset: node.origin.opset,
        reason: reason)
    }
    guard missing.isEmpty else { return }
    if case .declared = sizes {
      if let shapes = try? sizes.shapes(of: model) { plan(model, shapes) }
    } else {
      plan(model, try sizes.shapes(of: model))
    }
  }

  private mutating func plan(_ model: Model, _ shapes: [Shape]) {
    self.shapes = shapes
    do throws(FCNError) {
      let sized = try model.sized(shapes)
      let backend = try model.engine.backend("auto")
      let plan: Plan
      do throws(RuntimeError) { plan = try Planner.plan(sized, backend: backend) } catch {
        throw FCNError(error)
      }
      outputShapes = sized.graph.outputs.map { sized.type($0).shape }
      arenaBytes = plan.arenaBytes + plan.deviceArenaBytes
      kernels = plan.steps.map { step in
        Kernel(
          node: step.node.label, kernel: step.isAlias ? "view" : step.offer.name, absorbed: step.absorbed,
          refusals: step.refusals.map { ($0.name, $0.refusal ?? "") },
          output: step.outputs[0].map { sized.type($0.id).description } ?? "",
          flops: step.sizing.flops(step.node, inputs: step.inputs.map { $0.map { sized.type($0.id) } }))
      }
      flops = kernels.reduce(0) { saturatingSum($0, $1.flops) }
      sizeRule = SizeRule(model, shapes)
    } catch { failure = error.message }
  }

  package var json: JSONValue {
    .object([
      JSONMember("model", .string(name)),
      JSONMember(
        "opsets", .object(opsets.map { JSONMember($0.domain.isEmpty ? "ai.onnx" : $0.domain, .integer($0.version)) })),
      JSONMember("inputs", .array(inputs.map(JSONValue.string))),
      JSONMember("outputs", .array(outputs.map(JSONValue.string))),
      JSONMember("operators", .object(operators.map { JSONMember($0.name, .integer($0.count)) })),
      JSONMember("parameters", .integer(parameters)),
      JSONMember("metadata", .object(metadata.map { JSONMember($0.key, .string($0.value)) })),
      JSONMember(
        "unsupported",
        .array(
          missing.map {
            .object([
              JSONMember("node", .string($0.node)), JSONMember("operator", .string($0.operatorName)),
              JSONMember("domain", .string($0.domain)), JSONMember("opset", .integer($0.opset)),
              JSONMember("reason", .string($0.reason)),
            ])
          })),
      JSONMember("shapes", shapes.map { .array($0.map { .string($0.description) }) } ?? .null),
      JSONMember("outputShapes", .array(outputShapes.map { .string($0.description) })),
      JSONMember("flops", JSONValue(flops)), JSONMember("arena_bytes", JSONValue(arenaBytes)),
      JSONMember("sizes", sizeRule?.json ?? .null),
      JSONMember("failure", failure.map(JSONValue.string) ?? .null),
      JSONMember(
        "kernels",
        .array(
          kernels.map { kernel in
            .object([
              JSONMember("node", .string(kernel.node)), JSONMember("kernel", .string(kernel.kernel)),
              JSONMember("absorbed", .array(kernel.absorbed.map(JSONValue.string))),
              JSONMember("output", .string(kernel.output)), JSONMember("flops", .integer(kernel.flops)),
              JSONMember(
                "refusals",
                .array(
                  kernel.refusals.map {
                    .object([JSONMember("kernel", .string($0.kernel)), JSONMember("reason", .string($0.reason))])
                  })),
            ])
          })),
    ])
  }
}

extension Model {
  /// The graph or plan as text: `imported`, `optimized` (after the first passes if `stopAfter` is given) or `plan`.
  package func text(stage: String, sizes: InputSizes, stopAfter: Int? = nil) throws(FCNError) -> String {
    switch stage {
    case "imported": return graph.text()
    case "optimized": return try optimizedGraph(stopAfter: stopAfter).text()
    case "plan":
      let plan = try prepared(try sizes.shapes(of: self)).plan
      return plan.text()
    default: throw FCNError(.usage, "stage: expected imported, optimized or plan, got \(stage)")
    }
  }

  /// Concrete input shapes: the declared ones, free batch axes 1, spatial axes from `size` (depth, height, width from
  /// the back), channels as declared.
  /// - Throws: `FCNError.usage` naming a free dimension that no size covers.
  package func shapes(size: [Int]?) throws(FCNError) -> [Shape] {
    var result: [Shape] = []
    for id in graph.inputs {
      let dimensions = graph[id].dimensions ?? []
      var dims = dimensions.map { $0.fixedSize ?? -1 }
      let isChannelsLast = dims.count == 4 && (1...4).contains(dims[3]) && !(1...4).contains(dims[1])
      if let size, dims.count >= size.count + 1 {
        let end = isChannelsLast ? dims.count - 1 : dims.count
        for (offset, value) in size.enumerated() { dims[end - size.count + offset] = value }
      }
      if dims.first == -1 { dims[0] = 1 }
      if let free = dims.firstIndex(of: -1) {
        throw FCNError(
          .usage, "input \(graph[id].name): dimension \(free) (\(dimensions[free])) is free; expected --size or --shape"
        )
      }
      result.append(Shape(dims))
    }
    return result
  }
}
