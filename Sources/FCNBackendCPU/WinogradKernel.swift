import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// 3×3 convolutions of stride 1 by Winograd's F(4×4, 3×3): a quarter of the multiplications.
///
/// The output is cut into cells of 4×4, anchored to multiples of 4 in the image; a cell reads its whole 6×6 patch, so
/// that the grain is 4 along rows and columns. Cells lie side by side in vector lanes and never mix: what a cell
/// computes depends on neither its place in a block nor the region. Products run over the channels in order.
/// Source: Lavin and Gray 2016, arXiv:1509.09308.
struct WinogradKernel: KernelFactory, StepKernel {
  private let grid: WinogradGrid
  private let table: KernelTable
  private let weights: FloatStore
  private let bias: [Float]
  private let activation: Activation

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_conv_winograd4x4__\(candidate.table.isa)"
    if candidate.family != .auto { return .refused(name, "kernels \(candidate.family.rawValue) are asked for") }
    if let reason = convolutionRefusal(candidate) { return .refused(name, reason) }
    switch WinogradGrid.of(candidate) {
    case .failure(let refusal): return .refused(name, refusal.reason)
    case .success(let grid):
      var offer = convolutionOffer(name, grid.scratchBytes)
      offer.grain = [1, 1, WinogradGrid.cell, WinogradGrid.cell]
      return offer
    }
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    try WinogradKernel(candidate, step)
  }

  private init(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) {
    guard case .success(let grid) = WinogradGrid.of(candidate) else { preconditionFailure("the kernel was refused") }
    self.grid = grid
    table = candidate.table
    bias = convolutionBias(candidate)
    activation = step.activation.flatMap(Activation.init) ?? .none
    let store = try FloatStore(count: grid.groups * grid.groupWeights)
    let source = candidate.constant(1)!
    source.withElements(Float.self) { source in
      for group in 0..<grid.groups {
        for frequency in 0..<WinogradGrid.frequencies {
          let plain = WinogradTransform.weights(source, grid, group: group, frequency: frequency)
          candidate.table.pointee.f32_pack_weights(
            plain, grid.outputChannels, grid.inputChannels,
            store.pointer + group * grid.groupWeights + frequency * grid.frequencyWeights)
        }
      }
    }
    source.storage.releasePages()
    weights = store
  }

  private struct Task {
    var image: Int
    var group: Int
    var block: fcn_block
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let source = Box(x)
    let target = Box(y)
    let tasks = tasks(target)
    context.run(tasks.count) { index, worker in
      let task = tasks[index]
      let panel = context.scratch(worker: worker).assumingMemoryBound(to: Float.self)
      let acc = panel + WinogradGrid.frequencies * grid.panelStride
      let work = acc + WinogradGrid.frequencies * grid.accStride
      gather(source, x, target, task, panel, work)
      for frequency in 0..<WinogradGrid.frequencies {
        table.pointee.f32_gemm(
          weights.pointer + task.group * grid.groupWeights + frequency * grid.frequencyWeights,
          panel + frequency * grid.panelStride, grid.outputChannels, grid.inputChannels, 1,
          acc + frequency * grid.accStride)
      }
      store(target, y, context.residual, task, acc, work)
    }
  }

  private func tasks(_ target: Box) -> [Task] {
    var result: [Task] = []
    let rows = WinogradGrid.cells(target.h)
    let columns = WinogradGrid.cells(target.w)
    for image in target.n {
      for group in 0..<grid.groups {
        let channels = group * grid.outputChannels..<(group + 1) * grid.outputChannels
        if !channels.overlaps(target.c) { continue }
        for h in stride(from: rows.lowerBound, to: rows.upperBound, by: grid.rows) {
          for w in stride(from: columns.lowerBound, to: columns.upperBound, by: grid.columns) {
            let block = fcn_block(
              d: 0, h: h, w: w, rows: min(grid.rows, rows.upperBound - h),
              columns: min(grid.columns, columns.upperBound - w), pitch: grid.pitch)
            result.append(Task(image: image, group: group, block: block))
          }
        }
      }
    }
    return result
  }

  private func gather(
    _ box: Box, _ view: BufferView, _ target: Box, _ task: Task, _ panel: UnsafeMutablePointer<Float>,
    _ work: UnsafeMutablePointer<Float>
  ) {
    let first = task.group * grid.inputChannels
    let isHeld =
      box.n.contains(task.image) && box.c.lowerBound <= first && first + grid.inputChannels <= box.c.upperBound
    let plane = isHeld ? box.plane(image: task.image) + (first - box.c.lowerBound) * box.channelStride : 0
    // Beyond what the image's last outputs read nothing counts, held or not: all regions see the same.
    var gather = fcn_gather()
    gather.src = UnsafePointer(view.pointer.assumingMemoryBound(to: Float.self) + plane)
    gather.channels = grid.inputChannels
    gather.channel_stride = box.channelStride
    gather.h_stride = box.rowStride
    (gather.d_lo, gather.d_hi) = (0, isHeld ? 1 : 0)
    (gather.h_lo, gather.h_hi) = (box.h.lowerBound, min(box.h.upperBound, grid.inputLimit.rows))
    (gather.w_lo, gather.w_hi) = (box.w.lowerBound, min(box.w.upperBound, grid.inputLimit.columns))
    var block = task.block
    table.pointee.f32_winograd_input(
      &gather, &block, -grid.low.rows, -grid.low.columns, grid.strip, grid.panelStride, panel, work)
  }

  private func store(
    _ box: Box, _ view: BufferView, _ residual: BufferView?, _ task: Task, _ acc: UnsafeMutablePointer<Float>,
    _ work: UnsafeMutablePointer<Float>
  ) {
    let first = task.group * grid.outputChannels
    let channels = (first..<first + grid.outputChannels).clamped(to: box.c)
    let held = residual.map { Box($0) }
    let addend = residual.map { $0.floats + Box($0).offset(image: task.image, channels.lowerBound, 0, box) }
    bias.withUnsafeBufferPointer { bias in
      var store = fcn_store(
        dst: view.pointer.assumingMemoryBound(to: Float.self)
          + box.offset(image: task.image, channels.lowerBound, 0, box),
        residual: addend.map { UnsafePointer($0) },
        channels: channels.count, channel_stride: box.channelStride, h_stride: box.rowStride,
        residual_channel_stride: held?.channelStride ?? 0, residual_h_stride: held?.rowStride ?? 0,
        h_lo: box.h.lowerBound, h_hi: box.h.upperBound, w_lo: box.w.lowerBound, w_hi: box.w.upperBound,
        h_step: 1, h_phase: 0, w_step: 1, w_phase: 0,
        bias: bias.isEmpty ? nil : bias.baseAddress! + channels.lowerBound, activation: activation.op,
        a: activation.a, b: activation.b)
      var block = task.block
      table.pointee.f32_winograd_output(
        acc + (channels.lowerBound - first) * grid.strip, grid.strip, grid.accStride, &block, &store, work)
    }
  }
}
