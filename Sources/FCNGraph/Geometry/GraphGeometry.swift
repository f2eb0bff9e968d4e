package import FCNTensor

/// One axis of one graph input that is followed through the graph.
package struct GeometrySource: Sendable, Hashable {
  /// Index in `Graph.inputs`.
  package var input: Int
  package var axis: Int
  /// D, H or W.
  package var name: String
  package var size: Int
}

/// How every tensor of a sized graph depends on the spatial axes of its inputs, derived from the rules of the
/// operators.
///
/// Symbolic where it speaks of intervals and periods (borders ignored), concrete where it speaks of sizes and borders
/// (`BorderDepth`): one set of rules, two readers. Cost: nodes · axes · period, limited. Source: GEOMETRY §3, §4.
package struct GraphGeometry: Sendable {
  package let sized: SizedGraph
  package let sources: [GeometrySource]
  /// The rule of each node; nil where its outputs are known or it could not be sized.
  package let rules: [SpatialRule?]
  /// Graph inputs that stay where they are when the image moves: coordinates, masks.
  package let fixedInputs: Set<Int>
  /// Of every source, of every value.
  package internal(set) var dependences: [[Dependence]]
  /// The same graph at another image size: rules that differ there follow from the size.
  let otherRules: [SpatialRule?]?
  private let isOnlySize: Bool
  /// Work left for following phases, in steps of `PeriodicIntervals.compositionCost`.
  private var stepsLeft = 30_000_000
  /// Of every source, of every value: whether something on the way reads copies of samples beyond the border.
  private var copies: [[Bool]]
  /// What was found out about constants.
  var constants = ConstantFacts()
  let other: SizedGraph?

  /// - Parameters:
  ///   - other: the same graph at sizes one or more periods larger.
  ///   - fixedInputs: indices in `Graph.inputs`.
  ///   - isOnlySize: the graph is made for this size only: a window over the whole axis is a global pooling.
  ///   - axes: the spatial axes of inputs whose shape does not tell them as `spatialAxes` reads it.
  ///   - rule: the rule that is read for a node of a sizing; a test replaces it.
  package init(
    _ sized: SizedGraph, other: SizedGraph? = nil, fixedInputs: Set<Int> = [], isOnlySize: Bool = false,
    axes: [Int: [Int]] = [:],
    rule: (Node, NodeSizing) -> SpatialRule = { $1.rule }
  ) {
    self.sized = sized
    self.fixedInputs = fixedInputs
    self.isOnlySize = isOnlySize
    func rules(_ sized: SizedGraph) -> [SpatialRule?] {
      zip(sized.graph.nodes, sized.sizings).map { node, sizing in sizing.map { rule(node, $0) } }
    }
    self.rules = rules(sized)
    otherRules = other.map(rules)
    self.other = other
    sources = sized.graph.inputs.indices.flatMap { GraphGeometry.sources(sized, input: $0, axes[$0]) }
    dependences = Array(
      repeating: Array(repeating: .none, count: sized.graph.values.count), count: sources.count)
    copies = Array(repeating: Array(repeating: false, count: sized.graph.values.count), count: sources.count)
    for (index, source) in sources.enumerated() {
      dependences[index][sized.graph.inputs[source.input].index] = .local(
        LocalDependence(axis: source.axis, intervals: .identity))
    }
    for index in sized.graph.nodes.indices { propagate(index) }
  }

  /// The axes after `[N, C]`, those before the channels where the last axis is one of 1 to 4 channels, or those after
  /// the 3 or 4 channels of a picture without a batch axis.
  package static func spatialAxes(_ shape: Shape) -> [Int] {
    guard shape.rank >= 3 else { return [] }
    if shape.rank == 3 && (3...4).contains(shape[0]) && shape[1] > 4 { return [1, 2] }
    let isChannelsLast = shape.rank == 4 && (1...4).contains(shape[3]) && !(1...4).contains(shape[1])
    return isChannelsLast ? [1, 2] : Array(2..<min(shape.rank, 5))
  }

  private static func sources(_ sized: SizedGraph, input: Int, _ given: [Int]?) -> [GeometrySource] {
    let shape = sized.type(sized.graph.inputs[input]).shape
    let axes = given ?? spatialAxes(shape)
    return zip(axes, ["D", "H", "W"].suffix(axes.count)).map { axis, name in
      GeometrySource(input: input, axis: axis, name: name, size: shape[axis])
    }
  }

  package func dependence(_ source: Int, _ value: ValueID) -> Dependence { dependences[source][value.index] }

  private mutating func propagate(_ index: Int) {
    let node = sized.graph.nodes[index]
    for source in sources.indices {
      let copiesBorder = readsCopies(index, source, copies[source])
      for case let output? in node.outputs { copies[source][output.index] = copiesBorder }
      for (position, output) in node.outputs.enumerated() {
        if let output { dependences[source][output.index] = transfer(index, source, output: position) }
      }
    }
    var anchors: [Dependence?] = []
    for source in sources.indices { anchors.append(anchor(index, source)) }
    for (source, anchored) in anchors.enumerated() {
      guard let anchored else { continue }
      for case let output? in node.outputs { dependences[source][output.index] = anchored }
    }
    anchorWhereSizeStays(index)
  }

  /// What output `position` of node `index` depends on.
  private mutating func transfer(_ index: Int, _ source: Int, output position: Int) -> Dependence {
    let node = sized.graph.nodes[index]
    guard sized.sizings[index] != nil, let rule = rules[index] else {
      return sized.failures[index].map { unsized(index, source, $0) } ?? .none
    }
    var result = Dependence.none
    for (place, input) in node.inputs.enumerated() {
      guard let input else { continue }
      var state = dependence(source, input)
      if state == .none { continue }
      if case .maxUnpool = node.op, place == 1 { state = withoutPositions(state, of: input) }
      result = joined(result, through(state, index, place, rule), at: index)
    }
    if case .local(let local) = result, local.intervals.isEmpty,
      !node.outputs.contains(where: { output in
        output.map { copies[source][$0.index] } ?? false
      })
    {
      return .none
    }
    if position > 0, case .pool = node.op, case .local(var local) = result {
      local.anchor(GeometryReason(node: index, .position, "its indices name positions in the whole image"))
      return .local(local)
    }
    return result
  }

  /// A node without sizes: what made an input unknown, else its own failure.
  private func unsized(_ index: Int, _ source: Int, _ failure: GraphError) -> Dependence {
    let inputs = sized.graph.nodes[index].inputs.compactMap { $0 }
    for case .unknown(let reasons) in inputs.map({ dependence(source, $0) }) { return .unknown(reasons) }
    return .unknown([GeometryReason(node: index, failure.code == .unsupported ? .unsupported : .data, failure.detail)])
  }

  /// Indices of a pooling are positions; the unpooling paired with it takes them back.
  private func withoutPositions(_ state: Dependence, of indices: ValueID) -> Dependence {
    guard case .local(var local) = state else { return state }
    local.anchors.removeAll { $0.cause == .position && sized.graph.nodes[$0.node].outputs.contains(indices) }
    return .local(local)
  }

  /// Takes `cost` from the work that is left; false: it does not suffice. A few steps are free.
  mutating func spend(_ cost: Int) -> Bool {
    if cost <= 256 { return true }
    guard cost <= stepsLeft else { return false }
    stepsLeft -= cost
    return true
  }

  /// `Dependence.joined`, within the work that is left.
  private mutating func joined(_ a: Dependence, _ b: Dependence, at index: Int) -> Dependence {
    let result = a.joined(with: b, at: index)
    guard case .local(let local) = result, let first = a.local, let second = b.local,
      local.intervals != first.intervals || local.intervals != second.intervals,
      !spend(local.intervals.outputPeriod * PeriodicIntervals.phaseCost)
    else { return result }
    return .all([GraphGeometry.tooLong(index)] + local.anchors)
  }

  /// `outer` after what leads to `local`.
  /// - Parameter index: the node of `outer`, named where they repeat or reach too far.
  mutating func composed(_ outer: PeriodicIntervals, _ local: LocalDependence, _ index: Int) -> Dependence {
    guard spend(outer.compositionCost(with: local.intervals)),
      let intervals = outer.composed(with: local.intervals)
    else { return .all([GraphGeometry.tooLong(index)] + local.anchors) }
    var result = local
    result.intervals = intervals
    return .local(result)
  }

  private static func tooLong(_ index: Int) -> GeometryReason {
    let text =
      "repeats beyond \(PeriodicIntervals.longestPeriod) samples, reaches too far, or has too many phases to follow"
    return GeometryReason(node: index, .imageSize, text)
  }

  private mutating func through(_ state: Dependence, _ index: Int, _ place: Int, _ rule: SpatialRule) -> Dependence {
    let node = sized.graph.nodes[index]
    if let reason = dataDependence(index, place) { return .unknown([reason]) }
    guard case .local(let local) = state, let input = node.inputs[place] else { return state }
    if case .reshape = node.op {
      return reshaped(local, from: sized.type(input).shape.dims, to: sized.sizings[index]!.outputs[0].shape.dims, index)
    }
    let link = rule.inputs[place][local.axis]
    guard let axis = link.outputAxis else { return .all([reason(index, .global)] + local.anchors) }
    if local.extent != nil && link.rule != .pointwise { return .all([reason(index, .mixed)] + local.anchors) }
    if isGlobalWindow(link.rule, index, axis, inputSize: sized.type(input).shape[local.axis]) {
      return .all([reason(index, .global)] + local.anchors)
    }
    switch link.rule.geometry(inputSize: sized.type(input).shape[local.axis]) {
    case .all(let cause): return .all([reason(index, cause)] + local.anchors)
    case .local(let outer, let anchor):
      let composed = self.composed(outer, local, index)
      guard case .local(var result) = composed else { return composed }
      result.axis = axis
      if let anchor = anchor ?? sizeAnchor(index, place, local.axis, link.rule, input) {
        result.anchor(reason(index, anchor))
      }
      return .local(result)
    }
  }

  /// A window over the whole axis, in a graph that is made for this size only, is a global pooling written out.
  private func isGlobalWindow(_ rule: AxisRule, _ index: Int, _ axis: Int, inputSize n: Int) -> Bool {
    guard case .window(let window) = rule, isOnlySize, n > 4 else { return false }
    return window.extent >= n && sized.sizings[index]?.outputs[0].shape[axis] == 1
  }

  /// Whether the rule is another one at the other size.
  private func sizeAnchor(_ index: Int, _ place: Int, _ axis: Int, _ rule: AxisRule, _ input: ValueID) -> GeometryCause?
  {
    guard let otherRules, let other = otherRules[index] else { return nil }
    let n = sized.type(input).shape[axis]
    let otherRule = other.inputs[place][axis].rule
    if otherRule == rule { return nil }
    return otherRule.geometry(inputSize: n) == rule.geometry(inputSize: n) ? nil : .imageSize
  }

  /// Operators that look where their data say.
  private func dataDependence(_ index: Int, _ place: Int) -> GeometryReason? {
    let node = sized.graph.nodes[index]
    func isImage(_ place: Int) -> Bool {
      node.input(place).map { id in dependences.contains { $0[id.index] != .none } } ?? false
    }
    switch node.op {
    case .gridSample:
      return isImage(1) ? GeometryReason(node: index, .data, "samples at coordinates computed from the image") : nil
    case .gather:
      guard isImage(0), isImage(1) else { return nil }
      return GeometryReason(node: index, .data, "picks samples at indices computed from the image")
    case .maxUnpool:
      guard place == 1 || place == 0, rules[index]?.inputs[0].dropFirst(2).first?.outputAxis == nil else { return nil }
      return GeometryReason(node: index, .data, "its indices do not come from a pooling with the same windows")
    case .convolution, .convTranspose, .pool, .resize, .pad, .slice, .part, .unary, .binary, .select, .cast, .reduce,
      .argReduce, .softmax, .normalize, .concat, .transpose, .reshape, .expand, .tile, .depthToSpace, .spaceToDepth,
      .matMul, .gemm, .shape, .size, .constantOfShape, .range, .unsupported:
      return nil
    }
  }
}
