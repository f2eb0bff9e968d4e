import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Depthwise convolution over rows and columns on blocked feature maps: channels in lanes, taps in raster order, taps
/// beyond the border left out.
struct BlockedDepthwiseKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let axes: [WindowAxis]
  /// `[blocks][taps][16]`
  private let weights: FloatStore
  private let epilogue: Epilogue

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_conv_depthwise__\(candidate.table.isa)"
    if candidate.family == .blas { return .refused(name, "OpenBLAS is asked for") }
    if let reason = convolutionRefusal(candidate) { return .refused(name, reason) }
    guard case .convolution(let payload) = candidate.node.op, let weights = candidate.type(1),
      let axes = windowAxes(candidate), Layout.canBlock(candidate.output)
    else { return .refused(name, "not a window of 1 to 3 axes") }
    guard payload.groups > 1, weights.shape[1] == 1, weights.shape[0] == payload.groups else {
      return .refused(name, "not one channel a group")
    }
    if weights.shape[0] < BlockedConvolution.fewChannels { return .refused(name, "\(weights.shape[0]) channels") }
    if axes[0] != WindowAxis(kernel: 1) { return .refused(name, "a window along depth") }
    var offer = convolutionOffer(name, 0)
    offer.inputLayouts = [.blocked]
    offer.outputLayout = .blocked
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    try BlockedDepthwiseKernel(candidate, step)
  }

  private init(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) {
    table = candidate.table
    axes = windowAxes(candidate)!
    let channels = candidate.output.shape[1]
    let taps = axes[1].kernel * axes[2].kernel
    epilogue = try Epilogue(
      bias: convolutionBias(candidate), channels: channels,
      activation: step.activation.flatMap(Activation.init) ?? .none)
    weights = try FloatStore(count: channels.dividedUp(by: Layout.block) * Layout.block * taps)
    candidate.packWeights { source, factors in
      table.pointee.f32_pack_lanes(
        source, channels, taps, Array(0..<taps), taps, Layout.block, factors, weights.pointer)
    }
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let (source, target) = (BlockedBox(x), BlockedBox(y))
    let held = context.residual.map { BlockedBox($0) }
    let parts = RowParts(target.h, columns: target.w.count)
    context.run(BlockLoop.count(target) * parts.count) { index, _ in
      let at = BlockLoop(index / parts.count, in: target)
      let isHeld = source.n.contains(at.image) && source.blocks.contains(at.block) && source.d.contains(at.z)
      let plane = isHeld ? source.offset(image: at.image, block: at.block, z: at.z) : 0
      var window = fcn_window(source, axes, x.floats + plane)
      if !isHeld { window.h_hi = window.h_lo }
      var finish = epilogue.from(block: at.block)
      for row in parts[index % parts.count] {
        let add = context.residual.flatMap { residual in
          held.map {
            residual.floats + $0.offset(image: at.image, block: at.block, z: at.z)
              + $0.offset(row: row, column: target.w.lowerBound)
          }
        }
        table.pointee.f32_depthwise(
          &window, weights.pointer + at.block * axes[1].kernel * axes[2].kernel * Layout.block, row,
          target.w.lowerBound, target.w.count, add, &finish,
          y.floats + target.offset(image: at.image, block: at.block, z: at.z)
            + target.offset(row: row, column: target.w.lowerBound))
      }
    }
  }
}

extension fcn_window {
  /// Rows and columns of a block's slice under the last two of three axes.
  init(_ box: BlockedBox, _ axes: [WindowAxis], _ slice: UnsafePointer<Float>) {
    self.init(
      src: slice, h_stride: box.rowStride, h_lo: box.h.lowerBound, h_hi: box.h.upperBound, w_lo: box.w.lowerBound,
      w_hi: box.w.upperBound, h_step: axes[1].stride, w_step: axes[2].stride, h_taps: axes[1].kernel,
      w_taps: axes[2].kernel, h_dilation: axes[1].dilation, w_dilation: axes[2].dilation, h_pad: axes[1].low,
      w_pad: axes[2].low)
  }
}
