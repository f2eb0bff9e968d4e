import FCNGraph
import FCNONNX
package import FCNTensor

/// Digests and structural checks of a model file.
package struct VerificationReport: Sendable {
  package var files: [(path: String, sha256: String, bytes: Int)]
  package var nodes: Int
  package var unsupported: Int
  package var digest: String

  /// - Throws: `FCNError` if the file or its external data cannot be read.
  package init(_ model: Model) throws(FCNError) {
    do throws(ONNXError) {
      let digests = try model.source.digests()
      files = digests.files.map { ($0.path, $0.sha256, $0.bytes) }
      digest = digests.combined
    } catch { throw FCNError(error) }
    nodes = model.graph.nodes.count
    unsupported = model.graph.unsupportedNodes.count
  }

  package var json: JSONValue {
    .object([
      JSONMember("valid", .bool(true)), JSONMember("sha256", .string(digest)),
      JSONMember(
        "files",
        .array(
          files.map {
            .object([
              JSONMember("path", .string($0.path)), JSONMember("sha256", .string($0.sha256)),
              JSONMember("bytes", .integer($0.bytes)),
            ])
          })),
      JSONMember("nodes", .integer(nodes)), JSONMember("unsupported", .integer(unsupported)),
    ])
  }
}
