import FCNONNX
package import FCNTensor

/// Every ONNX operator that this build executes.
package struct OperatorReport: Sendable {
  package struct Row: Sendable {
    package var name: String
    package var since: Int
    package var last: Int
    package var removed: Int?
  }

  package let rows = OperatorTable.all.map {
    Row(name: $0.name, since: $0.since, last: $0.last, removed: $0.removed)
  }

  package init() {}

  package var lines: [String] {
    rows.map { row in
      let opsets = "\(row.since)…\(row.removed.map { "\($0 - 1)" } ?? "\(OperatorTable.newestOpset)")"
      return row.name.padded(28) + opsets.padded(10) + "cpu reference"
    } + ["\(rows.count) operators of ai.onnx up to opset \(OperatorTable.newestOpset)"]
  }

  package var json: JSONValue {
    .object([
      JSONMember("opset", .integer(OperatorTable.newestOpset)),
      JSONMember(
        "operators",
        .array(
          rows.map {
            .object([
              JSONMember("name", .string($0.name)), JSONMember("domain", "ai.onnx"),
              JSONMember("since", .integer($0.since)), JSONMember("lastDefinition", .integer($0.last)),
              JSONMember("removed", JSONValue($0.removed)),
              JSONMember("backends", ["cpu", "vulkan", "reference", "reference64"]),
            ])
          })),
    ])
  }
}

extension String {
  /// Filled with spaces to `width`.
  package func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}

/// `12.3 GFLOP`: three digits with a decimal prefix.
package func engineering(_ value: Double, _ unit: String) -> String {
  let prefixes = ["", "k", "M", "G", "T", "P"]
  var scaled = value
  var index = 0
  while scaled >= 1000, index < prefixes.count - 1 {
    scaled /= 1000
    index += 1
  }
  return "\(short(scaled)) \(prefixes[index])\(unit)"
}

/// `12.3 MiB`
package func binary(_ bytes: Int) -> String {
  let prefixes = ["B", "KiB", "MiB", "GiB", "TiB"]
  var scaled = Double(bytes)
  var index = 0
  while scaled >= 1024, index < prefixes.count - 1 { scaled /= 1024; index += 1 }
  return "\(short(scaled)) \(prefixes[index])"
}
