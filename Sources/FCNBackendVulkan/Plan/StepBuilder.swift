import FCNGraph
import FCNRuntime
import FCNTensor

/// What a kernel sees of a step, and where it puts its dispatches and weights.
struct StepBuilder {
  let plan: Plan
  let step: PlanStep
  let largestGroupCounts: [Int]
  /// Operations of a dispatch beyond which it is split along x.
  let largestFlops: Int
  let weights: WeightStore
  private let device: VulkanDevice
  private(set) var dispatches: [Dispatch] = []
  /// Bytes beyond the arena that the step uses between its dispatches.
  private(set) var scratchBytes = 0

  init(_ plan: Plan, _ step: PlanStep, _ device: VulkanDevice, _ weights: WeightStore, largestFlops: Int) {
    self.plan = plan
    self.step = step
    largestGroupCounts = device.largestGroupCounts
    self.largestFlops = largestFlops
    self.device = device
    self.weights = weights
  }

  /// Nil for a constant.
  func input(_ index: Int) -> DeviceTensor? {
    index < step.inputs.count ? step.inputs[index].flatMap(tensor) : nil
  }

  func output(_ index: Int = 0) -> DeviceTensor? {
    index < step.outputs.count ? step.outputs[index].flatMap(tensor) : nil
  }

  /// An output of which the kernel's kind drops the channels.
  func output(dropsChannels: Bool) -> DeviceTensor? {
    step.outputs[0].flatMap { plan.buffers[$0] }.map { DeviceTensor($0, dropsChannels: dropsChannels) }
  }

  var residual: DeviceTensor? { step.residual.flatMap(tensor) }

  private func tensor(_ value: StoredValue) -> DeviceTensor? { plan.buffers[value].map { DeviceTensor($0) } }

  /// Code and parameters of the step's activation; the constants and words of every shader.
  var activation: ActivationCode { step.activation.flatMap { ActivationCode($0) } ?? .none }

  /// Of a step that brings indices of maxima to the host: positions of the image that they point into.
  var pooledPositions: Int? {
    guard let input = step.inputs[0], plan.buffers[input]?.elementType == .int32 else { return nil }
    let pool = plan.steps.first { $0.outputs.contains(input) }
    return pool?.node.input(0).map { plan.sized.type($0).shape.dims[2...].reduce(1, *) }
  }

  /// A place for packed constants, one for all parts of a request.
  ///
  /// - Parameter tag: what is packed, where a step packs several things.
  func pack(_ tag: String, count: Int, _ fill: @escaping WeightStore.Fill) -> Binding {
    let output = step.outputs.compactMap { $0 }[0]
    return weights.place("\(step.offer.name) \(output.id.index) \(tag)", count: count, fill)
  }

  /// Memory of the device that is the step's until its last dispatch.
  mutating func scratch(floats: Int) -> Binding {
    let unit = plan.alignment
    let start = plan.deviceArenaBytes.dividedUp(by: unit) * unit + scratchBytes
    let place = Binding(buffer: .device, offset: start, range: max(4, floats) * 4)
    scratchBytes += place.range.dividedUp(by: unit) * unit
    return place
  }

  /// Sets activation, node and operations, and splits what has too many groups or takes too long along x, whose index
  /// the base in the push block moves.
  ///
  /// - Throws: `RuntimeError.device` where y or z are beyond the device.
  mutating func add(_ dispatch: Dispatch, flops: Int = 0, activates: Bool = true) throws(RuntimeError) {
    var dispatch = dispatch
    dispatch.node = step.node.label
    // A window may lie outside the image altogether: nothing is held of the source then, and nothing read.
    for slot in dispatch.bindings.indices where dispatch.bindings[slot]?.range == 0 { dispatch.bindings[slot] = nil }
    dispatch.form = device.form(dispatch.shader, dispatch.bindings)
    if activates, activation.code != 0 {
      dispatch.constants[ShaderConstant.activation] = activation.code
      dispatch.push.setParameters(activation.a, activation.b)
    }
    if dispatch.groups.contains(0) { return }
    for axis in [1, 2] where dispatch.groups[axis] > largestGroupCounts[axis] {
      throw RuntimeError(
        .memory, node: step.node.label,
        "workgroups along axis \(axis): expected at most \(largestGroupCounts[axis]), got \(dispatch.groups[axis])")
    }
    // What only moves elements takes its time too.
    let elements = dispatch.push[0] * dispatch.push[1] * 4 * dispatch.push[2] * dispatch.push[3] * dispatch.push[4]
    let flops = max(flops, elements)
    let total = dispatch.groups[0]
    let parts = min(total, max(total.dividedUp(by: largestGroupCounts[0]), flops.dividedUp(by: largestFlops)))
    let size = total.dividedUp(by: max(1, parts))
    var first = 0
    while first < total {
      var part = dispatch
      part.groups[0] = min(size, total - first)
      part.push.base += first
      part.flops = flops / total * part.groups[0]
      dispatches.append(part)
      first += size
    }
  }
}

