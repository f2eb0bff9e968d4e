import CFCNKernels
import FCNGraph

/// The windows of the spatial axes, padded in front to three; nil if there are none or more.
func windowAxes(_ candidate: Candidate) -> [WindowAxis]? {
  var axes: [WindowAxis] = []
  for dependence in candidate.sizing.rule.inputs[0].dropFirst(2) {
    guard case .window(let axis) = dependence.rule else { return nil }
    axes.append(axis)
  }
  guard (1...3).contains(axes.count) else { return nil }
  return Array(repeating: WindowAxis(kernel: 1), count: 3 - axes.count) + axes
}

extension fcn_window {
  /// Rows and columns of a plane of `box` under the last two of three axes.
  init(_ box: Box, _ axes: [WindowAxis], _ plane: UnsafePointer<Float>) {
    self.init(
      src: plane, h_stride: box.rowStride, h_lo: box.h.lowerBound, h_hi: box.h.upperBound, w_lo: box.w.lowerBound,
      w_hi: box.w.upperBound, h_step: axes[1].stride, w_step: axes[2].stride, h_taps: axes[1].kernel,
      w_taps: axes[2].kernel, h_dilation: axes[1].dilation, w_dilation: axes[2].dilation, h_pad: axes[1].low,
      w_pad: axes[2].low)
  }
}
