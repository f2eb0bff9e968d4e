import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Convolution and transposed convolution (any stride, dilation, groups; 1-D to 3-D) as packed panels times packed
/// weights by our own inner loop: a column's sum runs over (channel, taps) in order, wherever the column lies.
struct PackedConvolutionKernel: KernelFactory, StepKernel {
  private let loop: ConvolutionLoop
  private let weights: ConvolutionWeights
  /// For each phase where its taps read in a panel of rows.
  private let offsets: [[Int]]

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let kind = if case .convTranspose = candidate.node.op { "convtranspose" } else { "conv" }
    let name = "fcn_f32_\(kind)_gemm__\(candidate.table.isa)"
    if candidate.family == .blas { return .refused(name, "OpenBLAS is asked for") }
    if let reason = convolutionRefusal(candidate) { return .refused(name, reason) }
    guard let geometry = geometry(candidate) else {
      return .refused(name, "no axis, over three, too many phases, or empty")
    }
    return convolutionOffer(name, ConvolutionLoop.scratchBytes(geometry, strip: candidate.table.pointee.strip))
  }

  private static func geometry(_ candidate: Candidate) -> ConvolutionGeometry? {
    ConvolutionGeometry(candidate, panelFloats: 1 << 16, minimumColumns: 128, keepsRows: true)
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    try PackedConvolutionKernel(candidate, step)
  }

  private init(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) {
    let geometry = PackedConvolutionKernel.geometry(candidate)!
    let table = candidate.table
    let rows = table.pointee.rows
    let blocks = (geometry.outputChannels + rows - 1) / rows * rows
    weights = try ConvolutionWeights(candidate, geometry, rows: blocks) { plain, depth, place in
      table.pointee.f32_pack_weights(plain, geometry.outputChannels, depth, place)
    }
    offsets = geometry.phases.indices.map(geometry.rowOffsets)
    loop = ConvolutionLoop(
      geometry: geometry, table: table, strip: table.pointee.strip, bias: convolutionBias(candidate),
      activation: step.activation.flatMap(Activation.init) ?? .none)
  }

  func run(_ context: StepContext) {
    let geometry = loop.geometry
    let strips = geometry.panelColumns(strip: loop.strip) / loop.strip
    let plane = geometry.planeFloats(strip: loop.strip)
    loop.run(context) { group, phase, panel, acc in
      if geometry.halo != nil {
        return loop.table.pointee.f32_gemm_rows(
          weights[group, phase], panel, geometry.outputChannels,
          geometry.inputChannels * geometry.phases[phase][0].taps.count, plane, offsets[phase], offsets[phase].count,
          strips, acc)
      }
      loop.table.pointee.f32_gemm(
        weights[group, phase], panel, geometry.outputChannels, geometry.depth(phase), strips, acc)
    }
  }
}
