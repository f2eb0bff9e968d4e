import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Elementwise functions of one argument.
struct UnaryKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let activation: Activation

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_unary__\(candidate.table.isa)"
    if !candidate.isFloat32 { return .refused(name, "element type \(candidate.output.elementType.rawValue)") }
    guard case .unary(let function) = candidate.node.op, Activation(function) != nil else {
      return .refused(name, "function has no kernel")
    }
    var offer = KernelOffer(name)
    offer.isInPlace = true
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    guard case .unary(let function) = candidate.node.op, let activation = Activation(function) else {
      preconditionFailure("made for an offer")
    }
    return UnaryKernel(table: candidate.table, activation: activation)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let dims = LoopNest([x], y)
    dims.run(context.pool) { offsets, target, count in
      table.pointee.f32_unary(
        activation.op, activation.a, activation.b, x.floats + offsets[0], y.floats + target, count)
    }
  }
}

/// Elementwise functions of two arguments with broadcasting.
struct BinaryKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let op: fcn_binary
  private let activation: Activation

  private static func code(_ function: BinaryFunction) -> fcn_binary? {
    switch function {
    case .add: FCN_ADD
    case .subtract: FCN_SUB
    case .multiply: FCN_MUL
    case .divide: FCN_DIV
    case .maximum: FCN_MAX
    case .minimum: FCN_MIN
    case .prelu: FCN_PRELU
    case .power, .modulo, .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or, .xor, .bitwiseAnd,
      .bitwiseOr, .bitwiseXor, .shiftLeft, .shiftRight:
      nil
    }
  }

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_f32_binary__\(candidate.table.isa)"
    if !candidate.isFloat32 || candidate.type(1)?.elementType != .float32 {
      return .refused(name, "element type \(candidate.output.elementType.rawValue)")
    }
    guard case .binary(let function) = candidate.node.op, code(function) != nil else {
      return .refused(name, "function has no kernel")
    }
    var offer = KernelOffer(name)
    offer.absorbsActivation = true
    offer.isInPlace = candidate.type(0)?.shape == candidate.output.shape
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    guard case .binary(let function) = candidate.node.op, let code = code(function) else {
      preconditionFailure("made for an offer")
    }
    return BinaryKernel(
      table: candidate.table, op: code, activation: step.activation.flatMap(Activation.init) ?? .none)
  }

  func run(_ context: StepContext) {
    guard let a = context.inputs[0], let b = context.inputs[1], let y = context.outputs[0], !y.region.isEmpty else {
      return
    }
    let dims = LoopNest([a, b], y)
    dims.run(context.pool) { offsets, target, count in
      let dst = y.floats + target
      table.pointee.f32_binary(
        op, a.floats + offsets[0], dims.innerStep(0), b.floats + offsets[1], dims.innerStep(1), dst, count)
      if activation.op != FCN_IDENTITY {
        table.pointee.f32_unary(activation.op, activation.a, activation.b, dst, dst, count)
      }
    }
  }
}

extension BufferView {
  var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
}

/// The loops of an elementwise operation over an output region, neighbouring axes merged where every operand allows.
struct LoopNest {
  private struct Axis {
    var count: Int
    var steps: [Int]
  }

  /// Innermost first.
  private var axes: [Axis] = []
  private let bases: [Int]

  init(_ operands: [BufferView], _ y: BufferView) {
    let rank = y.region.rank
    let strides = operands.map { $0.region.shape.strides }
    bases = operands.enumerated().map { index, x in
      let offset = rank - x.region.rank
      return (0..<x.region.rank).reduce(0) { sum, axis in
        x.shape[axis] == 1
          ? sum : sum + (y.region[axis + offset].lowerBound - x.region[axis].lowerBound) * strides[index][axis]
      }
    }
    for axis in (0..<rank).reversed() {
      let steps = operands.enumerated().map { index, x in
        let own = axis - (rank - x.region.rank)
        return own < 0 || x.shape[own] == 1 ? 0 : strides[index][own]
      }
      let item = Axis(count: y.region[axis].count, steps: steps)
      if item.count == 1 { continue }
      if let inner = axes.last, zip(inner.steps, item.steps).allSatisfy({ $1 == $0 * inner.count }) {
        axes[axes.count - 1].count *= item.count
      } else {
        axes.append(item)
      }
    }
    if axes.isEmpty { axes = [Axis(count: 1, steps: operands.map { _ in 0 })] }
  }

  var innerCount: Int { axes[0].count }
  var rowCount: Int { axes.dropFirst().reduce(1) { $0 * $1.count } }

  /// Where each operand's run of outer position `row` begins.
  func offsets(row: Int) -> [Int] {
    var offsets = bases
    var rest = row
    for axis in axes.dropFirst() {
      let position = rest % axis.count
      rest /= axis.count
      for index in offsets.indices { offsets[index] += position * axis.steps[index] }
    }
    return offsets
  }

  func innerStep(_ operand: Int) -> Int { axes[0].steps[operand] }

  /// Calls `body(offset of each operand, output offset, count)` for runs along the innermost axis.
  func run(_ pool: ThreadPool, _ body: ([Int], Int, Int) -> Void) {
    let inner = axes[0]
    let chunk = 8192
    let chunks = (inner.count + chunk - 1) / chunk
    let rows = rowCount
    let perTask = max(1, chunk / inner.count)
    let groups = (rows + perTask - 1) / perTask
    pool.run(groups * chunks) { task, _ in
      let start = task % chunks * chunk
      let count = min(chunk, inner.count - start)
      for row in task / chunks * perTask..<min(rows, (task / chunks + 1) * perTask) {
        var offsets = offsets(row: row)
        for index in offsets.indices { offsets[index] += start * inner.steps[index] }
        body(offsets, row * inner.count + start, count)
      }
    }
  }
}

extension LoopNest {
  /// As `run`, on the calling thread.
  func runHere(_ body: ([Int], Int, Int) -> Void) {
    let rows = rowCount
    for row in 0..<rows { body(offsets(row: row), row * innerCount, innerCount) }
  }
}
