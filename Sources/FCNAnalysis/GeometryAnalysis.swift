package import FCNGraph
import FCNTensor

/// Everything that follows from a graph's geometry without running it.
package struct GeometryAnalysis: Sendable {
  package let grid: InputGrid
  /// Image size that depths and output sizes speak of.
  package let size: [Int]
  package let geometry: GraphGeometry
  /// For every output, for every axis of every input, in the order of `geometry.sources`.
  package let facts: [[AxisFacts]]
  /// For every output, for every axis of the image, all inputs that move together taken as one.
  package let joint: [[AxisFacts]]
  /// Per spatial axis of the image input.
  package let runs: [CompatibleSizes?]
  package let seamless: [CompatibleSizes?]
  package let tiling: TilingRule

  /// - Parameters:
  ///   - graph: as imported; its nodes are named in the facts.
  ///   - scanned: the same network after the passes, for the scan of sizes; nil: `graph`.
  ///   - size: of the image; nil: the declared one, or the smallest seamless one above three receptive fields.
  ///   - rule: the rule that is read for a node; a test replaces it.
  /// - Throws: `GraphError` if the graph runs at no size, or not at `size`.
  package init(
    _ graph: Graph, scanned: Graph? = nil, size: [Int]? = nil,
    rule: (Node, NodeSizing) -> SpatialRule = { $1.rule }
  ) throws(GraphError) {
    let grid = try InputGrid(graph)
    self.grid = grid
    if let size, size.count != grid.axes.count {
      throw GraphError(.size, "size: expected \(grid.axes.count) numbers for \(grid.names.joined(separator: "x"))")
    }
    let start: [Int]
    if let size { start = size } else { start = try grid.runningSize(graph: scanned) }
    let rough = grid.geometry(try grid.sized(start), rule: rule)
    let axes = grid.axes.indices.map { GeometryAnalysis.sources(grid, rough, axis: $0) }
    let periods = axes.map { GeometryAnalysis.guessedPeriod(rough, $0) }
    let scans = GeometryAnalysis.scan(grid, scanned ?? graph, start, periods)
    runs = scans.map(\.runs)
    seamless = scans.map(\.seamless)
    let wanted = size ?? GeometryAnalysis.size(grid, rough, axes, scans, start)
    // A size that is too large for anything is not insisted on.
    let moved = wanted == start ? nil : try? grid.sized(wanted)
    let sized = moved ?? rough.sized
    let chosen = moved == nil ? start : wanted
    self.size = chosen
    // One period larger along every axis: what differs there follows from the size.
    var larger = chosen
    for (axis, period) in periods.enumerated() { larger[axis] += period }
    let other = try? grid.sized(larger)
    geometry = grid.geometry(
      sized, other: other, isOnlySize: other == nil || chosen == grid.declaredSize, rule: rule)
    facts = GeometryAnalysis.facts(geometry, isAttributed: true)
    joint = GeometryAnalysis.joint(grid, geometry, facts)
    tiling = TilingRule(joint, isOnlySize: grid.axes.indices.map { $0 < scans.count && scans[$0].runs?.step == 0 })
  }

  /// The same network at another image size; the sizes that run stay as found.
  /// - Throws: `GraphError` if the graph does not run at `size`.
  package func moved(
    to size: [Int], rule: (Node, NodeSizing) -> SpatialRule = { $1.rule }
  ) throws(GraphError) -> GeometryAnalysis {
    if size == self.size { return self }
    return try GeometryAnalysis(self, size: size, rule: rule)
  }

  private init(
    _ other: GeometryAnalysis, size: [Int], rule: (Node, NodeSizing) -> SpatialRule
  ) throws(GraphError) {
    (grid, runs, seamless) = (other.grid, other.runs, other.seamless)
    self.size = size
    let periods = grid.axes.indices.map { axis in
      GeometryAnalysis.guessedPeriod(other.geometry, other.sources(axis: axis))
    }
    let larger = size.indices.map { size[$0] + periods[$0] }
    let second = try? grid.sized(larger)
    geometry = grid.geometry(try grid.sized(size), other: second, isOnlySize: second == nil, rule: rule)
    facts = GeometryAnalysis.facts(geometry, isAttributed: false)
    joint = GeometryAnalysis.joint(grid, geometry, facts)
    tiling = other.tiling
  }

  /// Work that the shares of single nodes may take in all, in node visits times phases.
  private static let attribution = 30_000_000

  private static func facts(_ geometry: GraphGeometry, isAttributed: Bool) -> [[AxisFacts]] {
    let outputs = geometry.sized.graph.outputs
    let share = isAttributed ? max(1, attribution / max(1, outputs.count * geometry.sources.count)) : 0
    return outputs.map { output in
      geometry.sources.indices.map { AxisFacts(geometry, sources: [$0], output: output, attribution: share) }
    }
  }

  /// Per output and image axis: all inputs that move with the image taken together.
  private static func joint(_ grid: InputGrid, _ geometry: GraphGeometry, _ facts: [[AxisFacts]]) -> [[AxisFacts]] {
    let sources = grid.axes.indices.map { GeometryAnalysis.sources(grid, geometry, axis: $0) }
    return zip(geometry.sized.graph.outputs, facts).map { output, own in
      sources.map { sources in
        sources.count == 1
          ? own[sources[0]] : AxisFacts(geometry, sources: sources, output: output, attribution: 1)
      }
    }
  }

  /// Indices in `geometry.sources` that follow one axis of the image: the image's own, then those of other inputs that
  /// move along.
  private static func sources(_ grid: InputGrid, _ geometry: GraphGeometry, axis: Int) -> [Int] {
    grid.movingInputs.compactMap { input in
      guard let own = input == grid.image ? grid.axes : grid.followingAxes(input) else { return nil }
      return geometry.sources.firstIndex { $0.input == input && $0.axis == own[axis] }
    }
  }

  package func sources(axis: Int) -> [Int] { GeometryAnalysis.sources(grid, geometry, axis: axis) }

  /// The joint period of all outputs; where one is not local or tied to the size, the longest period inside.
  package static func guessedPeriod(_ geometry: GraphGeometry, _ sources: [Int]) -> Int {
    if let period = period(geometry, sources) { return period }
    let inner = sources.lazy.flatMap { geometry.dependences[$0] }.compactMap(\.local).filter { local in
      !local.anchors.contains { $0.cause == .imageSize }
    }
    return inner.map(\.intervals.inputPeriod).max() ?? 1
  }

  /// The joint period of all outputs; nil where one is not local or tied to the size.
  private static func period(_ geometry: GraphGeometry, _ sources: [Int]) -> Int? {
    var result = 1
    for output in geometry.sized.graph.outputs {
      switch geometry.dependence(sources, output) {
      case .none: continue
      case .all, .unknown: return nil
      case .local(let local):
        if local.anchors.contains(where: { $0.cause == .imageSize }) { return nil }
        let p = local.intervals.inputPeriod
        let (product, overflow) = (result / greatestCommonDivisor(result, p)).multipliedReportingOverflow(by: p)
        if overflow || product > PeriodicIntervals.longestPeriod { return nil }
        result = product
      }
    }
    return result
  }

  /// Nodes that are sized in the scan of an axis; a graph of thousands of nodes is not scanned to the end.
  private static let scanLimit = 60_000

  private static func scan(_ grid: InputGrid, _ graph: Graph, _ start: [Int], _ periods: [Int]) -> [SizeScan] {
    guard let base = try? grid.sized(start, graph: graph),
      graph.outputs.allSatisfy({ base.types[$0.index] != nil })
    else { return [] }
    let geometry = grid.geometry(base)
    return grid.axes.indices.map { axis in
      let source = GeometryAnalysis.sources(grid, geometry, axis: axis)[0]
      return SizeScan(period: periods[axis], around: start[axis], limit: max(8, scanLimit / max(1, graph.nodes.count)))
      { n in
        var size = start
        size[axis] = n
        guard let sized = try? grid.sized(size, graph: graph), Seam.isSameNetwork(sized, base, geometry, source: source)
        else { return .fails }
        return Seam.isSeamless(sized, geometry, source: source) ? .seamless : .runs
      }
    }
  }

  /// The declared size, or the smallest seamless one above three receptive fields (256 where there is none).
  private static func size(
    _ grid: InputGrid, _ geometry: GraphGeometry, _ axes: [[Int]], _ scans: [SizeScan], _ start: [Int]
  ) -> [Int] {
    if let declared = grid.declaredSize { return declared }
    return axes.enumerated().map { position, sources in
      let widths = geometry.sized.graph.outputs.compactMap {
        geometry.dependence(sources, $0).local?.intervals.widths.max()
      }
      let least = widths.max().map { 3 * $0 + 1 } ?? 256
      guard position < scans.count else { return start[position] }
      let period = GeometryAnalysis.guessedPeriod(geometry, sources)
      let (seamless, runs) = (scans[position].seamless, scans[position].runs)
      let whole = least.dividedUp(by: period) * period
      if seamless?.contains(whole) ?? false { return whole }
      return seamless?.next(atLeast: least) ?? runs?.next(atLeast: least) ?? start[position]
    }
  }
}
