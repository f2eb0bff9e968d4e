package import FCNGraph
import FCNTensor

/// For which shifts a network is equivariant along an axis. Source: GEOMETRY §4.2.
package enum EquivarianceVerdict: String, Sendable, Hashable, CaseIterable {
  /// (P, Q) = (1, 1)
  case everyShift = "every-shift"
  /// P = 1, Q > 1: the output grid is finer.
  case finerGrid = "finer-grid"
  /// P > 1: shifts by multiples of P only.
  case lattice
  /// Tied to a position, to the image size, or mirrored.
  case anchored
  /// Every output depends on the whole axis.
  case global
  case unknown
}

/// A node at which the period grows or shrinks.
package struct PeriodChange: Sendable, Hashable {
  package var node: Int
  package var from: Int
  package var to: Int
}

/// The state of the axis behind one node, in graph order.
package struct GrowthStep: Sendable, Hashable {
  package var node: Int
  package var inputPeriod: Int
  package var outputPeriod: Int
  package var smallestWidth: Int
  package var largestWidth: Int
}

/// What one node, or one kind of border, contaminates on its own.
package struct BorderShare: Sendable, Hashable {
  /// Nil: all nodes of the cause.
  package var node: Int?
  package var cause: Border
  package var depth: BorderDepth
}

/// What the geometry says of one output along one axis of an input.
package struct AxisFacts: Sendable {
  package var source: GeometrySource
  package var verdict: EquivarianceVerdict
  /// Nil where the verdict is global or unknown, or no interval function holds.
  package var intervals: PeriodicIntervals?
  package var reasons: [GeometryReason]
  package var breakers: [PeriodChange]
  package var relievers: [PeriodChange]
  package var growth: [GrowthStep]
  /// Of the output, in its samples; equal to the size on both sides where everything is contaminated.
  package var depth: BorderDepth
  package var outputSize: Int?
  /// The output axis that follows the input's.
  package var outputAxis: Int?
  package var causes: [BorderShare]
  package var nodes: [BorderShare]
  /// Nodes that read the opposite border beyond the image.
  package var wrapping: [Int]

  /// - Parameters:
  ///   - sources: one axis of inputs that move together; the facts are named after the first.
  ///   - output: a value of the graph.
  ///   - attribution: node visits, times phases, that the shares of single nodes may take; 0: no shares, and nothing
  ///     of the way to the output.
  package init(_ geometry: GraphGeometry, sources indices: [Int], output: ValueID, attribution: Int) {
    var state = geometry.dependence(indices, output)
    if let local = state.local, local.extent != nil {
      // No axis of the output follows this one: it is spread over an axis with others.
      let node = geometry.producer(of: output)
      state = .all(local.anchors + [GeometryReason(node: node, .mixed, "leaves the axis merged with others")])
    }
    source = geometry.sources[indices[0]]
    reasons = state.reasons
    verdict = AxisFacts.verdict(state)
    intervals = state.local?.intervals
    outputAxis = state.local.flatMap { $0.extent == nil ? $0.axis : nil }
    outputSize = outputAxis.flatMap { axis in geometry.sized.types[output.index]?.shape[axis] }
    let whole = outputSize ?? source.size
    func clipped(_ depth: BorderDepth?) -> BorderDepth {
      guard let depth else { return BorderDepth() }
      return depth == .wholeAxis ? BorderDepth(low: whole, high: whole) : depth
    }
    let depths = indices.filter { geometry.dependence($0, output) != .none }.map { index in
      clipped(geometry.depths(index)[output.index] ?? .wholeAxis)
    }
    depth = BorderDepth(low: depths.map(\.low).max() ?? 0, high: depths.map(\.high).max() ?? 0)
    (breakers, relievers, growth, causes, nodes, wrapping) = ([], [], [], [], [], [])
    guard attribution > 0 else { return }
    let path = geometry.ancestors(of: output)
    for index in indices {
      let changes = geometry.periodChanges(index, path)
      breakers += changes.breakers.filter { !breakers.contains($0) }
      relievers += changes.relievers.filter { !relievers.contains($0) }
      wrapping += geometry.reading(index, path).filter { $0.value == .wrap }.map(\.key).sorted()
    }
    growth = geometry.growth(indices[0], path)
    guard state.local != nil, indices.count == 1 else { return }
    let shares = geometry.borderShares(indices[0], output, path, limit: attribution)
    causes = shares.causes.map { BorderShare(node: nil, cause: $0.cause, depth: clipped($0.depth)) }
    nodes = shares.nodes.map { BorderShare(node: $0.node, cause: $0.cause, depth: clipped($0.depth)) }
  }

  private static func verdict(_ state: Dependence) -> EquivarianceVerdict {
    switch state {
    case .none: return .everyShift
    case .unknown: return .unknown
    case .all(let reasons): return reasons.allSatisfy(\.cause.isAnchor) ? .anchored : .global
    case .local(let local):
      if !local.anchors.isEmpty { return .anchored }
      if local.intervals.inputPeriod > 1 { return .lattice }
      return local.intervals.outputPeriod > 1 ? .finerGrid : .everyShift
    }
  }
}

