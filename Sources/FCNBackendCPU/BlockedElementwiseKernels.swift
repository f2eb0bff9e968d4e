import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Elementwise functions of one argument on blocked feature maps.
struct BlockedUnaryKernel: KernelFactory, StepKernel {
  private let table: KernelTable
  private let activation: Activation

  static func offer(_ candidate: Candidate) -> KernelOffer {
    var offer = UnaryKernel.offer(candidate)
    offer.name = "fcn_f32_unary_blocked__\(candidate.table.isa)"
    if offer.refusal != nil { return offer }
    if let reason = candidate.blockedRefusal { return .refused(offer.name, reason) }
    offer.inputLayouts = [.blocked]
    offer.outputLayout = .blocked
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    guard case .unary(let function) = candidate.node.op, let activation = Activation(function) else {
      preconditionFailure("made for an offer")
    }
    return BlockedUnaryKernel(table: candidate.table, activation: activation)
  }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0]?.asLanes, let y = context.outputs[0]?.asLanes, !y.region.isEmpty else { return }
    LoopNest([x], y).run(context) { offsets, target, count in
      table.pointee.f32_unary(
        activation.op, activation.a, activation.b, x.floats + offsets[0], y.floats + target, count)
    }
  }
}

/// Elementwise functions of two arguments on blocked feature maps: of one shape, or one of them a vector over channels.
struct BlockedBinaryKernel: KernelFactory, StepKernel {
  private enum Form {
    case equal
    /// The other operand is `[N or 1, C, 1, …]`.
    case lanes(vector: Int)
    /// The other operand is constant, packed `[blocks][16]`.
    case constant(FloatStore, vector: Int)
  }

  private let table: KernelTable
  private let op: fcn_binary
  private let activation: Activation
  private let form: Form

  static func offer(_ candidate: Candidate) -> KernelOffer {
    var offer = BinaryKernel.offer(candidate)
    offer.name = "fcn_f32_binary_blocked__\(candidate.table.isa)"
    if offer.refusal != nil { return offer }
    if candidate.family == .blas { return .refused(offer.name, "kernels blas are asked for") }
    guard Layout.canBlock(candidate.output), let a = candidate.type(0), let b = candidate.type(1) else {
      return .refused(offer.name, "not a feature map")
    }
    let shape = candidate.output.shape
    offer.outputLayout = .blocked
    offer.inputLayouts = [.blocked, .blocked]
    if a.shape == shape && b.shape == shape && candidate.constant(0) == nil && candidate.constant(1) == nil {
      guard candidate.layout(0) == .blocked || candidate.layout(1) == .blocked else {
        return .refused(offer.name, "its inputs are planar")
      }
      return offer
    }
    let (full, vector) = a.shape == shape ? (0, 1) : (1, 0)
    guard candidate.type(full)!.shape == shape, candidate.layout(full) == .blocked else {
      return .refused(offer.name, "its input is planar, or both are broadcast")
    }
    guard isVector(candidate.type(vector)!.shape, of: shape) else {
      return .refused(offer.name, "the other operand is no vector over channels")
    }
    if candidate.constant(vector) != nil {
      if candidate.type(vector)!.shape.dims.dropLast(shape.rank - 1).contains(where: { $0 > 1 }) {
        return .refused(offer.name, "a constant for each image")
      }
      offer.packsInputs = [vector]
    } else if !Layout.canBlock(candidate.type(vector)!) || candidate.type(vector)!.shape[1] != shape[1] {
      return .refused(offer.name, "the other operand is no feature map")
    }
    offer.isInPlace = full == 0
    return offer
  }

  /// `[N or 1, C or 1, 1, …]`, or the trailing part of it.
  private static func isVector(_ dims: Shape, of shape: Shape) -> Bool {
    let padded = Array(repeating: 1, count: shape.rank - dims.rank) + dims.dims
    return padded[2...].allSatisfy { $0 == 1 }
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    guard case .binary(let function) = candidate.node.op, let code = BinaryKernel.code(function) else {
      preconditionFailure("made for an offer")
    }
    return BlockedBinaryKernel(
      table: candidate.table, op: code, activation: step.activation.flatMap(Activation.init) ?? .none,
      form: try form(candidate))
  }

  private static func form(_ candidate: Candidate) throws(RuntimeError) -> Form {
    let shape = candidate.output.shape
    if candidate.type(0)?.shape == shape && candidate.type(1)?.shape == shape && candidate.constant(0) == nil
      && candidate.constant(1) == nil
    {
      return .equal
    }
    let vector = candidate.type(0)!.shape == shape && candidate.layout(0) == .blocked ? 1 : 0
    guard let constant = candidate.constant(vector) else { return .lanes(vector: vector) }
    let store = try FloatStore(count: shape[1].dividedUp(by: Layout.block) * Layout.block)
    constant.withElements(Float.self) { values in
      for c in 0..<shape[1] { store.pointer[c] = values[values.count == 1 ? 0 : c] }
    }
    return .constant(store, vector: vector)
  }

  func run(_ context: StepContext) {
    guard let y = context.outputs[0], !y.region.isEmpty else { return }
    switch form {
    case .equal:
      guard let a = context.inputs[0]?.asLanes, let b = context.inputs[1]?.asLanes else { return }
      let (target, nest) = (y.asLanes, LoopNest([a, b], y.asLanes))
      nest.run(context) { offsets, place, count in
        let dst = target.floats + place
        table.pointee.f32_binary(op, a.floats + offsets[0], 1, b.floats + offsets[1], 1, dst, count)
        activate(dst, count)
      }
    case .lanes(let vector):
      guard let x = context.inputs[1 - vector], let lanes = context.inputs[vector] else { return }
      let held = BlockedBox(lanes)
      run(context, x, y, vector) { at in
        UnsafePointer(
          lanes.floats + held.offset(image: held.n.count == 1 ? held.n.lowerBound : at.image, block: at.block, z: 0))
      }
    case .constant(let store, let vector):
      guard let x = context.inputs[1 - vector] else { return }
      run(context, x, y, vector) { at in UnsafePointer(store.pointer + at.block * Layout.block) }
    }
  }

  private func run(
    _ context: StepContext, _ x: BufferView, _ y: BufferView, _ vector: Int,
    _ lanes: (BlockLoop) -> UnsafePointer<Float>
  ) {
    let (source, target) = (BlockedBox(x), BlockedBox(y))
    let parts = RowParts(target.h, columns: target.w.count)
    let isDense = source.w == target.w
    context.run(BlockLoop.count(target) * parts.count) { index, _ in
      let at = BlockLoop(index / parts.count, in: target)
      let rows = parts[index % parts.count]
      let from = x.floats + source.offset(image: at.image, block: at.block, z: at.z)
      let to = y.floats + target.offset(image: at.image, block: at.block, z: at.z)
      let count = isDense ? rows.count * target.w.count : target.w.count
      for row in isDense ? rows.prefix(1) : rows[...] {
        let dst = to + target.offset(row: row, column: target.w.lowerBound)
        table.pointee.f32_binary_lanes(
          op, from + source.offset(row: row, column: target.w.lowerBound), lanes(at), vector == 0 ? 1 : 0, dst, count)
        activate(dst, count * Layout.block)
      }
    }
  }

  private func activate(_ dst: UnsafeMutablePointer<Float>, _ count: Int) {
    if activation.op != FCN_IDENTITY {
      table.pointee.f32_unary(activation.op, activation.a, activation.b, dst, dst, count)
    }
  }
}
