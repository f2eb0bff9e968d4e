package import FCNGraph

/// A model file with the graph that it describes. The graph's constants share the file's pages.
package final class ImportedModel: Sendable {
  package let graph: Graph
  package let producer: String
  package let irVersion: Int
  private let file: ModelFile

  /// - Throws: `ONNXError`: `.file` if it cannot be read, `.invalid`, `.unsafe`, `.limit` for its content. Unsupported
  ///   nodes are no error: they are in the graph.
  package convenience init(path: String, mapsFile: Bool = true) throws(ONNXError) {
    try self.init(try ModelFile(path: path, maps: mapsFile))
  }

  /// - Parameter folder: where external data lies; nil refuses it.
  package convenience init(bytes: [UInt8], name: String, folder: String? = nil) throws(ONNXError) {
    try self.init(try ModelFile(bytes: bytes, name: name, folder: folder))
  }

  private init(_ file: ModelFile) throws(ONNXError) {
    do throws(ONNXError) {
      graph = try GraphImporter.graph(file.model, limits: file.limits) { (tensor, place) throws(ONNXError) in
        try file.tensor(tensor, place)
      }
    } catch { throw ONNXError(error.code, node: file.name, error.description) }
    producer = [file.model.producerName, file.model.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
    irVersion = file.model.irVersion
    self.file = file
  }

  /// Whether no mapped file was touched since it was opened.
  package var isUnchanged: Bool { file.isUnchanged }

  package func digests() throws(ONNXError) -> ModelDigests { try file.digests() }
}
