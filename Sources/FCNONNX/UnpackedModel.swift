import COnnxProto

/// protobuf-c's tree of a skeleton; freed with this value.
struct UnpackedModel: ~Copyable {
  private let root: UnsafeMutablePointer<FcnOnnx__Model>

  /// - Throws: `ONNXError.invalid` if protobuf-c does not accept the bytes (or has no memory for them).
  init(skeleton: [UInt8]) throws(ONNXError) {
    guard let root = fcn_onnx__model__unpack(nil, skeleton.count, skeleton) else {
      throw ONNXError(.invalid, "damaged model: its structure cannot be parsed")
    }
    self.root = root
  }

  deinit { fcn_onnx__model__free_unpacked(root, nil) }

  /// The whole tree as plain values.
  func model() throws(ONNXError) -> ProtoModel {
    let model = root.pointee
    guard let graph = model.graph else { throw ONNXError(.invalid, "the model has no graph (or is not an ONNX file)") }
    return ProtoModel(
      irVersion: Int(model.ir_version), producerName: model.producer_name.string,
      producerVersion: model.producer_version.string, domain: model.domain.string,
      modelVersion: Int(model.model_version), description: model.description.string,
      opsets: operatorSets(model.operator_sets, model.n_operator_sets),
      metadata: entries(model.metadata, model.n_metadata), graph: ProtoGraph(graph.pointee),
      functions: list(model.functions, model.n_functions).map(ProtoFunction.init))
  }
}

extension ProtobufCBinaryData {
  fileprivate var string: String { String(decoding: UnsafeBufferPointer(start: data, count: len), as: UTF8.self) }

  /// `ai.onnx` and the empty domain are the same.
  fileprivate var domain: String {
    let name = string
    return name == "ai.onnx" ? "" : name
  }
}

private func strings(_ data: UnsafeMutablePointer<ProtobufCBinaryData>?, _ count: Int) -> [String] {
  UnsafeBufferPointer(start: data, count: count).map(\.string)
}

private func list<T>(_ items: UnsafeMutablePointer<UnsafeMutablePointer<T>?>?, _ count: Int) -> [T] {
  UnsafeBufferPointer(start: items, count: count).map { $0!.pointee }
}

private func entries(
  _ items: UnsafeMutablePointer<UnsafeMutablePointer<FcnOnnx__Entry>?>?, _ count: Int
) -> [(key: String, value: String)] {
  list(items, count).map { ($0.key.string, $0.value.string) }
}

private func operatorSets(
  _ items: UnsafeMutablePointer<UnsafeMutablePointer<FcnOnnx__OperatorSet>?>?, _ count: Int
) -> [(domain: String, version: Int)] {
  list(items, count).map { ($0.domain.domain, Int($0.version)) }
}

extension ProtoGraph {
  fileprivate init(_ graph: FcnOnnx__Graph) {
    self.init(
      name: graph.name.string, nodes: list(graph.nodes, graph.n_nodes).map(ProtoNode.init),
      initializers: list(graph.initializers, graph.n_initializers).map(ProtoTensor.init),
      sparseInitializers: list(graph.sparse_initializers, graph.n_sparse_initializers).map {
        $0.values.map { $0.pointee.name.string } ?? ""
      },
      inputs: list(graph.inputs, graph.n_inputs).map(ProtoValueInfo.init),
      outputs: list(graph.outputs, graph.n_outputs).map(ProtoValueInfo.init),
      values: list(graph.values, graph.n_values).map(ProtoValueInfo.init))
  }
}

extension ProtoFunction {
  fileprivate init(_ function: FcnOnnx__Function) {
    self.init(
      domain: function.domain.domain, name: function.name.string, overload: function.overload.string,
      inputs: strings(function.inputs, function.n_inputs), outputs: strings(function.outputs, function.n_outputs),
      attributeNames: strings(function.attribute_names, function.n_attribute_names),
      attributeDefaults: list(function.attribute_defaults, function.n_attribute_defaults).map(ProtoAttribute.init),
      opsets: operatorSets(function.operator_sets, function.n_operator_sets),
      nodes: list(function.nodes, function.n_nodes).map(ProtoNode.init))
  }
}

extension ProtoNode {
  fileprivate init(_ node: FcnOnnx__Node) {
    self.init(
      name: node.name.string, domain: node.domain.domain, operatorName: node.operator_.string,
      overload: node.overload.string, inputs: strings(node.inputs, node.n_inputs),
      outputs: strings(node.outputs, node.n_outputs),
      attributes: list(node.attributes, node.n_attributes).map(ProtoAttribute.init))
  }
}

