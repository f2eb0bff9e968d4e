package import FCNAnalysis
import FCNGraph

extension GeometryReport {
  package init(_ analysis: GeometryAnalysis, model: String, seconds: Double) {
    let graph = analysis.geometry.sized.graph
    func name(_ node: Int) -> String { graph.nodes[node].name }
    func reasons(_ list: [GeometryReason]) -> [Reason] { list.map { Reason(node: name($0.node), reason: $0.text) } }
    self.model = model
    input = graph[graph.inputs[analysis.grid.image]].name
    axisNames = analysis.grid.names
    size = analysis.size
    outputs = zip(graph.outputs, zip(analysis.facts, analysis.joint)).map { id, all in
      let (facts, joint) = all
      func axes(_ input: Int) -> [Axis] { facts.filter { $0.source.input == input }.map { Axis($0, graph) } }
      let others = Set(analysis.geometry.sources.map(\.input)).subtracting([analysis.grid.image]).sorted()
      return Output(
        name: graph[id].name, axes: joint.map { Axis($0, graph) },
        inputs: others.map { Input(name: graph[graph.inputs[$0]].name, axes: axes($0)) })
    }
    sizes = analysis.grid.names.enumerated().map { index, name in
      Sizes(
        axis: name, runs: index < analysis.runs.count ? analysis.runs[index].map(SizeClass.init) : nil,
        seamless: index < analysis.seamless.count ? analysis.seamless[index].map(SizeClass.init) : nil)
    }
    tiling = Tiling(
      isExact: analysis.tiling.isExact,
      axes: analysis.tiling.axes.map {
        Tiling.Axis(name: $0.name, originMultiple: $0.originMultiple, low: $0.low, high: $0.high)
      },
      refusals: reasons(analysis.tiling.refusals))
    self.seconds = seconds
  }
}

extension GeometryReport.SizeClass {
  init(_ sizes: CompatibleSizes) { self.init(minimum: sizes.minimum, step: sizes.step, residues: sizes.residues) }
}

extension GeometryReport.Axis {
  init(_ facts: AxisFacts, _ graph: Graph) {
    func name(_ node: Int?) -> String { node.map { graph.nodes[$0].name } ?? "" }
    self.name = facts.source.name
    verdict = GeometryReport.Verdict(rawValue: facts.verdict.rawValue)!
    if let intervals = facts.intervals {
      period = GeometryReport.Period(input: intervals.inputPeriod, output: intervals.outputPeriod)
      let widths = intervals.widths.filter { $0 > 0 }
      receptiveField = GeometryReport.ReceptiveField(
        minimum: widths.min() ?? 0, maximum: widths.max() ?? 0, phases: intervals.relative)
    }
    func share(_ share: BorderShare) -> GeometryReport.Contamination.Share {
      GeometryReport.Contamination.Share(
        node: name(share.node), cause: share.cause.rawValue, low: share.depth.low, high: share.depth.high)
    }
    contamination = GeometryReport.Contamination(
      low: facts.depth.low, high: facts.depth.high, size: facts.source.size, outputSize: facts.outputSize,
      causes: facts.causes.map(share), nodes: facts.nodes.map(share))
    func change(_ change: PeriodChange) -> GeometryReport.Breaker {
      GeometryReport.Breaker(node: name(change.node), from: change.from, to: change.to)
    }
    breakers = facts.breakers.map(change)
    relievers = facts.relievers.map(change)
    reasons = facts.reasons.map { GeometryReport.Reason(node: name($0.node), reason: $0.text) }
    growth = facts.growth.map { step in
      GeometryReport.GrowthStep(
        node: name(step.node), operatorName: graph.nodes[step.node].origin.operatorName,
        period: GeometryReport.Period(input: step.inputPeriod, output: step.outputPeriod), minimum: step.smallestWidth,
        maximum: step.largestWidth)
    }
  }
}
