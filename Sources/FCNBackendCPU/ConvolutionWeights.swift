import FCNGraph
import FCNRuntime
import FCNTensor

/// The weights of a convolution in a kernel's own form: one matrix for each group and phase, one after the other.
struct ConvolutionWeights: Sendable {
  private let store: FloatStore
  private let starts: [[Int]]

  /// - Parameters:
  ///   - rows: rows that a matrix is given; at least the group's output channels.
  ///   - write: puts `plain`, one row of `depth` terms per output channel, to its place.
  /// - Throws: `RuntimeError.memory`.
  init(
    _ candidate: Candidate, _ geometry: ConvolutionGeometry, rows: Int,
    write: (_ plain: [Float], _ depth: Int, _ place: UnsafeMutablePointer<Float>) -> Void
  ) throws(RuntimeError) {
    var starts: [[Int]] = []
    var total = 0
    for _ in 0..<geometry.groups {
      starts.append(
        geometry.phases.indices.map { phase in
          defer { total += rows * geometry.depth(phase) }
          return total
        })
    }
    let store = try FloatStore(count: total)
    let source = try candidate.weights()
    let isTransposed = if case .convTranspose = candidate.node.op { true } else { false }
    source.withElements(Float.self) { source in
      for group in 0..<geometry.groups {
        for phase in geometry.phases.indices {
          let plain = geometry.weights(source, group: group, phase: phase, transposed: isTransposed)
          write(plain, geometry.depth(phase), store.pointer + starts[group][phase])
        }
      }
    }
    candidate.releaseWeights()
    self.store = store
    self.starts = starts
  }

  subscript(group: Int, phase: Int) -> UnsafeMutablePointer<Float> { store.pointer + starts[group][phase] }
}