/// Ids of the specialization constants in Shaders/common/params.glsl.
enum ShaderConstant {
  static let kernelH: UInt32 = 0
  static let kernelW: UInt32 = 1
  static let strideH: UInt32 = 2
  static let strideW: UInt32 = 3
  static let padTop: UInt32 = 4
  static let padLeft: UInt32 = 5
  static let dilationH: UInt32 = 6
  static let dilationW: UInt32 = 7
  static let activation: UInt32 = 8
  static let residual: UInt32 = 9
  static let op: UInt32 = 10
  static let kernelD: UInt32 = 11
  static let strideD: UInt32 = 12
  static let padFront: UInt32 = 13
  static let dilationD: UInt32 = 14
  static let flags: UInt32 = 15
  /// Three: taps along d, h and w.
  static let tapsD: UInt32 = 16
  /// Five: axes of the source that become n, c, d, h and w.
  static let sourceAxis: UInt32 = 16
  /// Invocations of a workgroup.
  static let lanes: UInt32 = 19
}

/// A unary function as Shaders/common/activation.glsl numbers it.
struct ActivationCode: Sendable {
  var code: Int
  var a: Float = 0
  var b: Float = 0

  static let none = ActivationCode(code: 0)
  /// Codes below this are known to every shader.
  static let inEveryShader = 30

  private init(code: Int, _ a: Double = 0, _ b: Double = 0) {
    self.code = code
    self.a = Float(a)
    self.b = Float(b)
  }

  /// Nil for what no shader has.
  init?(_ function: UnaryFunction) {
    switch function {
    case .identity: self.init(code: 0)
    case .relu: self.init(code: 1)
    case .leakyRelu(let alpha): self.init(code: 2, alpha)
    case .elu(let alpha): self.init(code: 3, alpha)
    case .celu(let alpha): self.init(code: 4, alpha)
    case .selu(let alpha, let gamma): self.init(code: 5, alpha, gamma)
    case .thresholdedRelu(let alpha): self.init(code: 6, alpha)
    case .shrink(let bias, let lambda): self.init(code: 7, bias, lambda)
    case .clip(let low, let high): self.init(code: 8, low, high)
    case .sigmoid: self.init(code: 9)
    case .hardSigmoid(let alpha, let beta): self.init(code: 10, alpha, beta)
    case .hardSwish: self.init(code: 11)
    case .swish(let alpha): self.init(code: 12, alpha)
    case .mish: self.init(code: 13)
    case .gelu(let tanh): self.init(code: tanh ? 15 : 14)
    case .softplus: self.init(code: 16)
    case .softsign: self.init(code: 17)
    case .tanh: self.init(code: 18)
    case .absolute: self.init(code: 19)
    case .exp: self.init(code: 20)
    case .log: self.init(code: 21)
    case .sqrt: self.init(code: 22)
    case .reciprocal: self.init(code: 23)
    case .negate: self.init(code: 24)
    case .floor: self.init(code: 25)
    case .ceil: self.init(code: 26)
    case .sign: self.init(code: 27)
    case .erf: self.init(code: 28)
    case .round: self.init(code: 29)
    case .sin: self.init(code: 30)
    case .cos: self.init(code: 31)
    case .tan: self.init(code: 32)
    case .asin: self.init(code: 33)
    case .acos: self.init(code: 34)
    case .atan: self.init(code: 35)
    case .sinh: self.init(code: 36)
    case .cosh: self.init(code: 37)
    case .asinh: self.init(code: 38)
    case .acosh: self.init(code: 39)
    case .atanh: self.init(code: 40)
    case .not, .bitwiseNot, .isNaN, .isInf: return nil
    }
  }
}
