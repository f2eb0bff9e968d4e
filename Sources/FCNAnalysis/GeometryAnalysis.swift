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
    let rough = GraphGeometry(try grid.sized(start), fixedInputs: grid.fixedInputs, rule: rule)
    let axes = rough.sources.indices.filter { rough.sources[$0].input == grid.image }
    let periods = axes.map { GeometryAnalysis.guessedPeriod(rough, $0) }
    let scans = GeometryAnalysis.scan(grid, scanned ?? graph, start, periods)
    runs = scans.map(\.runs)
    seamless = scans.map(\.seamless)
    let chosen = size ?? GeometryAnalysis.size(grid, rough, axes, scans, start)
    self.size = chosen
    var sized = rough.sized
    if chosen != start { sized = try grid.sized(chosen) }
    // One period larger along every axis: what differs there follows from the size.
    var larger = chosen
    for (axis, period) in periods.enumerated() { larger[axis] += period }
    let other = try? grid.sized(larger)
    geometry = GraphGeometry(
      sized, other: other, fixedInputs: grid.fixedInputs, isOnlySize: other == nil || chosen == grid.declaredSize,
      rule: rule)
    facts = GeometryAnalysis.facts(geometry, attributes: true)
    tiling = TilingRule(facts.map { facts in facts.filter { $0.source.input == grid.image } })
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
    let sources = other.imageSources
    let larger = size.indices.map { size[$0] + GeometryAnalysis.guessedPeriod(other.geometry, sources[$0]) }
    let second = try? other.grid.sized(larger)
    let geometry = GraphGeometry(
      try other.grid.sized(size), other: second, fixedInputs: other.grid.fixedInputs, isOnlySize: second == nil,
      rule: rule)
    self.geometry = geometry
    facts = GeometryAnalysis.facts(geometry, attributes: false)
    tiling = other.tiling
  }

  private static func facts(_ geometry: GraphGeometry, attributes: Bool) -> [[AxisFacts]] {
    geometry.sized.graph.outputs.map { output in
      geometry.sources.indices.map { AxisFacts(geometry, source: $0, output: output, attributes: attributes) }
    }
  }

  /// Indices in `geometry.sources` of the axes of the image input.
  package var imageSources: [Int] { geometry.sources.indices.filter { geometry.sources[$0].input == grid.image } }

  /// The joint period of all outputs; where one is not local or tied to the size, the longest period inside.
  package static func guessedPeriod(_ geometry: GraphGeometry, _ source: Int) -> Int {
    if let period = period(geometry, source) { return period }
    let inner = geometry.dependences[source].lazy.compactMap(\.local).filter { local in
      !local.anchors.contains { $0.cause == .imageSize }
    }
    return inner.map(\.intervals.inputPeriod).max() ?? 1
  }

  /// The joint period of all outputs; nil where one is not local or tied to the size.
  private static func period(_ geometry: GraphGeometry, _ source: Int) -> Int? {
    var result = 1
    for output in geometry.sized.graph.outputs {
      switch geometry.dependence(source, output) {
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
    guard let base = try? grid.sized(start, graph: graph) else { return [] }
    let geometry = GraphGeometry(base)
    return grid.axes.indices.map { axis in
      let source = geometry.sources.firstIndex { $0.input == grid.image && $0.axis == grid.axes[axis] }!
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
    _ grid: InputGrid, _ geometry: GraphGeometry, _ axes: [Int], _ scans: [SizeScan], _ start: [Int]
  ) -> [Int] {
    if let declared = grid.declaredSize { return declared }
    return axes.enumerated().map { position, source in
      let widths = geometry.sized.graph.outputs.compactMap {
        geometry.dependence(source, $0).local?.intervals.widths.max()
      }
      let least = widths.max().map { 3 * $0 + 1 } ?? 256
      guard position < scans.count else { return start[position] }
      let period = GeometryAnalysis.guessedPeriod(geometry, source)
      let (seamless, runs) = (scans[position].seamless, scans[position].runs)
      let whole = least.dividedUp(by: period) * period
      if seamless?.contains(whole) ?? false { return whole }
      return seamless?.next(atLeast: least) ?? runs?.next(atLeast: least) ?? start[position]
    }
  }
}
