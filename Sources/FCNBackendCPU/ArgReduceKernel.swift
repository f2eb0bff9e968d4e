import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// ArgMax and ArgMin over one axis: NaN counts as the extreme; the first of equals unless the last is wanted.
struct ArgReduceKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let payload: ArgReduce
  private let axis: Int

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_argreduce__\(candidate.table.isa)"
    guard case .argReduce(let payload) = candidate.node.op, let x = candidate.type(0) else {
      return .refused(name, "not an ArgMax or ArgMin")
    }
    if x.elementType != .float32 { return .refused(name, "element type \(x.elementType.rawValue)") }
    let axis = payload.axis < 0 ? payload.axis + x.shape.rank : payload.axis
    if !x.shape.dims.indices.contains(axis) || !(1...Int(Int32.max)).contains(x.shape[axis]) {
      return .refused(name, "axis \(payload.axis) of \(x.shape)")
    }
    return KernelOffer(name)
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    guard case .argReduce(let payload) = candidate.node.op, let x = candidate.type(0) else {
      preconditionFailure("made for an offer")
    }
    return ArgReduceKernel(
      table: candidate.table, payload: payload, axis: payload.axis < 0 ? payload.axis + x.shape.rank : payload.axis)
  }

  /// A task takes one row: the last axis, or one element where that is reduced.
  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let strides = x.region.shape.strides
    let last = x.region.rank - 1
    // The wanted ranges of the axes that are kept, and where the first of them lies in the input.
    var kept: [(count: Int, stride: Int)] = []
    var first = 0
    for index in 0...last where index != axis {
      let range = y.region[payload.keepsDimensions || index < axis ? index : index - 1]
      kept.append((range.count, strides[index]))
      first += (range.lowerBound - x.region[index].lowerBound) * strides[index]
    }
    let row = axis == last ? 1 : kept.removeLast().count
    let target = y.pointer.assumingMemoryBound(to: Int64.self)
    context.run(kept.reduce(1) { $0 * $1.count }) { task, _ in
      var (rest, source) = (task, first)
      for (count, stride) in kept.reversed() {
        source += rest % count * stride
        rest /= count
      }
      table.pointee.f32_arg_reduce(
        x.floats + source, x.region[axis].count, strides[axis], payload.isMaximum ? 0 : 1, payload.selectsLast ? 1 : 0,
        target + task * row, row)
    }
  }
}
