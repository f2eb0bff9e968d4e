package import FCNAnalysis
package import FCNGraph
import FCNTensor

extension Model {
  /// The geometry of the network, derived from its graph without running it.
  ///
  /// ```swift
  /// let model = try Model(path: "unet.onnx", engine: Engine())
  /// let geometry = try model.geometry()
  /// for axis in geometry.outputs[0].axes {
  ///   print(axis.name, axis.verdict, axis.receptiveField?.maximum ?? 0, axis.contamination.low)
  /// }
  /// ```
  ///
  /// - Parameter size: of the image (height, width, or depth, height, width) that borders are derived for; nil: the
  ///   size that the model declares, or the smallest seamless one above three receptive fields.
  /// - Throws: `FCNError.input` naming the node if the network runs at no size, or not at `size`.
  /// - Complexity: nodes · phases; well under a second for networks of some hundred nodes.
  public func geometry(size: [Int]? = nil) throws(FCNError) -> GeometryReport {
    let start = monotonicSeconds()
    let analysis = try geometryAnalysis(size: size)
    return GeometryReport(analysis, model: name, seconds: monotonicSeconds() - start)
  }

  package func geometryAnalysis(
    size: [Int]? = nil, rule: (Node, NodeSizing) -> SpatialRule = { $1.rule }
  ) throws(FCNError) -> GeometryAnalysis {
    let scanned = graph.unsupportedNodes.isEmpty ? try? optimizedGraph() : nil
    do throws(GraphError) {
      return try GeometryAnalysis(graph, scanned: scanned, size: size, rule: rule)
    } catch { throw FCNError(error) }
  }
}

extension Model {
  /// The geometry with every static statement tested by experiment: equivariance error over shifts, border profiles,
  /// effective receptive fields by reverse-mode gradients.
  ///
  /// ```swift
  /// let report = try model.analyze(AnalysisOptions(pictures: ["cells.png"]))
  /// for claim in report.measurement!.claims where claim.status == .contradicted { print(claim) }
  /// ```
  ///
  /// - Throws: `FCNError`: `.input` if the network runs at no size or a picture cannot be read, `.unsupported` with
  ///   every node that cannot be executed, `.resources`. A contradiction is no error here: see
  ///   `GeometryMeasurement.contradictions`.
  /// - Complexity: about 2·P + 5 runs of the network per axis and sample, at a size above the receptive field.
  public func analyze(_ options: AnalysisOptions = AnalysisOptions()) throws(FCNError) -> GeometryReport {
    try measured(options).report
  }

  /// As `analyze`; contradictions are saved in folders.
  package func analyze(
    _ options: AnalysisOptions, savingContradictionsTo path: String
  ) throws(FCNError) -> (report: GeometryReport, folders: [String]) {
    let (report, contradictions) = try measured(options)
    return (report, try ContradictionFolder.write(contradictions, model: name, to: path))
  }

  package func measured(
    _ options: AnalysisOptions, rule: (Node, NodeSizing) -> SpatialRule = { $1.rule }
  ) throws(FCNError) -> (report: GeometryReport, contradictions: [Contradiction]) {
    try checkSupported()
    let start = monotonicSeconds()
    let analysis = try geometryAnalysis(size: options.size, rule: rule)
    var report = GeometryReport(analysis, model: name, seconds: monotonicSeconds() - start)
    let pictures = options.pictures.isEmpty ? nil : try PictureCanvas(self, options: options)
    let optimized = try optimizedGraph()
    let experiments: GeometryExperiments
    do throws(ExperimentError) {
      experiments = try GeometryExperiments(
        analysis, optimized: optimized, backend: engine.direct, budget: engine.options.memoryBudget,
        samples: max(1, options.samples), seed: options.seed, rule: rule,
        onProgress: { options.onProgress?($0) },
        canvas: { (index, size) throws(ExperimentError) in
          do throws(TensorError) {
            if let pictures { return try pictures.canvas(index, size, analysis.grid) }
            return try Canvas(noise: options.seed &+ UInt64(index), grid: analysis.grid, size: size)
          } catch { throw .tensor(error) }
        })
    } catch { throw FCNError(error) }
    let source =
      options.pictures.isEmpty
      ? "noise, seed \(options.seed)" : options.pictures.map(Folder.name).joined(separator: ", ")
    report.measurement = GeometryMeasurement(experiments, source: source, seconds: monotonicSeconds() - start)
    return (report, experiments.contradictions)
  }
}

extension FCNError {
  init(_ error: ExperimentError) {
    switch error {
    case .graph(let error): self.init(error)
    case .runtime(let error): self.init(error)
    case .tensor(let error): self.init(error)
    }
  }
}
