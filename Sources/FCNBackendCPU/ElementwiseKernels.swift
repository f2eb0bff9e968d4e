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
    dims.run(context) { offsets, target, count in
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

  static func code(_ function: BinaryFunction) -> fcn_binary? {
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
    dims.run(context) { offsets, target, count in
      let dst = y.floats + target
      table.pointee.f32_binary(
        op, a.floats + offsets[0], dims.innerStep(0), b.floats + offsets[1], dims.innerStep(1), dst, count)
      if activation.op != FCN_IDENTITY {
        table.pointee.f32_unary(activation.op, activation.a, activation.b, dst, dst, count)
      }
    }
  }
}
