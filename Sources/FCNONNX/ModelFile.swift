import FCNTensor

/// An opened ONNX model: its structure as plain values, its weights where they lie.
///
/// Opening reads the structure only. Weights are spans of the mapped file, or of external files beside it, and are not
/// copied unless the format spreads them over varints. Source: ONNX IR 3–14, onnx.proto.
package final class ModelFile: Sendable {
  /// The path, or the given name of a model from memory; for messages.
  package let name: String
  package let model: ProtoModel
  package let limits: LoaderLimits
  package let source: ModelBytes
  let external: ExternalFiles

  /// - Parameter maps: false reads the whole file into memory instead.
  /// - Throws: `ONNXError.file`, `.invalid`, `.limit`.
  package convenience init(path: String, limits: LoaderLimits = LoaderLimits(), maps: Bool = true) throws(ONNXError) {
    let file: MappedFile
    do throws(TensorError) {
      file = try MappedFile(path: path, limit: limits.fileBytes, maps: maps)
    } catch { throw ONNXError(error) }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    try self.init(.mapped(file), name: path, folder: folder, limits: limits, maps: maps)
  }

  /// A model from memory.
  /// - Parameter folder: where its external data lies; nil refuses external data.
  package convenience init(
    bytes: [UInt8], name: String = "model", folder: String? = nil, limits: LoaderLimits = LoaderLimits()
  ) throws(ONNXError) {
    try self.init(ModelBytes(copying: bytes), name: name, folder: folder, limits: limits, maps: true)
  }

  private init(
    _ source: ModelBytes, name: String, folder: String?, limits: LoaderLimits, maps: Bool
  ) throws(ONNXError) {
    self.source = source
    self.name = name
    self.limits = limits
    external = ExternalFiles(folder: folder, limits: limits, maps: maps)
    let skeleton: [UInt8]
    do throws(ONNXError) {
      skeleton = try WireScanner.skeleton(of: source, limits: limits)
      model = try UnpackedModel(skeleton: skeleton).model()
    } catch { throw error.at(name) }
  }

  /// Whether no file that is mapped was touched since it was opened.
  package var isUnchanged: Bool {
    source.isUnchanged && external.opened.allSatisfy { $0.file.isUnchanged() }
  }
}
