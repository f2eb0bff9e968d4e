package import FCNGraph
package import FCNReference
import FCNTensor

/// Every node by the reference operators: the oracle, and the last kernel of every other backend.
package final class ReferenceBackend: Backend {
  package let storesDouble: Bool
  private let pool: ThreadPool

  package var name: String { storesDouble ? "reference64" : "reference" }

  /// - Parameter storesDouble: whole graphs run in Double.
  package init(pool: ThreadPool, storesDouble: Bool = false) {
    self.pool = pool
    self.storesDouble = storesDouble
  }

  package func offers(for node: Node, sizing: NodeSizing, in graph: SizedGraph, layouts: [Layout]) -> [KernelOffer] {
    [ReferenceKernel.offer]
  }

  package func absorbs(_ function: UnaryFunction, offer: KernelOffer) -> Bool { false }

  package func prepare(_ plan: Plan) throws(RuntimeError) -> any Executable {
    let kernels = plan.steps.map { ReferenceKernel($0, precision: storesDouble ? .double : .model) }
    return try PlannedExecutable(plan, kernels: kernels, pool: pool)
  }
}

/// One node by `FCNReference`, over the planned regions.
package struct ReferenceKernel: StepKernel {
  package static let offer = KernelOffer("fcn_reference")

  private let node: Node
  private let sizing: NodeSizing
  private let evaluator: ReferenceEvaluator

  package init(_ step: PlanStep, precision: Precision = .model) {
    node = step.node
    sizing = step.sizing
    evaluator = ReferenceEvaluator(precision: precision)
  }

  package func run(_ context: StepContext) throws(RuntimeError) {
    let operands = context.inputs.map { view in
      view.map {
        Operand(
          bytes: UnsafeRawBufferPointer($0.bytes), elementType: $0.elementType, shape: $0.shape, region: $0.region)
      }
    }
    // Outputs that nobody reads follow the others.
    let made = context.outputs.compactMap { $0?.region }.first
    let regions = node.outputs.indices.map { context.outputs[$0]?.region ?? made ?? sizing.outputs[$0].shape.region }
    let results: [Operand]
    do throws(GraphError) {
      results = try evaluator.evaluate(node, sizing: sizing, operands: operands, regions: regions)
    } catch { throw RuntimeError(error, otherwise: .data) }
    do throws(TensorError) {
      for (view, result) in zip(context.outputs, results) {
        if let view { try result.write(to: view.bytes, as: view.elementType) }
      }
    } catch { throw RuntimeError(error, node: node.label) }
  }
}
