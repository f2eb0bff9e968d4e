import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Sum and mean over all spatial axes of a blocked feature map, in Double over cells of 64 columns in raster order.
struct BlockedSpatialReduceKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let isMean: Bool

  static func offer(_ candidate: Candidate) -> KernelOffer {
    var offer = SpatialReduceKernel.offer(candidate)
    offer.name = "fcn_f32_spatialsum_blocked__\(candidate.table.isa)"
    if offer.refusal != nil { return offer }
    if candidate.family == .blas { return .refused(offer.name, "kernels blas are asked for") }
    guard Layout.canBlock(candidate.type(0)!), candidate.layout(0) == .blocked else {
      return .refused(offer.name, "its input is planar")
    }
    offer.inputLayouts = [.blocked]
    offer.outputLayout = Layout.canBlock(candidate.output) ? .blocked : .planar
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    guard case .reduce(let payload) = candidate.node.op else { preconditionFailure("made for an offer") }
    return BlockedSpatialReduceKernel(table: candidate.table, isMean: payload.function == .mean)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let source = BlockedBox(x)
    let channels = y.region[1]
    let blocks = channels.lowerBound / Layout.block..<channels.upperBound.dividedUp(by: Layout.block)
    let pixels = source.d.count * source.h.count * source.w.count
    context.run(y.region[0].count * blocks.count) { task, _ in
      let (image, block) = (task / blocks.count, blocks.lowerBound + task % blocks.count)
      let sums = sums(x, source, image: y.region[0].lowerBound + image, block: block)
      for lane in 0..<Layout.block {
        let value = Float(isMean ? sums[lane] / Double(pixels) : sums[lane])
        let c = block * Layout.block + lane
        if y.layout == .blocked {
          y.floats[task * Layout.block + lane] = value
        } else if channels.contains(c) {
          y.floats[image * channels.count + c - channels.lowerBound] = value
        }
      }
    }
  }

  private func sums(_ x: BufferView, _ source: BlockedBox, image: Int, block: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: Layout.block)
    let src = x.floats + source.offset(image: image, block: block, z: source.d.lowerBound)
    for row in 0..<source.d.count * source.h.count {
      table.pointee.f32_cell_sum_lanes(src + row * source.rowStride, source.w.count, &sums)
    }
    return sums
  }
}