extension GraphGeometry {
  /// How a value depends on inputs that move together.
  package func dependence(_ sources: [Int], _ value: ValueID) -> Dependence {
    sources.dropFirst().reduce(dependence(sources[0], value)) { state, source in
      state.joined(with: dependence(source, value), at: producer(of: value))
    }
  }

  fileprivate func producer(of value: ValueID) -> Int {
    sized.graph.nodes.firstIndex { $0.outputs.contains(value) } ?? 0
  }

  /// The nodes that `output` is computed from, in graph order.
  package func ancestors(of output: ValueID) -> [Int] {
    var wanted: Set<ValueID> = [output]
    var result: [Int] = []
    for (index, node) in sized.graph.nodes.enumerated().reversed() {
      guard node.outputs.contains(where: { $0.map(wanted.contains) ?? false }) else { continue }
      result.append(index)
      for case let input? in node.inputs { wanted.insert(input) }
    }
    return result.reversed()
  }

  /// Nodes whose output period is above, and below, every period that enters.
  fileprivate func periodChanges(_ source: Int, _ path: [Int]) -> (breakers: [PeriodChange], relievers: [PeriodChange])
  {
    var breakers: [PeriodChange] = []
    var relievers: [PeriodChange] = []
    for index in path {
      let node = sized.graph.nodes[index]
      let entering = node.inputs.compactMap { $0.flatMap { dependence(source, $0).local?.intervals.inputPeriod } }
      guard let from = entering.max(), let output = node.outputs.compactMap({ $0 }).first,
        let to = dependence(source, output).local?.intervals.inputPeriod
      else { continue }
      if to > from { breakers.append(PeriodChange(node: index, from: from, to: to)) }
      if to < from { relievers.append(PeriodChange(node: index, from: from, to: to)) }
    }
    return (breakers, relievers)
  }

  fileprivate func growth(_ source: Int, _ path: [Int]) -> [GrowthStep] {
    path.compactMap { index in
      guard let output = sized.graph.nodes[index].outputs.compactMap({ $0 }).first,
        let intervals = dependence(source, output).local?.intervals
      else { return nil }
      let widths = intervals.widths.filter { $0 > 0 }
      return GrowthStep(
        node: index, inputPeriod: intervals.inputPeriod, outputPeriod: intervals.outputPeriod,
        smallestWidth: widths.min() ?? 0, largestWidth: widths.max() ?? 0)
    }
  }

  /// Work that the attribution to single nodes may take, in node visits times phases.
  private static let attributionLimit = 30_000_000

  /// The nodes that read beyond the border along the axis, and what they find there.
  fileprivate func reading(_ source: Int, _ path: [Int]) -> [Int: Border] {
    var reading: [Int: Border] = [:]
    for index in path {
      let node = sized.graph.nodes[index]
      guard let rule = rules[index] else { continue }
      for (place, input) in node.inputs.enumerated() {
        guard let input, case .local(let local) = dependence(source, input), local.axis < rule.inputs[place].count,
          let border = rule.inputs[place][local.axis].rule.border
        else { continue }
        reading[index] = border
      }
    }
    return reading
  }

  /// The depth at `output` if only one kind of border counted, or one node's.
  fileprivate func borderShares(
    _ source: Int, _ output: ValueID, _ path: [Int], limit: Int
  ) -> (causes: [BorderShare], nodes: [BorderShare]) {
    let reading = self.reading(source, path)
    func share(_ node: Int?, _ cause: Border, _ counts: (Int, Border) -> Bool) -> BorderShare? {
      let depth = depths(source, counting: counts)[output.index] ?? BorderDepth()
      return depth == BorderDepth() ? nil : BorderShare(node: node, cause: cause, depth: depth)
    }
    let kinds = Border.allCases.filter { kind in reading.values.contains(kind) }
    let causes = kinds.compactMap { kind in share(nil, kind) { $1 == kind } }
    let phases = dependence(source, output).local?.intervals.outputPeriod ?? 1
    guard reading.count * sized.graph.nodes.count * min(phases, 64) <= limit else {
      return (causes, [])
    }
    let nodes = reading.sorted { $0.key < $1.key }.compactMap { index, cause in
      share(index, cause) { node, _ in node == index }
    }
    return (causes, nodes)
  }
}
