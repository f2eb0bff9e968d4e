package import FCNTensor

extension ModelFile {
  /// The tensor's values; `place` is what errors name, such as a node, if not the tensor itself. See `TensorReader`.
  package func tensor(_ proto: ProtoTensor, _ place: String? = nil) throws(ONNXError) -> HostTensor {
    try TensorReader(source: source, external: external, limits)
      .tensor(proto, place ?? "tensor \(proto.name)")
  }
}
