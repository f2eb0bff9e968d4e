import FCNTensor

/// What a model consists of on disk, each part bound by SHA-256.
package struct ModelDigests: Sendable {
  /// The model file first, then external files in order of first use; paths of those are relative to its folder.
  package var files: [(path: String, sha256: String, bytes: Int)]

  /// One digest for everything: of the lines `sha256  path` of external files after the model's own digest. A model
  /// without external data has the digest of its file.
  package var combined: String {
    guard files.count > 1 else { return files.first?.sha256 ?? "" }
    var text = files[0].sha256 + "\n"
    for file in files.dropFirst() { text += "\(file.sha256)  \(file.path)\n" }
    return Array(text.utf8).withUnsafeBytes { SHA256.hex(of: $0) }
  }
}

extension ModelFile {
  /// Digests of the model file and of every external file that a tensor names. Cost: reads everything once.
  /// - Throws: `ONNXError` if external data is unsafe or cannot be opened.
  package func digests() throws(ONNXError) -> ModelDigests {
    for entries in model.graph.externalData + model.functions.flatMap({ $0.nodes.flatMap(\.externalData) }) {
      try external.open(try ExternalLocation(entries))
    }
    let hash = withExtendedLifetime(source) { SHA256.hex(of: source.bytes) { source.release($0) } }
    var files = [(path: name, sha256: hash, bytes: source.bytes.count)]
    for (path, file) in external.opened {
      files.append((path, SHA256.hex(of: file.bytes) { file.releasePages($0) }, file.bytes.count))
    }
    return ModelDigests(files: files)
  }
}

extension ProtoGraph {
  /// The `external_data` entries of every tensor, those of attributes and subgraphs included.
  fileprivate var externalData: [[(key: String, value: String)]] {
    initializers.filter(\.isExternal).map(\.external) + nodes.flatMap(\.externalData)
  }
}

extension ProtoNode {
  fileprivate var externalData: [[(key: String, value: String)]] {
    attributes.flatMap { attribute -> [[(key: String, value: String)]] in
      switch attribute.value {
      case .tensor(let tensor): tensor.isExternal ? [tensor.external] : []
      case .tensors(let tensors): tensors.filter(\.isExternal).map(\.external)
      case .graph(let graph): graph.externalData
      case .graphs(let graphs): graphs.flatMap(\.externalData)
      case .real, .integer, .text, .reals, .integers, .texts, .other: []
      }
    }
  }
}
