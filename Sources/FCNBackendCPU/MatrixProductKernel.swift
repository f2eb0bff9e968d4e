import COpenBLAS
import FCNGraph
import FCNRuntime
import FCNTensor

/// MatMul and Gemm through OpenBLAS: single-threaded calls over column blocks whose shapes follow from the whole sizes,
/// so that bits depend on neither region nor threads; the output is always computed whole.
struct MatrixProductKernel: KernelFactory, StepKernel {
  private let gemm: Gemm?

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_matmul__openblas"
    if !candidate.isFloat32 { return .refused(name, "element type \(candidate.output.elementType.rawValue)") }
    guard let a = candidate.type(0), let b = candidate.type(1), a.shape.rank >= 2, b.shape.rank >= 2 else {
      return .refused(name, "vectors")
    }
    if (a.shape.dims + b.shape.dims).contains(0) { return .refused(name, "empty operands") }
    if case .matMul = candidate.node.op, b.shape.rank > 2, a.shape.dims.dropLast(2) != b.shape.dims.dropLast(2) {
      return .refused(name, "batches broadcast")
    }
    var offer = KernelOffer(name)
    offer.grain = candidate.output.shape.dims.map { max(1, $0) }
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    try loadOpenBLAS(for: step.node)
    if case .gemm(let payload) = candidate.node.op { return MatrixProductKernel(gemm: payload) }
    return MatrixProductKernel(gemm: nil)
  }

  func run(_ context: StepContext) {
    guard let a = context.inputs[0], let b = context.inputs[1], let y = context.outputs[0], !y.region.isEmpty else {
      return
    }
    let payload = gemm ?? Gemm()
    let rank = y.shape.rank
    let (m, n) = (y.shape[rank - 2], y.shape[rank - 1])
    let k = a.shape[a.shape.rank - (payload.transposesA ? 2 : 1)]
    if let c = context.inputs.count > 2 ? context.inputs[2] : nil { spread(c, y, Float(payload.beta), m, n) }
    let hasAddend = context.inputs.count > 2 && context.inputs[2] != nil
    let batches = y.count / (m * n)
    let block = 256
    let blocks = (n + block - 1) / block
    context.run(batches * blocks) { task, _ in
      let batch = task / blocks
      let column = task % blocks * block
      fcn_openblas_sgemm(
        payload.transposesA ? 1 : 0, payload.transposesB ? 1 : 0, CInt(m), CInt(min(block, n - column)), CInt(k),
        Float(payload.alpha), a.floats + batch * m * k, CInt(payload.transposesA ? m : k),
        b.floats + (b.shape.rank > 2 ? batch * k * n : 0) + (payload.transposesB ? column * k : column),
        CInt(payload.transposesB ? k : n), hasAddend ? 1 : 0, y.floats + batch * m * n + column, CInt(n))
    }
  }

  /// β·C, broadcast to m × n.
  private func spread(_ c: BufferView, _ y: BufferView, _ beta: Float, _ m: Int, _ n: Int) {
    let dims = Array(repeating: 1, count: 2 - c.shape.rank) + c.shape.dims
    for row in 0..<m {
      for column in 0..<n {
        y.floats[row * n + column] = beta * c.floats[(dims[0] == 1 ? 0 : row) * dims[1] + (dims[1] == 1 ? 0 : column)]
      }
    }
  }
}

/// - Throws: `unsupported` if the library is not there or is another.
func loadOpenBLAS(for node: Node) throws(RuntimeError) {
  if let failure = fcn_openblas_load() { throw RuntimeError(.unsupported, node: node.label, String(cString: failure)) }
}
