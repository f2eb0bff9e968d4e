import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// MaxPool (without indices) and AveragePool over 1 to 3 axes, one output row at a time.
struct PoolKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let axes: [WindowAxis]
  private let isMaximum: Bool
  private let countsPadding: Bool
  private let ones: [Float]

  static func offer(_ candidate: Candidate) -> KernelOffer {
    guard case .pool(let payload) = candidate.node.op else { return .refused("fcn_f32_pool", "not a pooling") }
    let kind = if case .max = payload.function { "maxpool" } else { "averagepool" }
    let name = "fcn_f32_\(kind)__\(candidate.table.isa)"
    if case .lp = payload.function { return .refused(name, "LpPool") }
    if !candidate.isFloat32 { return .refused(name, "element type \(candidate.output.elementType.rawValue)") }
    if candidate.node.outputs.count > 1, candidate.node.outputs[1] != nil {
      return .refused(name, "indices are wanted")
    }
    guard windowAxes(candidate) != nil else { return .refused(name, "spatial rank above 3") }
    return KernelOffer(name)
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    PoolKernel(candidate)
  }

  private init(_ candidate: Candidate) {
    table = candidate.table
    axes = windowAxes(candidate)!
    guard case .pool(let payload) = candidate.node.op else { preconditionFailure("made for an offer") }
    switch payload.function {
    case .max, .lp: (isMaximum, countsPadding) = (true, false)
    case .average(let counts): (isMaximum, countsPadding) = (false, counts)
    }
    ones = Array(repeating: 1, count: axes[1].kernel * axes[2].kernel)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let source = Box(x)
    let target = Box(y)
    let full = Array(repeating: 1, count: 5 - x.shape.rank) + x.shape.dims[2...]
    context.run(target.n.count * target.c.count * target.d.count) { index, _ in
      var rest = index
      let z = target.d.lowerBound + rest % target.d.count
      rest /= target.d.count
      let c = target.c.lowerBound + rest % target.c.count
      let image = target.n.lowerBound + rest / target.c.count
      for row in target.h {
        let dst =
          y.pointer.assumingMemoryBound(to: Float.self) + target.plane(image: image)
          + (c - target.c.lowerBound) * target.channelStride + (z - target.d.lowerBound) * target.depthStride
          + (row - target.h.lowerBound) * target.rowStride
        compute(x, source, target, full, image, c, z, row, dst)
      }
    }
  }

  private func compute(
    _ x: BufferView, _ source: Box, _ target: Box, _ full: [Int], _ image: Int, _ c: Int, _ z: Int, _ row: Int,
    _ dst: UnsafeMutablePointer<Float>
  ) {
    let count = target.w.count
    dst.update(repeating: isMaximum ? -.infinity : 0, count: count)
    let rows = axes[1].taps(row, within: source.h)
    for kd in axes[0].taps(z, within: source.d) {
      let iz = z * axes[0].stride - axes[0].low + kd * axes[0].dilation
      let plane =
        source.plane(image: image) + (c - source.c.lowerBound) * source.channelStride
        + (iz - source.d.lowerBound) * source.depthStride
      var window = fcn_window(source, axes, x.pointer.assumingMemoryBound(to: Float.self) + plane)
      window.h_pad -= rows.lowerBound * axes[1].dilation
      window.h_taps = rows.count
      if isMaximum {
        table.pointee.f32_window_max(&window, row, target.w.lowerBound, count, dst)
      } else {
        table.pointee.f32_window_sum(&window, ones, row, target.w.lowerBound, count, dst)
      }
    }
    if !isMaximum {
      let outer =
        PoolDivisor.positions(axes[0], z, full[0], countsPadding)
        * PoolDivisor.positions(axes[1], row, full[1], countsPadding)
      for (offset, column) in target.w.enumerated() {
        dst[offset] /= Float(outer * PoolDivisor.positions(axes[2], column, full[2], countsPadding))
      }
    }
  }
}
