package import FCNGraph
package import FCNTensor

/// One test of one operator or a small chain: a graph, the values of its inputs, and how exact a kernel must be.
/// The same list serves as correctness test, benchmark and support table.
package struct OperatorCase: Sendable, CustomStringConvertible {
  package typealias Build = @Sendable (inout GraphBuilder) throws -> [ValueID]

  package let name: String
  package let seed: UInt64
  /// Terms that are summed for one output element.
  package let reduction: Int
  private let build: Build

  /// - Parameter build: adds inputs and nodes; returns the graph's outputs.
  package init(_ name: String, seed: UInt64 = 1, reduction: Int = 1, _ build: @escaping Build) {
    self.name = name
    self.seed = seed
    self.reduction = reduction
    self.build = build
  }

  package var description: String { name }

  /// Accepted |Δ| of a float32 kernel relative to the largest |expected|: 4·(4 + √K)·2⁻²³ for K terms.
  package var tolerance: Double { 4 * (4 + Double(reduction).squareRoot()) * 0x1p-23 }

  /// Multiplications and additions for `count` output elements.
  package func flops(outputs count: Int) -> Int { 2 * reduction * count }

  package func make() throws -> (graph: Graph, inputs: [HostTensor]) {
    var builder = GraphBuilder(seed: seed)
    let outputs = try build(&builder)
    return (try builder.graph(outputs: outputs), builder.inputs.map(\.tensor))
  }

  package static let all: [OperatorCase] =
    convolutions + transposedConvolutions + pools + resizes + layouts + unaries + binaries + reductions
    + normalizations + products + gridSamples + chains + blockedConvolutions + blockedMaps + blockedCells + blockedAxes
}
