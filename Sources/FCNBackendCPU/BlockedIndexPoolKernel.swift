import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// MaxPool with indices over rows and columns of a blocked feature map; the indices are planar.
struct BlockedIndexPoolKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let axes: [WindowAxis]

  /// Pixels whose positions are kept at a time.
  private static let chunk = 128

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_maxpool_indices_blocked__\(candidate.table.isa)"
    guard case .pool(let payload) = candidate.node.op, case .max(columnMajor: false) = payload.function else {
      return .refused(name, "not a maximum with indices in row-major order")
    }
    if let reason = candidate.blockedRefusal { return .refused(name, reason) }
    guard let axes = windowAxes(candidate), axes[0] == WindowAxis(kernel: 1), let x = candidate.type(0),
      x.shape.rank < 5, x.shape.dims[2...].reduce(1, *) <= Int(Int32.max)
    else { return .refused(name, "a volume, or positions above 2^31") }
    var offer = KernelOffer(name)
    offer.inputLayouts = [.blocked]
    offer.outputLayout = .blocked
    offer.scratchBytes = chunk * Layout.block * 4
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    BlockedIndexPoolKernel(table: candidate.table, axes: windowAxes(candidate)!)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let (source, target) = (BlockedBox(x), BlockedBox(y))
    let indices = context.outputs.count > 1 ? context.outputs[1] : nil
    let (channels, width) = (x.shape[1], x.shape.dims.last!)
    let plane = x.shape.dims[2...].reduce(1, *)
    let parts = RowParts(target.h, columns: target.w.count)
    context.run(BlockLoop.count(target) * parts.count) { index, worker in
      let at = BlockLoop(index / parts.count, in: target)
      let isHeld = source.n.contains(at.image) && source.blocks.contains(at.block)
      let src = isHeld ? source.offset(image: at.image, block: at.block, z: 0) : 0
      var window = fcn_window(source, axes, x.floats + src)
      if !isHeld { window.h_hi = window.h_lo }
      let positions = context.scratch(worker: worker).assumingMemoryBound(to: Int32.self)
      let first = (at.image * channels + at.block * Layout.block) * plane
      let lanes = min(Layout.block, target.channels.upperBound - at.block * Layout.block)
      for row in parts[index % parts.count] {
        for low in stride(from: target.w.lowerBound, to: target.w.upperBound, by: BlockedIndexPoolKernel.chunk) {
          let count = min(BlockedIndexPoolKernel.chunk, target.w.upperBound - low)
          table.pointee.f32_max_lanes_at(
            &window, row, low, count, width,
            y.floats + target.offset(image: at.image, block: at.block, z: 0) + target.offset(row: row, column: low),
            positions)
          guard let indices else { continue }
          let box = Box(indices)
          let place =
            box.plane(image: at.image) + (at.block * Layout.block - box.c.lowerBound) * box.channelStride
            + (row - box.h.lowerBound) * box.rowStride + low - box.w.lowerBound
          fcn_store_indices(
            positions, count, lanes, Int64(first), plane,
            indices.pointer.assumingMemoryBound(to: Int64.self) + place, box.channelStride)
        }
      }
    }
  }
}

/// MaxUnpool of a blocked feature map with planar indices that come from a MaxPool with the same windows: values are
/// scattered in raster order, the last of several wins.
struct BlockedUnpoolKernel: KernelFactory, StepKernel {
  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_maxunpool_blocked__c"
    if let reason = candidate.blockedRefusal { return .refused(name, reason) }
    let output = candidate.output.shape
    guard output.rank < 5, output.dims[2...].reduce(1, *) <= Int(Int32.max) else {
      return .refused(name, "a volume, or positions above 2^31")
    }
    let isPaired = candidate.sizing.rule.inputs[0].dropFirst(2).allSatisfy {
      if case .transposedWindow = $0.rule { true } else { false }
    }
    if !isPaired { return .refused(name, "the indices may point anywhere") }
    var offer = KernelOffer(name)
    offer.inputLayouts = [.blocked, .planar]
    offer.outputLayout = .blocked
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    BlockedUnpoolKernel()
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let indices = context.inputs[1], let y = context.outputs[0], !y.region.isEmpty
    else { return }
    let (source, held, target) = (BlockedBox(x), Box(indices), BlockedBox(y))
    let (channels, width) = (y.shape[1], y.shape.dims.last!)
    let plane = y.shape.dims[2...].reduce(1, *)
    let rows = source.h.clamped(to: held.h)
    let columns = source.w.clamped(to: held.w)
    context.run(target.n.count * target.blocks.count) { task, _ in
      let image = target.n.lowerBound + task / target.blocks.count
      let block = target.blocks.lowerBound + task % target.blocks.count
      let dst = y.floats + target.offset(image: image, block: block, z: 0)
      dst.update(repeating: 0, count: target.blockStride)
      guard source.n.contains(image), source.blocks.contains(block) else { return }
      let lanes = min(Layout.block, held.c.upperBound - block * Layout.block)
      let first = (image * channels + block * Layout.block) * plane
      for row in rows {
        fcn_unpool_lanes(
          x.floats + source.offset(image: image, block: block, z: 0)
            + source.offset(row: row, column: columns.lowerBound),
          indices.pointer.assumingMemoryBound(to: Int64.self) + held.plane(image: image)
            + (block * Layout.block - held.c.lowerBound) * held.channelStride + (row - held.h.lowerBound)
            * held.rowStride
            + columns.lowerBound - held.w.lowerBound,
          held.channelStride, columns.count, lanes, Int64(first), plane, width, target.h.lowerBound,
          target.h.upperBound, target.w.lowerBound, target.w.upperBound, dst)
      }
    }
  }
}
