package import FCNAnalysis
import FCNGraph
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
  /// - Parameter size: of the image (height, width, or depth, height, width) that borders are derived for; nil: the size
  ///   that the model declares, or the smallest seamless one above three receptive fields.
  /// - Throws: `FCNError.input` naming the node if the network runs at no size, or not at `size`.
  /// - Complexity: nodes · phases; well under a second for networks of some hundred nodes.
  public func geometry(size: [Int]? = nil) throws(FCNError) -> GeometryReport {
    let start = monotonicSeconds()
    let analysis = try geometryAnalysis(size: size)
    return GeometryReport(analysis, model: name, seconds: monotonicSeconds() - start)
  }

  package func geometryAnalysis(size: [Int]? = nil) throws(FCNError) -> GeometryAnalysis {
    let scanned = graph.unsupportedNodes.isEmpty ? try? optimizedGraph() : nil
    do throws(GraphError) {
      return try GeometryAnalysis(graph, scanned: scanned, size: size)
    } catch { throw FCNError(error) }
  }
}
