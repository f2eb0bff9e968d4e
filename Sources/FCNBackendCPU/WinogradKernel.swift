import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// 3×3 and k×3×3 convolutions of stride 1 and any dilation by Winograd's F(m×m, 3×3) on blocked feature maps, m = 3, 4
/// or 6: 3 to 5 times fewer multiplications.
///
/// The output is cut into cells of m×m, anchored to multiples of m·dilation in the image; a cell reads its whole patch,
/// so that m·dilation is the grain along rows and columns. Channels lie in vector lanes and cells never mix: what a
/// cell computes depends on neither neighbours nor region. Products run over channels (and depth taps) in order.
/// Source: Lavin and Gray 2016, arXiv:1509.09308.
struct WinogradKernel: KernelFactory, StepKernel {
  private let products: WinogradProducts

  static func offer(_ candidate: Candidate) -> KernelOffer {
    var name = "fcn_f32_conv_winograd__\(candidate.table.isa)"
    if candidate.family != .auto { return .refused(name, "kernels \(candidate.family.rawValue) are asked for") }
    switch WinogradGrid.of(candidate) {
    case .failure(let refusal): return .refused(name, refusal.reason)
    case .success(let grid):
      name = "fcn_f32_conv_winograd\(grid.cell)x\(grid.cell)__\(candidate.table.isa)"
      var offer = convolutionOffer(name, grid.scratchBytes(wide: candidate.table.pointee.wide))
      offer.sharedBytes = grid.sharedBytes
      offer.inputLayouts = [.blocked]
      let isNarrow = grid.outputChannels * grid.groups < BlockedConvolution.fewChannels
      offer.outputLayout = isNarrow ? .planar : .blocked
      offer.canStorePlanar = true
      let span = grid.cell * grid.dilation
      let shape = candidate.output.shape
      offer.grain = [1, shape[1]] + Array(repeating: 1, count: shape.rank - 4) + [span, span]
      return offer
    }
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    WinogradKernel(products: try WinogradProducts(candidate, step))
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let run = WinogradRun(products, context, x, y)
    if products.grid.stageCells == 0 { run.runTasks() } else { run.runStages() }
  }
}
