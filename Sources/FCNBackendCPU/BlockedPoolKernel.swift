import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// MaxPool (without indices) and AveragePool over 1 to 3 axes on blocked feature maps.
struct BlockedPoolKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let axes: [WindowAxis]
  private let isMaximum: Bool
  private let countsPadding: Bool

  static func offer(_ candidate: Candidate) -> KernelOffer {
    guard case .pool(let payload) = candidate.node.op else { return .refused("fcn_f32_pool_blocked", "not a pooling") }
    let kind = if case .max = payload.function { "maxpool" } else { "averagepool" }
    let name = "fcn_f32_\(kind)_blocked__\(candidate.table.isa)"
    if case .lp = payload.function { return .refused(name, "LpPool") }
    if let reason = candidate.blockedRefusal { return .refused(name, reason) }
    if candidate.node.outputs.count > 1, candidate.node.outputs[1] != nil {
      return .refused(name, "indices are wanted")
    }
    guard windowAxes(candidate) != nil else { return .refused(name, "spatial rank above 3") }
    var offer = KernelOffer(name)
    offer.inputLayouts = [.blocked]
    offer.outputLayout = .blocked
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    guard case .pool(let payload) = candidate.node.op else { preconditionFailure("made for an offer") }
    let (isMaximum, countsPadding) =
      switch payload.function {
      case .max, .lp: (true, false)
      case .average(let counts): (false, counts)
      }
    return BlockedPoolKernel(
      table: candidate.table, axes: windowAxes(candidate)!, isMaximum: isMaximum, countsPadding: countsPadding)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let (source, target) = (BlockedBox(x), BlockedBox(y))
    let full = Array(repeating: 1, count: 5 - x.shape.rank) + x.shape.dims[2...]
    let columns = isMaximum ? [] : target.w.map { PoolDivisor.positions(axes[2], $0, full[2], countsPadding) }
    let parts = RowParts(target.h, columns: target.w.count)
    context.run(BlockLoop.count(target) * parts.count) { index, _ in
      let at = BlockLoop(index / parts.count, in: target)
      for row in parts[index % parts.count] {
        let dst =
          y.floats + target.offset(image: at.image, block: at.block, z: at.z)
          + target.offset(row: row, column: target.w.lowerBound)
        window(x, source, at, row, target.w, dst)
        if !isMaximum {
          let outer =
            PoolDivisor.positions(axes[0], at.z, full[0], countsPadding)
            * PoolDivisor.positions(axes[1], row, full[1], countsPadding)
          for (position, count) in columns.enumerated() {
            let divisor = Float(outer * count)
            for lane in 0..<Layout.block { dst[position * Layout.block + lane] /= divisor }
          }
        }
      }
    }
  }

  private func window(
    _ x: BufferView, _ source: BlockedBox, _ at: BlockLoop, _ row: Int, _ columns: Range<Int>,
    _ dst: UnsafeMutablePointer<Float>
  ) {
    dst.update(repeating: isMaximum ? -.infinity : 0, count: columns.count * Layout.block)
    guard source.n.contains(at.image), source.blocks.contains(at.block) else { return }
    for kd in axes[0].taps(at.z, within: source.d) {
      let z = at.z * axes[0].stride - axes[0].low + kd * axes[0].dilation
      var window = fcn_window(source, axes, x.floats + source.offset(image: at.image, block: at.block, z: z))
      if isMaximum {
        table.pointee.f32_max_lanes(&window, row, columns.lowerBound, columns.count, 1, dst)
      } else {
        table.pointee.f32_sum_lanes(&window, row, columns.lowerBound, columns.count, dst)
      }
    }
  }
}

/// What an average divides by.
enum PoolDivisor {
  /// Taps that the divisor counts: all within the image, or within image and padding.
  static func positions(_ axis: WindowAxis, _ o: Int, _ n: Int, _ countsPadding: Bool) -> Int {
    let (low, high) = countsPadding ? (-axis.low, n + axis.high) : (0, n)
    return max(1, axis.taps(o, within: low..<max(low, high)).count)
  }
}
