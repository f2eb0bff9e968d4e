import FCNGraph
import FCNRuntime
import FCNTensor

/// Resize over the spatial axes by tables of taps and weights, which the processor's kernels share.
enum ResizeShader: VulkanKernel {
  static let name = "resize"
  private static let width = 64
  /// Taps of an axis that an entry of the short table has room for.
  private static let shortCount = 4

  static func absorbs(_ code: Int) -> Bool { false }

  static func offer(_ candidate: VulkanCandidate) -> KernelOffer {
    guard case .resize = candidate.node.op else { return .notOnDevice(name, "no resize") }
    if let reason = candidate.refusal(inputs: [0]) { return .notOnDevice(name, reason) }
    let rule = candidate.sizing.rule.inputs[0]
    guard let taps = ResizeTaps(rule), rule.prefix(2).allSatisfy({ $0.rule == .pointwise }) else {
      return .notOnDevice(name, "resizes other axes than the spatial")
    }
    if taps.extrapolates { return .notOnDevice(name, "extrapolates") }
    if let axis = taps.axes.compactMap({ $0 }).first(where: { $0.inputSize > largestIndex }) {
      return .notOnDevice(name, "an axis of \(axis.inputSize): expected at most \(largestIndex)")
    }
    let loop = counts(taps).reduce(1) { min($0 * max(1, $1), 1 << 32) }
    if loop > ConvolutionShader.largestLoop {
      return .notOnDevice(name, "\(loop) taps: expected at most \(ConvolutionShader.largestLoop)")
    }
    return .onDevice(name)
  }

  /// Tables hold indices as floats.
  private static let largestIndex = 1 << 24

  /// Taps along d, h and w; 0 where an axis keeps its size.
  private static func counts(_ taps: ResizeTaps) -> [Int] {
    (0..<3).map { taps.axes[$0] == nil ? 0 : taps.largestCount($0) }
  }

  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError) {
    guard let taps = ResizeTaps(candidate.sizing.rule.inputs[0]), let x = step.input(0), let y = step.output() else {
      return
    }
    let (ranges, counts) = ([y.d, y.h, y.w], counts(taps))
    let isShort = counts.allSatisfy { $0 <= shortCount }
    var dispatch = Dispatch(
      isShort ? "resize" : "resize_wide", PushBlock(y, source: x),
      groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    for axis in 0..<3 { dispatch.constants[ShaderConstant.tapsD + UInt32(axis)] = counts[axis] }
    let table = isShort ? shortTable(taps, ranges) : wideTable(taps, ranges, counts)
    dispatch.bindings[1] = x.binding
    dispatch.bindings[2] = step.pack("taps of \(ranges)", count: table.count) { target in
      for (index, value) in table.enumerated() { target[index] = value }
    }
    dispatch.bindings[4] = y.binding
    let terms = counts.reduce(1) { $0 * max(1, $1) }
    try step.add(dispatch, flops: terms * y.positions * y.channels.count * y.n.count, activates: false)
  }

  private static func entry(_ taps: ResizeTaps, _ axis: Int, _ o: Int) -> ResizeTaps.Taps? {
    taps.axes[axis].map { taps.along(axis, o, held: 0..<$0.inputSize) }
  }

  /// `[d + h + w][2]` vectors: indices in the image, weights.
  private static func shortTable(_ taps: ResizeTaps, _ ranges: [Range<Int>]) -> [Float] {
    var table: [Float] = []
    for (axis, range) in ranges.enumerated() {
      for o in range {
        let one = entry(taps, axis, o)
        for t in 0..<4 { table.append(one.map { Float($0.indices[min(t, $0.indices.count - 1)]) } ?? 0) }
        for t in 0..<4 { table.append(one.map { t < $0.weights.count ? $0.weights[t] : 0 } ?? 0) }
      }
    }
    return table
  }

  /// Of each position along d, h and w pairs of index and weight, in whole vectors.
  private static func wideTable(_ taps: ResizeTaps, _ ranges: [Range<Int>], _ counts: [Int]) -> [Float] {
    var table: [Float] = []
    for (axis, range) in ranges.enumerated() {
      for o in range {
        guard let one = entry(taps, axis, o) else { continue }
        for t in 0..<counts[axis].dividedUp(by: 2) * 2 {
          table.append(Float(one.indices[min(t, one.indices.count - 1)]))
          table.append(t < one.weights.count ? one.weights[t] : 0)
        }
      }
    }
    return table
  }
}
