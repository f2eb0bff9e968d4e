import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// The C function table of an instruction set; static and immutable.
struct KernelTable: @unchecked Sendable {
  let functions: UnsafePointer<fcn_kernels>
  let isa: String

  init(_ set: InstructionSet) {
    functions = fcn_kernels_for(set.code) ?? fcn_kernels_for(FCN_ISA_PORTABLE)!
    isa = String(cString: functions.pointee.name)
  }

  var pointee: fcn_kernels { functions.pointee }

  /// Of a register tile.
  var positions: Int { functions.pointee.positions }

  var hasLargeCache: Bool { functions.pointee.second_cache >= 1 << 20 }
}

/// A node that kernels are offered for.
struct Candidate {
  let node: Node
  let sizing: NodeSizing
  let graph: SizedGraph
  let table: KernelTable
  let family: KernelFamily
  /// Packs weights.
  let pool: ThreadPool
  /// How each input is made.
  var layouts: [Layout] = []

  func layout(_ index: Int) -> Layout { index < layouts.count ? layouts[index] : .planar }
  func type(_ index: Int) -> TensorType? { node.input(index).map { graph.type($0) } }
  var output: TensorType { sizing.outputs[0] }
  func constant(_ index: Int) -> HostTensor? { graph.constant(node.input(index)) }

  /// Why a kernel of blocked feature maps does not take the node, apart from its operator.
  var blockedRefusal: String? {
    if family == .blas { return "kernels blas are asked for" }
    if !isFloat32 { return "element type \(output.elementType.rawValue)" }
    if !Layout.canBlock(output) || !Layout.canBlock(type(0)!) { return "not a feature map" }
    if layout(0) != .blocked { return "its input is planar" }
    return nil
  }

  var isFloat32: Bool {
    output.elementType == .float32 && type(0)?.elementType == .float32
  }
}

/// Makes a kernel for a node, or says why not.
protocol KernelFactory {
  static func offer(_ candidate: Candidate) -> KernelOffer
  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel
}
