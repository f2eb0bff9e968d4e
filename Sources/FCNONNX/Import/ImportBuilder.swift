import FCNGraph
import FCNTensor

/// The graph under construction.
final class ImportBuilder {
  var values: [Value] = []
  var nodes: [Node] = []
  /// Names of the main graph.
  var names: [String: ValueID] = [:]
  /// Initialisers of types that are not read, with the reason.
  var unreadable: [String: String] = [:]
  /// Outputs of constant nodes and what stands in their place.
  var replaced: [ValueID: ValueID] = [:]
  /// Nodes read, calls of functions and what they call included.
  var readNodes = 0
  private var declared: [String: ProtoValueInfo] = [:]

  func value(_ name: String, declared key: String? = nil) -> ValueID {
    values.append(Value(name: name))
    let id = ValueID(values.count - 1)
    if let info = declared[key ?? name] { setType(id, info) }
    return id
  }

  func constant(_ tensor: HostTensor, name: String) -> ValueID {
    values.append(Value(name: name, constant: tensor))
    return ValueID(values.count - 1)
  }

  func isConstant(_ name: String) -> Bool { names[name].map { values[$0.index].constant != nil } ?? false }

  func declare(_ info: ProtoValueInfo) { declared[info.name] = info }

  func setType(_ id: ValueID, _ info: ProtoValueInfo) {
    guard case .tensor(let type, let dimensions) = info.type, values[id.index].constant == nil else { return }
    values[id.index].elementType = type.elementType
    values[id.index].dimensions = dimensions?.map { dimension in
      switch dimension {
      case .fixed(let size): size >= 0 && size <= Int64(Shape.largestDimension) ? .fixed(Int(size)) : .symbol("")
      case .symbol(let name): .symbol(name)
      }
    }
  }

  /// A name made from others, cut so that calls within calls cannot make it grow.
  static func shortened(_ name: String) -> String {
    name.utf8.count <= 1024 ? name : String(decoding: name.utf8.prefix(1021), as: UTF8.self) + "…"
  }

  /// The rank of a value, as far as the file says.
  func rank(_ id: ValueID) -> Int? { values[id.index].dimensions?.count }
}
