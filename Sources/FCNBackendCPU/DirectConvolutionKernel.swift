import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Depthwise and narrow grouped convolution, 1-D to 3-D: one output row at a time, taps in raster order.
struct DirectConvolutionKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let axes: [WindowAxis]
  private let inputChannels: Int
  private let outputChannels: Int
  private let weights: FloatStore
  private let bias: [Float]
  private let activation: Activation

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_conv_direct__\(candidate.table.isa)"
    if candidate.family == .blas { return .refused(name, "OpenBLAS is asked for") }
    if let reason = convolutionRefusal(candidate) { return .refused(name, reason) }
    guard case .convolution(let payload) = candidate.node.op, let weights = candidate.type(1),
      windowAxes(candidate) != nil
    else { return .refused(name, "not a window of 1 to 3 axes") }
    guard payload.groups > 1, weights.shape[1] * (weights.shape[0] / payload.groups) <= 16 else {
      return .refused(name, "more than 16 channel pairs a group: a matrix product is faster")
    }
    return convolutionOffer(name, 0)
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    try DirectConvolutionKernel(candidate, step)
  }

  private init(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) {
    table = candidate.table
    axes = windowAxes(candidate)!
    guard case .convolution(let payload) = candidate.node.op, let shape = candidate.type(1)?.shape else {
      preconditionFailure("made for an offer")
    }
    inputChannels = shape[1]
    outputChannels = shape[0] / payload.groups
    let source = try candidate.weights()
    let store = try FloatStore(count: source.count)
    source.withElements(Float.self) { store.pointer.update(from: $0.baseAddress!, count: $0.count) }
    weights = store
    bias = convolutionBias(candidate)
    activation = step.activation.flatMap(Activation.init) ?? .none
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let source = Box(x)
    let target = Box(y)
    let rows = 16
    let chunks = (target.h.count + rows - 1) / rows
    context.run(target.n.count * target.c.count * target.d.count * chunks) { index, _ in
      var rest = index
      let chunk = rest % chunks
      rest /= chunks
      let z = target.d.lowerBound + rest % target.d.count
      rest /= target.d.count
      let m = target.c.lowerBound + rest % target.c.count
      let image = target.n.lowerBound + rest / target.c.count
      let first = target.h.lowerBound + chunk * rows
      for row in first..<min(first + rows, target.h.upperBound) {
        compute(x, y, source, target, context.residual, image: image, channel: m, z: z, row: row)
      }
    }
  }

  private func compute(
    _ x: BufferView, _ y: BufferView, _ source: Box, _ target: Box, _ residual: BufferView?, image: Int, channel m: Int,
    z: Int, row: Int
  ) {
    let offset = target.offset(image: image, m, z, target) + (row - target.h.lowerBound) * target.rowStride
    let dst = y.pointer.assumingMemoryBound(to: Float.self) + offset
    let count = target.w.count
    dst.update(repeating: bias.isEmpty ? 0 : bias[m], count: count)
    let group = m / outputChannels
    let taps = axes[0].kernel * axes[1].kernel * axes[2].kernel
    for c in 0..<inputChannels {
      for kd in 0..<axes[0].kernel {
        let iz = z * axes[0].stride - axes[0].low + kd * axes[0].dilation
        guard source.d.contains(iz) else { continue }
        let plane =
          source.plane(image: image)
          + (group * inputChannels + c - source.c.lowerBound) * source.channelStride
          + (iz - source.d.lowerBound) * source.depthStride
        var window = fcn_window(source, axes, x.pointer.assumingMemoryBound(to: Float.self) + plane)
        table.pointee.f32_window_sum(
          &window, weights.pointer + (m * inputChannels + c) * taps + kd * axes[1].kernel * axes[2].kernel, row,
          target.w.lowerBound, count, dst)
      }
    }
    if let residual {
      let held = Box(residual)
      let add = held.offset(image: image, m, z, target) + (row - target.h.lowerBound) * held.rowStride
      table.pointee.f32_binary(FCN_ADD, dst, 1, residual.floats + add, 1, dst, count)
    }
    if activation.op != FCN_IDENTITY {
      table.pointee.f32_unary(activation.op, activation.a, activation.b, dst, dst, count)
    }
  }
}
