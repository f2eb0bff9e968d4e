import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Brings a feature map from one layout to the other.
struct ReorderKernel: StepKernel {
  let table: KernelTable

  /// Pixels of a task.
  private static let chunk = 4096

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let toBlocked = y.layout == .blocked
    // A request for planar elements may be larger than this step's output, or the other way round.
    let (planar, blocked) = toBlocked ? (Box(x), BlockedBox(y)) : (Box(y), BlockedBox(x))
    let wanted: (n: Range<Int>, d: Range<Int>, h: Range<Int>, w: Range<Int>) =
      toBlocked ? (blocked.n, blocked.d, blocked.h, blocked.w) : (planar.n, planar.d, planar.h, planar.w)
    let channels = y.region[1]
    let blocks = channels.lowerBound / Layout.block..<channels.upperBound.dividedUp(by: Layout.block)
    let isWhole = planar.h == blocked.h && planar.w == blocked.w
    let rows = isWhole ? 1 : wanted.h.count
    let length = isWhole ? wanted.h.count * wanted.w.count : wanted.w.count
    let parts = length.dividedUp(by: ReorderKernel.chunk)
    context.run(wanted.n.count * blocks.count * wanted.d.count * parts) { task, _ in
      var rest = task
      let first = rest % parts * ReorderKernel.chunk
      rest /= parts
      let z = wanted.d.lowerBound + rest % wanted.d.count
      rest /= wanted.d.count
      let block = blocks.lowerBound + rest % blocks.count
      let image = wanted.n.lowerBound + rest / blocks.count
      let low = max(block * Layout.block, channels.lowerBound)
      let high = min((block + 1) * Layout.block, channels.upperBound)
      for row in 0..<rows {
        let h = wanted.h.lowerBound + row
        let planarOffset =
          planar.plane(image: image) + (low - planar.c.lowerBound) * planar.channelStride
          + (z - planar.d.lowerBound) * planar.depthStride + (h - planar.h.lowerBound) * planar.rowStride
          + wanted.w.lowerBound - planar.w.lowerBound + first
        let blockedOffset =
          blocked.offset(image: image, block: block, z: z) + blocked.offset(row: h, column: wanted.w.lowerBound)
          + first * Layout.block + low - block * Layout.block
        let count = min(ReorderKernel.chunk, length - first)
        if toBlocked {
          table.pointee.f32_to_blocked(
            x.floats + planarOffset, planar.channelStride, high - low, y.floats + blockedOffset, count)
        } else {
          table.pointee.f32_to_planar(
            x.floats + blockedOffset, y.floats + planarOffset, planar.channelStride, high - low, count)
        }
      }
    }
  }
}
