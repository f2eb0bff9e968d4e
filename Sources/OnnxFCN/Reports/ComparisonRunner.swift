import FCNGraph
import FCNRuntime
package import FCNTensor

/// Backends against each other, or against expected tensors.
package struct ComparisonReport: Sendable {
  package struct Row: Sendable {
    package var backend: String
    package var against: String
    package var value: String
    package var comparison: TensorComparison
  }

  package var rows: [Row] = []
  /// Compared step by step, the first that diverged: its label and both tensors.
  package var divergence: Divergence?
  package var layersCompared = 0

  package struct Divergence: Sendable {
    package var node: String
    package var backend: String
    package var got: Tensor
    package var expected: Tensor
    package var comparison: TensorComparison
  }

  package var isEqual: Bool { divergence == nil && rows.allSatisfy(\.comparison.isEqual) }

  package var json: JSONValue {
    func number(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .string("\(value)") }
    return .object([
      JSONMember("equal", .bool(isEqual)), JSONMember("layersCompared", .integer(layersCompared)),
      JSONMember(
        "outputs",
        .array(
          rows.map {
            .object([
              JSONMember("backend", .string($0.backend)), JSONMember("against", .string($0.against)),
              JSONMember("output", .string($0.value)), JSONMember("equal", .bool($0.comparison.isEqual)),
              JSONMember("maxDifference", number($0.comparison.largestDifference)),
              JSONMember("maxExpected", number($0.comparison.largestExpected)),
              JSONMember("mismatches", .integer($0.comparison.mismatches)),
              JSONMember("count", .integer($0.comparison.count)),
            ])
          })),
      JSONMember("divergence", divergence.map { .string($0.node) } ?? .null),
    ])
  }
}

package struct ComparisonRunner {
  /// What goes in.
  package enum Inputs: Sendable {
    case tensors([Tensor])
    /// Seeded noise.
    case noise(seed: UInt64, InputSizes)
  }

  private let model: Model
  private let tolerance: Tolerance
  private let allowance: Double

  /// - Parameter allowance: mismatches that are forgiven, per million elements.
  package init(model: Model, tolerance: Tolerance, allowance: Double = 0) {
    self.model = model
    self.tolerance = tolerance
    self.allowance = allowance
  }

  private func tensors(_ inputs: Inputs) throws(FCNError) -> [HostTensor] {
    switch inputs {
    case .tensors(let list): return list.map(\.host)
    case .noise(let seed, let sizes): return try BenchRunner.noise(model, try sizes.shapes(of: model), seed: seed)
    }
  }

  /// The first backend's outputs against each other one's.
  package func run(_ inputs: Inputs, backends: [String], perLayer: Bool) throws(FCNError) -> ComparisonReport {
    let inputs = try tensors(inputs)
    guard backends.count >= 2 else { throw FCNError(.usage, "backends: expected at least two, got \(backends)") }
    var report = ComparisonReport()
    for other in backends.dropFirst() {
      if perLayer {
        try layers(inputs, backends[0], other, &report)
        if report.divergence != nil { break }
      }
      let got = try model.run(inputs, backend: backends[0])
      let expected = try model.run(inputs, backend: other)
      add(got, expected, backends[0], other, &report)
    }
    return report
  }

  /// One backend's outputs against given tensors.
  package func run(_ inputs: Inputs, backends: [String], expected: [Tensor]) throws(FCNError) -> ComparisonReport {
    let inputs = try tensors(inputs)
    guard expected.count == model.graph.outputs.count else {
      throw FCNError(.input, "expected tensors: expected \(model.graph.outputs.count), got \(expected.count)")
    }
    var report = ComparisonReport()
    for backend in backends {
      add(try model.run(inputs, backend: backend), expected.map(\.host), backend, "expected", &report)
    }
    return report
  }

  private func add(
    _ got: [HostTensor], _ expected: [HostTensor], _ backend: String, _ other: String, _ report: inout ComparisonReport
  ) {
    for (id, (a, b)) in zip(model.graph.outputs, zip(got, expected)) {
      report.rows.append(
        .init(
          backend: backend, against: other, value: model.graph[id].name,
          comparison: TensorComparison(a, expected: b, tolerance, allowance: allowance)))
    }
  }

  private func layers(
    _ inputs: [HostTensor], _ backend: String, _ other: String, _ report: inout ComparisonReport
  ) throws(FCNError) {
    let shapes = inputs.map(\.shape)
    let comparison = LayerComparison(
      first: try model.prepared(shapes, backend: backend), second: try model.prepared(shapes, backend: other),
      backend: backend, tolerance: tolerance, allowance: allowance)
    do throws(RuntimeError) {
      let result = try comparison.run(inputs)
      report.divergence = result.divergence
      report.layersCompared = result.count
    } catch { throw FCNError(error) }
  }
}
