import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Walks the blocks of a convolution over an output region: gathers a panel, multiplies, stores with bias, residual
/// and activation. How the product is computed is the caller's.
struct ConvolutionLoop: Sendable {
  let geometry: ConvolutionGeometry
  let table: KernelTable
  /// Columns of a panel strip.
  let strip: Int
  /// One per output channel, or empty.
  let bias: [Float]
  let activation: Activation

  /// acc[outputChannels][columns] of one group and phase from its panel.
  typealias Product = (
    _ group: Int, _ phase: Int, _ panel: UnsafeMutablePointer<Float>, _ acc: UnsafeMutablePointer<Float>
  ) -> Void

  static func scratchBytes(_ geometry: ConvolutionGeometry, strip: Int) -> Int {
    let columns = geometry.panelColumns(strip: strip)
    return (geometry.panelFloats(strip: strip) + (geometry.outputChannels + 16) * columns) * 4 + 256
  }

  private struct Task {
    var image: Int
    var group: Int
    var phase: Int
    var block: fcn_block
  }

  func run(_ context: StepContext, _ product: Product) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let source = Box(x)
    let target = Box(y)
    let tasks = tasks(target)
    let columns = geometry.panelColumns(strip: strip)
    let panelFloats = (geometry.panelFloats(strip: strip) + 15) / 16 * 16
    context.run(tasks.count) { index, worker in
      var task = tasks[index]
      let panel = context.scratch(worker: worker).assumingMemoryBound(to: Float.self)
      let acc = panel + panelFloats
      if geometry.depth(task.phase) > 0 {
        gather(source, x, task, panel)
      }
      product(task.group, task.phase, panel, acc)
      store(target, y, context.residual, &task, acc, columns)
    }
  }

  private func tasks(_ target: Box) -> [Task] {
    var result: [Task] = []
    for phase in geometry.phases.indices {
      let axes = geometry.phases[phase]
      let rows = axes[1].positions(target.h)
      let columns = axes[2].positions(target.w)
      if rows.isEmpty || columns.isEmpty { continue }
      let (br, bc) = (geometry.blockRows, geometry.blockColumns)
      for image in target.n {
        for group in 0..<geometry.groups {
          let channels = group * geometry.outputChannels..<(group + 1) * geometry.outputChannels
          if !channels.overlaps(target.c) { continue }
          for d in axes[0].positions(target.d) {
            for h in stride(from: rows.lowerBound.dividedDown(by: br) * br, to: rows.upperBound, by: br) {
              for w in stride(from: columns.lowerBound.dividedDown(by: bc) * bc, to: columns.upperBound, by: bc) {
                let block = fcn_block(d: d, h: h, w: w, rows: br, columns: bc, pitch: geometry.pitch)
                result.append(Task(image: image, group: group, phase: phase, block: block))
              }
            }
          }
        }
      }
    }
    return result
  }

  private func gather(_ box: Box, _ view: BufferView, _ task: Task, _ panel: UnsafeMutablePointer<Float>) {
    let axes = geometry.phases[task.phase]
    // Where an output reads nothing of the image, the held region is what others asked for and may lack this image or
    // these channels; the columns that complete a block must not read there either.
    let first = task.group * geometry.inputChannels
    let isHeld =
      box.n.contains(task.image) && box.c.lowerBound <= first
      && first + geometry.inputChannels <= box.c.upperBound
    let plane =
      isHeld ? box.plane(image: task.image) + (first - box.c.lowerBound) * box.channelStride : 0
    axes[0].offsets.withUnsafeBufferPointer { d in
      axes[1].offsets.withUnsafeBufferPointer { h in
        axes[2].offsets.withUnsafeBufferPointer { w in
          var gather = fcn_gather(
            src: view.pointer.assumingMemoryBound(to: Float.self) + plane, channels: geometry.inputChannels,
            channel_stride: box.channelStride, d_stride: box.depthStride, h_stride: box.rowStride,
            d_lo: box.d.lowerBound, d_hi: isHeld ? box.d.upperBound : box.d.lowerBound, h_lo: box.h.lowerBound,
            h_hi: box.h.upperBound,
            w_lo: box.w.lowerBound, w_hi: box.w.upperBound, d_step: axes[0].inputStep, h_step: axes[1].inputStep,
            w_step: axes[2].inputStep, d_taps: d.count, h_taps: h.count, w_taps: w.count, d_offsets: d.baseAddress,
            h_offsets: h.baseAddress, w_offsets: w.baseAddress)
          var block = task.block
          if geometry.halo != nil {
            table.pointee.f32_pack_rows(
              &gather, &block, axes[1].lowest, axes[2].lowest, block.rows + axes[1].span,
              geometry.planeFloats(strip: strip), panel)
          } else {
            table.pointee.f32_pack_panel(&gather, &block, strip, panel)
          }
        }
      }
    }
  }

  private func store(
    _ box: Box, _ view: BufferView, _ residual: BufferView?, _ task: inout Task, _ acc: UnsafeMutablePointer<Float>,
    _ columns: Int
  ) {
    let axes = geometry.phases[task.phase]
    let first = task.group * geometry.outputChannels
    let channels = (first..<first + geometry.outputChannels).clamped(to: box.c)
    let z = task.block.d * axes[0].outputStep + axes[0].phase
    let offset = box.offset(image: task.image, channels.lowerBound, z, box)
    let held = residual.map { Box($0) }
    let addend = residual.map { $0.floats + Box($0).offset(image: task.image, channels.lowerBound, z, box) }
    bias.withUnsafeBufferPointer { bias in
      var store = fcn_store(
        dst: view.pointer.assumingMemoryBound(to: Float.self) + offset,
        residual: addend.map { UnsafePointer($0) },
        channels: channels.count, channel_stride: box.channelStride, h_stride: box.rowStride,
        residual_channel_stride: held?.channelStride ?? 0, residual_h_stride: held?.rowStride ?? 0,
        h_lo: box.h.lowerBound, h_hi: box.h.upperBound, w_lo: box.w.lowerBound, w_hi: box.w.upperBound,
        h_step: axes[1].outputStep, h_phase: axes[1].phase, w_step: axes[2].outputStep, w_phase: axes[2].phase,
        bias: bias.isEmpty ? nil : bias.baseAddress! + channels.lowerBound, activation: activation.op,
        a: activation.a, b: activation.b)
      table.pointee.f32_store_block(acc + (channels.lowerBound - first) * columns, columns, &task.block, &store)
    }
  }
}
