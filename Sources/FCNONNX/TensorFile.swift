package import FCNTensor

/// A single tensor in ONNX's own form (`TensorProto`), the `.pb` files of the ONNX test suites.
package enum TensorFile {
  /// - Throws: `ONNXError` as for the tensors of a model; external data is refused.
  package static func read(path: String, limits: LoaderLimits = LoaderLimits()) throws(ONNXError) -> HostTensor {
    let file: MappedFile
    do throws(TensorError) {
      file = try MappedFile(path: path, limit: limits.fileBytes)
    } catch { throw ONNXError(error) }
    do throws(ONNXError) { return try decode(.mapped(file), limits) } catch { throw error.at(path) }
  }

  package static func decode(_ bytes: [UInt8], limits: LoaderLimits = LoaderLimits()) throws(ONNXError) -> HostTensor {
    try decode(try ModelBytes(copying: bytes), limits)
  }

  /// The bytes are scanned where they lie, as the one initialiser of an empty graph.
  private static func decode(_ source: ModelBytes, _ limits: LoaderLimits) throws(ONNXError) -> HostTensor {
    let skeleton = try WireScanner.skeleton(ofTensor: source, limits: limits)
    let model = try UnpackedModel(skeleton: skeleton).model()
    let reader = TensorReader(source: source, external: ExternalFiles(folder: nil, limits: limits, maps: true), limits)
    return try reader.tensor(model.graph.initializers[0], "tensor")
  }
}
