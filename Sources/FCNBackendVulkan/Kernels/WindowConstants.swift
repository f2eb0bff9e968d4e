import FCNGraph

/// The windows of three spatial axes as shaders take them: axes that the tensor does not have are in front.
struct WindowConstants {
  let axes: [WindowAxis]
  let isTransposed: Bool

  /// Nil where the node is no window over its spatial axes.
  init?(_ candidate: VulkanCandidate) {
    var axes: [WindowAxis] = []
    var isTransposed = false
    for dependence in candidate.sizing.rule.inputs[0].dropFirst(2) {
      switch dependence.rule {
      case .window(let axis): axes.append(axis)
      case .transposedWindow(let axis):
        axes.append(axis)
        isTransposed = true
      case .pointwise, .resample, .strided, .padded, .spread, .gathered, .placed, .repeated, .broadcast, .everything:
        return nil
      }
    }
    guard (1...3).contains(axes.count), axes.allSatisfy(WindowConstants.isMeasured) else { return nil }
    self.axes = Array(repeating: WindowAxis(kernel: 1), count: 3 - axes.count) + axes
    self.isTransposed = isTransposed
  }

  /// Numbers that shaders multiply and add without overflow.
  private static func isMeasured(_ axis: WindowAxis) -> Bool {
    let limit = 1 << 24
    return axis.kernel < limit && axis.stride < limit && axis.dilation < limit && abs(axis.low) < limit
      && abs(axis.high) < limit && axis.dilation * axis.kernel < limit
  }

  var taps: Int { axes.reduce(1) { min($0 * $1.kernel, 1 << 32) } }
  /// Phases of a transposed window.
  var phases: Int { isTransposed ? axes.reduce(1) { min($0 * $1.stride, 1 << 32) } : 1 }

  /// Positions of one phase of a box.
  func positions(_ y: DeviceTensor) -> Int {
    guard isTransposed else { return y.positions }
    return zip([y.d.count, y.h.count, y.w.count], axes).reduce(1) { $0 * $1.0.dividedUp(by: $1.1.stride) }
  }

  var constants: [UInt32: Int] {
    typealias Id = ShaderConstant
    let (d, h, w) = (axes[0], axes[1], axes[2])
    return [
      Id.kernelD: d.kernel, Id.kernelH: h.kernel, Id.kernelW: w.kernel,
      Id.strideD: d.stride, Id.strideH: h.stride, Id.strideW: w.stride,
      Id.padFront: d.low, Id.padTop: h.low, Id.padLeft: w.low,
      Id.dilationD: d.dilation, Id.dilationH: h.dilation, Id.dilationW: w.dilation,
    ]
  }
}
