import FCNGraph
import FCNRuntime

/// The kernels of the device.
enum VulkanKernels {
  /// For an operator, best first.
  static func kernels(for op: Operator) -> [any VulkanKernel.Type] {
    switch op {
    case .unary: [UnaryShader.self]
    case .binary: [BinaryShader.self]
    case .convolution, .convTranspose, .pool, .maxUnpool, .resize, .pad, .slice, .part, .transpose, .expand, .tile,
      .depthToSpace, .spaceToDepth, .concat, .softmax, .reduce, .normalize, .matMul, .gemm, .reshape, .select, .cast,
      .argReduce, .gather, .gridSample, .shape, .size, .constantOfShape, .range, .unsupported:
      []
    }
  }

  /// The dispatches of a step that the device runs.
  static func make(
    _ step: PlanStep, _ plan: Plan, _ device: VulkanDevice, _ builder: inout StepBuilder
  ) throws(RuntimeError) {
    if step.isReorder { return try ReorderShader.make(&builder) }
    let candidate = VulkanCandidate(
      node: step.node, sizing: step.sizing, graph: plan.sized, info: device.info, options: device.options,
      largestRange: device.largestRange)
    guard let kernel = kernels(for: step.node.op).first(where: { $0.offer(candidate).name == step.offer.name }) else {
      throw RuntimeError(.unsupported, node: step.node.label, "\(step.offer.name): expected a kernel of this device")
    }
    try kernel.make(candidate, &builder)
  }
}
