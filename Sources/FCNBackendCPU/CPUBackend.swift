import CFCNKernels
import COpenBLAS
package import FCNGraph
package import FCNRuntime
import FCNTensor

/// Instruction sets that the kernels are compiled for.
package enum InstructionSet: String, Sendable, CaseIterable {
  case avx512, avx2, neon, portable

  var code: fcn_isa {
    switch self {
    case .avx512: FCN_ISA_AVX512
    case .avx2: FCN_ISA_AVX2
    case .neon: FCN_ISA_NEON
    case .portable: FCN_ISA_PORTABLE
    }
  }

  package var isAvailable: Bool { fcn_isa_available(code) != 0 }

  /// The fastest that this machine executes.
  package static var best: InstructionSet { allCases.first(where: \.isAvailable) ?? .portable }
}

/// Which family of kernels is preferred.
package enum KernelFamily: String, Sendable, CaseIterable {
  /// Our own kernels, then OpenBLAS, then the reference.
  case auto
  /// OpenBLAS for every convolution and matrix product.
  case blas
  /// Only the reference.
  case reference
}

/// Kernels on this machine's memory: our C inner loops and OpenBLAS, single-threaded from our own pool.
package final class CPUBackend: Backend {
  package let name = "cpu"
  package let storesDouble = false
  package let instructionSet: InstructionSet
  package let family: KernelFamily
  let table: KernelTable
  let pool: ThreadPool

  /// - Parameter instructionSet: one that `isAvailable`; nil: the best.
  package init(pool: ThreadPool, instructionSet: InstructionSet? = nil, family: KernelFamily = .auto) {
    let chosen = instructionSet ?? .best
    self.instructionSet = chosen
    self.family = family
    self.pool = pool
    table = KernelTable(chosen)
    // OpenBLAS must not start threads of its own: bits and load would depend on them.
    openblas_set_num_threads(1)
  }

  package func offers(for node: Node, sizing: NodeSizing, in graph: SizedGraph) -> [KernelOffer] {
    let candidate = Candidate(node: node, sizing: sizing, graph: graph, table: table, family: family)
    return factories(for: node.op).map { $0.offer(candidate) } + [ReferenceKernel.offer]
  }

  package func absorbs(_ function: UnaryFunction, offer: KernelOffer) -> Bool {
    offer.absorbsActivation && Activation(function) != nil
  }

  package func prepare(_ plan: Plan) throws(RuntimeError) -> any Executable {
    var kernels: [any StepKernel] = []
    for step in plan.steps {
      let candidate = Candidate(
        node: step.node, sizing: step.sizing, graph: plan.sized, table: table, family: family)
      let factory = factories(for: step.node.op).first { $0.offer(candidate).name == step.offer.name }
      if let factory {
        kernels.append(try factory.make(candidate, step))
      } else {
        kernels.append(ReferenceKernel(step))
      }
    }
    return try PlannedExecutable(plan, kernels: kernels, pool: pool)
  }

  /// The kernels for an operator, best first.
  private func factories(for op: Operator) -> [any KernelFactory.Type] {
    if family == .reference { return [] }
    switch op {
    case .convolution: return [DirectConvolutionKernel.self, PackedConvolutionKernel.self, BLASConvolutionKernel.self]
    case .convTranspose: return [PackedConvolutionKernel.self, BLASConvolutionKernel.self]
    case .pool: return [PoolKernel.self]
    case .resize: return [NearestKernel.self, ResizeKernel.self]
    case .unary: return [UnaryKernel.self]
    case .binary: return [BinaryKernel.self]
    case .pad, .slice, .part, .transpose, .expand, .tile, .depthToSpace, .spaceToDepth: return [CopyKernel.self]
    case .concat: return [ConcatKernel.self]
    case .softmax: return [SoftmaxKernel.self]
    case .reduce: return [SpatialReduceKernel.self]
    case .normalize: return [BatchNormalizationKernel.self, InstanceNormalizationKernel.self]
    case .matMul, .gemm: return [MatrixProductKernel.self]
    case .reshape: return [ReshapeKernel.self]
    case .maxUnpool, .select, .cast, .argReduce, .gather, .gridSample, .shape, .size, .constantOfShape, .range,
      .unsupported:
      return []
    }
  }
}

/// The C function table of an instruction set; static and immutable.
struct KernelTable: @unchecked Sendable {
  let functions: UnsafePointer<fcn_kernels>
  let isa: String

  init(_ set: InstructionSet) {
    functions = fcn_kernels_for(set.code) ?? fcn_kernels_for(FCN_ISA_PORTABLE)!
    isa = String(cString: functions.pointee.name)
  }

  var pointee: fcn_kernels { functions.pointee }
}

/// A node that kernels are offered for.
struct Candidate {
  let node: Node
  let sizing: NodeSizing
  let graph: SizedGraph
  let table: KernelTable
  let family: KernelFamily

  func type(_ index: Int) -> TensorType? { node.input(index).map { graph.type($0) } }
  var output: TensorType { sizing.outputs[0] }
  func constant(_ index: Int) -> HostTensor? { graph.constant(node.input(index)) }

  var isFloat32: Bool {
    output.elementType == .float32 && type(0)?.elementType == .float32
  }
}

/// Makes a kernel for a node, or says why not.
protocol KernelFactory {
  static func offer(_ candidate: Candidate) -> KernelOffer
  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel
}

/// A unary function as the kernels know it.
struct Activation: Sendable {
  var op: fcn_unary
  var a: Float = 0
  var b: Float = 0

  static let none = Activation(op: FCN_IDENTITY)

  private init(op: fcn_unary, _ a: Double = 0, _ b: Double = 0) {
    self.op = op
    self.a = Float(a)
    self.b = Float(b)
  }

  /// Nil for functions that only the reference has.
  init?(_ function: UnaryFunction) {
    switch function {
    case .identity: self.init(op: FCN_IDENTITY)
    case .relu: self.init(op: FCN_RELU)
    case .leakyRelu(let alpha): self.init(op: FCN_LEAKY_RELU, alpha)
    case .clip(let low, let high): self.init(op: FCN_CLIP, low, high)
    case .sigmoid: self.init(op: FCN_SIGMOID)
    case .tanh: self.init(op: FCN_TANH)
    case .hardSigmoid(let alpha, let beta): self.init(op: FCN_HARD_SIGMOID, alpha, beta)
    case .hardSwish: self.init(op: FCN_HARD_SWISH)
    case .swish(let alpha): self.init(op: FCN_SWISH, alpha)
    case .exp: self.init(op: FCN_EXP)
    case .absolute: self.init(op: FCN_ABS)
    case .negate: self.init(op: FCN_NEGATE)
    case .sqrt: self.init(op: FCN_SQRT)
    case .reciprocal: self.init(op: FCN_RECIPROCAL)
    case .elu(let alpha): self.init(op: FCN_ELU, alpha)
    case .celu, .selu, .thresholdedRelu, .shrink, .mish, .gelu, .softplus, .softsign, .log, .floor, .ceil, .sign, .erf,
      .round, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh, .not, .bitwiseNot, .isNaN,
      .isInf:
      return nil
    }
  }
}