extension ProtoAttribute {
  fileprivate init(_ attribute: FcnOnnx__Attribute) {
    self.init(
      name: attribute.name.string, value: ProtoAttributeValue(attribute), reference: attribute.reference.string)
  }
}

extension ProtoAttributeValue {
  /// By the declared kind; files of 2017 have none, there the field that is set decides.
  fileprivate init(_ attribute: FcnOnnx__Attribute) {
    switch attribute.has_kind != 0 ? attribute.kind : ProtoAttributeValue.kind(attribute) {
    case 1: self = .real(attribute.real)
    case 2: self = .integer(attribute.integer)
    case 3: self = .text(attribute.text.string)
    case 4: self = attribute.tensor.map { .tensor(ProtoTensor($0.pointee)) } ?? .other("TENSOR without a value")
    case 5: self = attribute.graph.map { .graph(ProtoGraph($0.pointee)) } ?? .other("GRAPH without a value")
    case 6: self = .reals(Array(UnsafeBufferPointer(start: attribute.reals, count: attribute.n_reals)))
    case 7: self = .integers(Array(UnsafeBufferPointer(start: attribute.integers, count: attribute.n_integers)))
    case 8: self = .texts(strings(attribute.texts, attribute.n_texts))
    case 9: self = .tensors(list(attribute.tensors, attribute.n_tensors).map(ProtoTensor.init))
    case 10: self = .graphs(list(attribute.graphs, attribute.n_graphs).map(ProtoGraph.init))
    case 11: self = .other("SPARSE_TENSOR")
    case 12: self = .other("SPARSE_TENSORS")
    case 13: self = .other("TYPE_PROTO")
    case 14: self = .other("TYPE_PROTOS")
    case let kind: self = .other("attribute type \(kind)")
    }
  }

  private static func kind(_ attribute: FcnOnnx__Attribute) -> Int32 {
    if attribute.has_real != 0 { return 1 }
    if attribute.has_integer != 0 { return 2 }
    if attribute.has_text != 0 { return 3 }
    if attribute.tensor != nil { return 4 }
    if attribute.graph != nil { return 5 }
    if attribute.n_reals > 0 { return 6 }
    if attribute.n_integers > 0 { return 7 }
    if attribute.n_texts > 0 { return 8 }
    if attribute.n_tensors > 0 { return 9 }
    return attribute.n_graphs > 0 ? 10 : 0
  }
}

extension ProtoTensor {
  fileprivate init(_ tensor: FcnOnnx__Tensor) {
    self.init(
      name: tensor.name.string, dims: Array(UnsafeBufferPointer(start: tensor.dims, count: tensor.n_dims)),
      type: ProtoElementType(tensor.element_type),
      payload: list(tensor.payload, tensor.n_payload).map { span in
        PayloadSpan(
          field: Int(span.field), isPacked: span.packed != 0,
          range: Int(span.offset)..<Int(span.offset) + Int(span.length))
      },
      isExternal: tensor.location == 1, external: entries(tensor.external, tensor.n_external),
      isSegment: tensor.segment != nil)
  }
}

extension ProtoValueInfo {
  fileprivate init(_ info: FcnOnnx__ValueInfo) {
    self.init(name: info.name.string, type: info.type.map { ProtoType($0.pointee) } ?? .undeclared)
  }
}

extension ProtoType {
  fileprivate init(_ type: FcnOnnx__Type) {
    if let tensor = type.tensor?.pointee {
      let dimensions = tensor.shape.map { list($0.pointee.dims, $0.pointee.n_dims).map(ProtoDimension.init) }
      self = .tensor(ProtoElementType(tensor.element_type), dimensions: dimensions)
    } else if type.sequence != nil {
      self = .other("sequence")
    } else if type.map != nil {
      self = .other("map")
    } else if type.optional_type != nil {
      self = .other("optional")
    } else if type.sparse_tensor != nil {
      self = .other("sparse tensor")
    } else {
      self = type.opaque != nil ? .other("opaque value") : .undeclared
    }
  }
}

extension ProtoDimension {
  fileprivate init(_ dimension: FcnOnnx__Dimension) {
    self = dimension.has_size != 0 ? .fixed(dimension.size) : .symbol(dimension.symbol.string)
  }
}
