import FCNGraph
import FCNRuntime

/// The kernels of the device.
enum VulkanKernels {
  /// For an operator, best first.
  static func kernels(for op: Operator) -> [any VulkanKernel.Type] {
    switch op {
    case .unary: [UnaryShader.self]
    case .binary: [BinaryShader.self]
    case .convolution, .convTranspose: convolutions
    case .pool: [PoolShader.self]
    case .pad, .slice, .part: [MoveShader.self, ChannelMoveShader.self]
    case .expand, .tile: [MoveShader.self]
    case .concat: [ConcatShader.self, SpatialConcatShader.self]
    case .resize: [ResizeShader.self]
    case .transpose: [TransposeShader.self]
    case .depthToSpace, .spaceToDepth: [ShuffleShader.self]
    case .softmax: [SoftmaxShader.self]
    case .reduce: [ReduceShader.self]
    case .argReduce: [ArgReduceShader.self]
    case .normalize: [NormalizationShader.self, LocalResponseShader.self]
    case .maxUnpool: [UnpoolShader.self]
    case .matMul, .gemm, .reshape, .select, .cast, .gather, .gridSample, .shape, .size,
      .constantOfShape, .range, .unsupported:
      []
    }
  }

  private static var convolutions: [any VulkanKernel.Type] {
    [
      DepthwiseShader.self, WinogradShader.self, SharedMemoryConvolutionShader.self, ConvolutionShader.self,
      GroupedConvolutionShader.self,
    ]
  }

  private static var all: [any VulkanKernel.Type] {
    convolutions + [
      UnaryShader.self, BinaryShader.self, PoolShader.self, MoveShader.self, ChannelMoveShader.self, ConcatShader.self,
      SpatialConcatShader.self, LocalResponseShader.self, ResizeShader.self, TransposeShader.self, ShuffleShader.self,
      SoftmaxShader.self, ReduceShader.self,
      ArgReduceShader.self, NormalizationShader.self, UnpoolShader.self,
    ]
  }

  /// The kernel behind an offer.
  static func kernel(of offer: KernelOffer) -> (any VulkanKernel.Type)? {
    all.first { offer.name == "fcn_f32_\($0.name)__vulkan" }
  }

  /// The dispatches of a step that the device runs.
  static func make(_ builder: inout StepBuilder) throws(RuntimeError) {
    let step = builder.step
    if step.isReorder { return try ReorderShader.make(&builder) }
    let candidate = VulkanCandidate(
      node: step.node, sizing: step.sizing, graph: builder.plan.sized, facts: builder.facts)
    guard let kernel = kernel(of: step.offer) else {
      throw RuntimeError(.unsupported, node: step.node.label, "\(step.offer.name): expected a kernel of this device")
    }
    try kernel.make(candidate, &builder)
  }
}
