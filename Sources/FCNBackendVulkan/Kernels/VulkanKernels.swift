import FCNGraph
import FCNRuntime

/// The kernels of the device.
enum VulkanKernels {
  /// For an operator, best first.
  static func kernels(for op: Operator) -> [any VulkanKernel.Type] {
    switch op {
    case .unary: [UnaryShader.self]
    case .binary: [BinaryShader.self]
    case .convolution, .convTranspose: [DepthwiseShader.self, ConvolutionShader.self]
    case .pool: [PoolShader.self]
    case .pad, .slice: [MoveShader.self]
    case .concat: [ConcatShader.self]
    case .softmax: [SoftmaxShader.self]
    case .maxUnpool, .resize, .part, .transpose, .expand, .tile, .depthToSpace, .spaceToDepth, .reduce, .normalize,
      .matMul, .gemm, .reshape, .select, .cast,
      .argReduce, .gather, .gridSample, .shape, .size, .constantOfShape, .range, .unsupported:
      []
    }
  }

  private static var all: [any VulkanKernel.Type] {
    [
      UnaryShader.self, BinaryShader.self, DepthwiseShader.self, ConvolutionShader.self, PoolShader.self,
      MoveShader.self, ConcatShader.self, SoftmaxShader.self,
    ]
  }

  /// The kernel behind an offer.
  static func kernel(of offer: KernelOffer) -> (any VulkanKernel.Type)? {
    all.first { offer.name == "fcn_f32_\($0.name)__vulkan" }
  }

  /// The dispatches of a step that the device runs.
  static func make(
    _ step: PlanStep, _ plan: Plan, _ device: VulkanDevice, _ builder: inout StepBuilder
  ) throws(RuntimeError) {
    if step.isReorder { return try ReorderShader.make(&builder) }
    let candidate = VulkanCandidate(
      node: step.node, sizing: step.sizing, graph: plan.sized, info: device.info, options: device.options,
      largestRange: device.largestRange)
    guard let kernel = kernel(of: step.offer) else {
      throw RuntimeError(.unsupported, node: step.node.label, "\(step.offer.name): expected a kernel of this device")
    }
    try kernel.make(candidate, &builder)
  }
}
