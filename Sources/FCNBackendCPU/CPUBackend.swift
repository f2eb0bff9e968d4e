import CFCNKernels
package import FCNGraph
package import FCNRuntime
import FCNTensor

/// Kernels on this machine's memory: our C inner loops and OpenBLAS, single-threaded from our own pool.
package final class CPUBackend: HostBackend {
  package let name = "cpu"
  package let storesDouble = false
  package let instructionSet: InstructionSet
  package let family: KernelFamily
  let table: KernelTable
  package let pool: ThreadPool

  /// - Parameter instructionSet: one that `isAvailable`; nil: the best.
  package init(pool: ThreadPool, instructionSet: InstructionSet? = nil, family: KernelFamily = .auto) {
    let chosen = instructionSet ?? .best
    self.instructionSet = chosen
    self.family = family
    self.pool = pool
    table = KernelTable(chosen)
  }

  package func offers(for node: Node, sizing: NodeSizing, in graph: SizedGraph, layouts: [Layout]) -> [KernelOffer] {
    let candidate = Candidate(
      node: node, sizing: sizing, graph: graph, table: table, family: family, pool: pool, layouts: layouts)
    return factories(for: node.op).map { $0.offer(candidate) } + [ReferenceKernel.offer]
  }

  package func absorbs(_ function: UnaryFunction, offer: KernelOffer) -> Bool {
    offer.absorbsActivation && Activation(function) != nil
  }

  package func prepare(_ plan: Plan) throws(RuntimeError) -> any Executable {
    var kernels: [any StepKernel] = []
    for step in plan.steps { kernels.append(try kernel(for: step, in: plan)) }
    return try PlannedExecutable(plan, kernels: kernels, pool: pool)
  }

  package func kernel(for step: PlanStep, in plan: Plan) throws(RuntimeError) -> any StepKernel {
    if step.isReorder { return ReorderKernel(table: table) }
    let candidate = Candidate(
      node: step.node, sizing: step.sizing, graph: plan.sized, table: table, family: family, pool: pool,
      layouts: step.inputs.map { $0?.layout ?? .planar })
    let factory = factories(for: step.node.op).first { $0.offer(candidate).name == step.offer.name }
    return try factory?.make(candidate, step) ?? ReferenceKernel(step)
  }

  /// The kernels for an operator, best first.
  private func factories(for op: Operator) -> [any KernelFactory.Type] {
    if family == .reference { return [] }
    switch op {
    case .convolution:
      return [
        WinogradKernel.self, BlockedDepthwiseKernel.self, BlockedConvolutionKernel.self, DirectConvolutionKernel.self,
        PackedConvolutionKernel.self, BLASConvolutionKernel.self,
      ]
    case .convTranspose:
      return [BlockedConvolutionKernel.self, PackedConvolutionKernel.self, BLASConvolutionKernel.self]
    case .pool: return [BlockedPoolKernel.self, BlockedIndexPoolKernel.self, PoolKernel.self]
    case .maxUnpool: return [BlockedUnpoolKernel.self]
    case .resize: return [BlockedCopyKernel.self, BlockedResizeKernel.self, NearestKernel.self, ResizeKernel.self]
    case .unary: return [BlockedUnaryKernel.self, UnaryKernel.self]
    case .binary: return [BlockedBinaryKernel.self, BinaryKernel.self]
    case .pad, .slice: return [BlockedCopyKernel.self, CopyKernel.self]
    case .part, .transpose, .expand, .tile, .depthToSpace, .spaceToDepth: return [CopyKernel.self]
    case .concat: return [BlockedConcatKernel.self, ConcatKernel.self]
    case .softmax: return [SoftmaxKernel.self]
    case .reduce: return [BlockedSpatialReduceKernel.self, SpatialReduceKernel.self]
    case .normalize:
      return [BlockedNormalizationKernel.self, BatchNormalizationKernel.self, InstanceNormalizationKernel.self]
    case .matMul, .gemm: return [MatrixProductKernel.self]
    case .reshape: return [ReshapeKernel.self]
    case .argReduce: return [ArgReduceKernel.self]
    case .select, .cast, .gather, .gridSample, .shape, .size, .constantOfShape, .range,
      .unsupported:
      return []
    }
  }
}
