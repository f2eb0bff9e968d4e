/// A model as the file says it, before it is understood: plain values, texts repaired to UTF-8, weights as spans.
package struct ProtoModel: Sendable {
  package var irVersion: Int
  package var producerName: String
  package var producerVersion: String
  package var domain: String
  package var modelVersion: Int
  package var description: String
  /// Domain (empty for ai.onnx) and version, in file order.
  package var opsets: [(domain: String, version: Int)]
  package var metadata: [(key: String, value: String)]
  package var graph: ProtoGraph
  package var functions: [ProtoFunction]
}

package struct ProtoGraph: Sendable {
  package var name: String
  package var nodes: [ProtoNode]
  package var initializers: [ProtoTensor]
  /// Initialisers in sparse form, which is not read.
  package var sparseInitializers: [String]
  package var inputs: [ProtoValueInfo]
  package var outputs: [ProtoValueInfo]
  /// Declared types of inner values.
  package var values: [ProtoValueInfo]
}

/// A function that the model brings along; a node with its domain and name stands for its nodes.
package struct ProtoFunction: Sendable {
  package var domain: String
  package var name: String
  package var overload: String
  package var inputs: [String]
  package var outputs: [String]
  package var attributeNames: [String]
  package var attributeDefaults: [ProtoAttribute]
  package var opsets: [(domain: String, version: Int)]
  package var nodes: [ProtoNode]
}

package struct ProtoNode: Sendable {
  package var name: String
  package var domain: String
  package var operatorName: String
  package var overload: String
  /// Empty text: an optional input that is left out, or an output that nobody wants.
  package var inputs: [String]
  package var outputs: [String]
  package var attributes: [ProtoAttribute]
}

package struct ProtoAttribute: Sendable {
  package var name: String
  package var value: ProtoAttributeValue
  /// Inside a function: the attribute of the calling node that this one stands for; else empty.
  package var reference: String
}

package enum ProtoAttributeValue: Sendable {
  case real(Float)
  case integer(Int64)
  case text(String)
  case tensor(ProtoTensor)
  case graph(ProtoGraph)
  case reals([Float])
  case integers([Int64])
  case texts([String])
  case tensors([ProtoTensor])
  case graphs([ProtoGraph])
  /// Sparse tensors and types.
  case other(String)

  /// For messages.
  var kind: String {
    switch self {
    case .real: "FLOAT"
    case .integer: "INT"
    case .text: "STRING"
    case .tensor: "TENSOR"
    case .graph: "GRAPH"
    case .reals: "FLOATS"
    case .integers: "INTS"
    case .texts: "STRINGS"
    case .tensors: "TENSORS"
    case .graphs: "GRAPHS"
    case .other(let name): name
    }
  }
}

package struct ProtoTensor: Sendable {
  package var name: String
  package var dims: [Int64]
  package var type: ProtoElementType
  /// Where the values lie in the model file, in file order.
  package var payload: [PayloadSpan]
  package var isExternal: Bool
  /// Keys and values of `external_data`.
  package var external: [(key: String, value: String)]
  /// Part of a larger tensor, a form that no exporter writes.
  var isSegment: Bool
}

package struct ProtoValueInfo: Sendable {
  package var name: String
  package var type: ProtoType
}

package enum ProtoType: Sendable {
  /// `dimensions` is nil when even the rank is open.
  case tensor(ProtoElementType, dimensions: [ProtoDimension]?)
  /// Sequences, maps, optionals, sparse and opaque values.
  case other(String)
  case undeclared
}

package enum ProtoDimension: Sendable, Hashable {
  case fixed(Int64)
  case symbol(String)
}
