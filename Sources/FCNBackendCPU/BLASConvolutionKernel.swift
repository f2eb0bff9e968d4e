import COpenBLAS
import FCNGraph
import FCNRuntime
import FCNTensor

/// Convolution and transposed convolution as panels times weights through OpenBLAS: single-threaded calls of one
/// constant shape, since its results depend on a column's place in the panel; panels are anchored to global multiples
/// and zero-filled at edges.
struct BLASConvolutionKernel: KernelFactory, StepKernel {
  private let loop: ConvolutionLoop
  private let weights: ConvolutionWeights
  private let columns: Int

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let kind = if case .convTranspose = candidate.node.op { "convtranspose" } else { "conv" }
    let name = "fcn_f32_\(kind)_im2col__openblas"
    if let reason = convolutionRefusal(candidate) { return .refused(name, reason) }
    guard let geometry = geometry(candidate) else {
      return .refused(name, "no axis, over three, too many phases, or empty")
    }
    return convolutionOffer(name, ConvolutionLoop.scratchBytes(geometry, strip: geometry.panelColumns(strip: 16)))
  }

  private static func geometry(_ candidate: Candidate) -> ConvolutionGeometry? {
    ConvolutionGeometry(candidate, panelFloats: 1 << 17, minimumColumns: 128)
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    try loadOpenBLAS(for: step.node)
    return try BLASConvolutionKernel(candidate, step)
  }

  private init(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) {
    let geometry = BLASConvolutionKernel.geometry(candidate)!
    weights = try ConvolutionWeights(candidate, geometry, rows: geometry.outputChannels) { plain, _, place in
      plain.withUnsafeBufferPointer { plain in
        if let base = plain.baseAddress { place.update(from: base, count: plain.count) }
      }
    }
    columns = geometry.panelColumns(strip: 16)
    loop = ConvolutionLoop(
      geometry: geometry, table: candidate.table, strip: columns, bias: convolutionBias(candidate),
      activation: step.activation.flatMap(Activation.init) ?? .none)
  }

  func run(_ context: StepContext) {
    let geometry = loop.geometry
    loop.run(context) { group, phase, panel, acc in
      let depth = geometry.depth(phase)
      guard depth > 0 else {
        acc.update(repeating: 0, count: geometry.outputChannels * columns)
        return
      }
      fcn_openblas_sgemm(
        0, 0, CInt(geometry.outputChannels), CInt(columns), CInt(depth), 1, weights[group, phase], CInt(depth), panel,
        CInt(columns), 0, acc, CInt(columns))
    }
  }
}
