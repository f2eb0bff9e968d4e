package import FCNGraph
package import FCNRuntime
import FCNTensor

/// All experiments on one network, and what they say of every static statement.
package struct GeometryExperiments {
  package let design: ExperimentDesign
  package private(set) var claims: [Claim] = []
  package private(set) var shifts: [ShiftOutcome] = []
  package private(set) var borders: [BorderOutcome] = []
  package private(set) var fields: [FieldOutcome] = []
  package private(set) var contradictions: [Contradiction] = []
  package let samples: Int

  /// - Parameters:
  ///   - analysis: what is tested.
  ///   - optimized: the graph after the passes, which is run.
  ///   - samples: images that the experiments are made on.
  ///   - rule: the rule that `analysis` was derived by.
  ///   - canvas: the inputs of sample `index`, at least as large as the given size.
  package init(
    _ analysis: GeometryAnalysis, optimized: Graph, backend: any Backend, budget: Int = .max, samples: Int,
    seed: UInt64, rule: (Node, NodeSizing) -> SpatialRule = { $1.rule }, onProgress: (Double) -> Void = { _ in },
    canvas: (_ index: Int, _ size: [Int]) throws(ExperimentError) -> Canvas
  ) throws(ExperimentError) {
    do throws(GraphError) { design = try ExperimentDesign(analysis, rule: rule) } catch {
      throw .graph(error)
    }
    self.samples = samples
    guard design.isFeasible else {
      let size = design.canvas.map(String.init).joined(separator: "x")
      throw .runtime(RuntimeError(.memory, "images of \(size), as the experiments need, are too large"))
    }
    let runner = NetworkRunner(optimized, backend: backend, budget: budget)
    var shift = ShiftExperiment(design)
    var border = BorderExperiment(design)
    var field = FieldExperiment(design)
    var generator = SeededGenerator(seed)
    let pass: GradientPass
    do throws(GraphError) {
      let graph = design.analysis.geometry.sized.graph
      pass = try GradientPass(
        design.analysis.geometry, outputs: design.outputs.map { graph.outputs[$0.index] }, backend: backend,
        budget: budget)
    } catch { throw .graph(error) }
    var gradientRefusal: String?
    var first: Canvas?
    for index in 0..<samples {
      let canvas = try canvas(index, design.canvas)
      first = first ?? canvas
      try shift.add(canvas, runner)
      onProgress((Double(index) + 0.5) / Double(samples))
      try border.add(canvas, runner)
      do throws(ExperimentError) {
        if gradientRefusal == nil { try field.add(canvas, pass, generator: &generator) }
      } catch {
        guard case .graph(let reason) = error, reason.code == .unsupported else { throw error }
        gradientRefusal = reason.description
      }
      onProgress(Double(index + 1) / Double(samples))
    }
    shifts = shift.outcomes
    borders = border.outcomes
    fields = field.outcomes
    let judge = ClaimJudge(design: design, shift: shift, border: border, field: field, gradientRefusal: gradientRefusal)
    claims = judge.claims
    claims += try sizes(analysis, runner, first)
    if let first { try explain(first, backend, budget) }
  }

  /// The smallest size that should run does.
  private func sizes(
    _ analysis: GeometryAnalysis, _ runner: NetworkRunner, _ canvas: Canvas?
  ) throws(ExperimentError) -> [Claim] {
    guard let canvas else { return [] }
    var claims: [Claim] = []
    for (axis, runs) in analysis.runs.enumerated() {
      guard let runs, runs.step > 0, runs.minimum <= design.canvas[axis] else { continue }
      var size = design.size
      size[axis] = runs.minimum
      let statement = "runs at size \(runs.minimum)"
      do throws(ExperimentError) {
        _ = try design.tensors(canvas, at: size.map { _ in 0 }, size: size, runner)
        claims.append(Claim("", analysis.grid.names[axis], statement, .confirmed))
      } catch {
        claims.append(Claim("", analysis.grid.names[axis], statement, .contradicted, error.text))
      }
    }
    return claims
  }

  /// For every contradiction the first node that fails, and the inputs of the two runs.
  private mutating func explain(_ canvas: Canvas, _ backend: any Backend, _ budget: Int) throws(ExperimentError) {
    for claim in claims where claim.status == .contradicted {
      contradictions.append(
        try FailureSearch(design: design, canvas: canvas, backend: backend, budget: budget).contradiction(claim))
    }
  }
}

extension ExperimentError {
  package var text: String {
    switch self {
    case .graph(let error): error.description
    case .runtime(let error): error.description
    case .tensor(let error): error.detail
    }
  }
}
