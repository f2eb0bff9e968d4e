import FCNGraph
import FCNRuntime
import FCNTensor

/// A node that kernels of the device are offered for.
struct VulkanCandidate {
  let node: Node
  let sizing: NodeSizing
  let graph: SizedGraph
  let facts: DeviceFacts
  /// How each input is made.
  var layouts: [Layout] = []

  func type(_ index: Int) -> TensorType? { node.input(index).map { graph.type($0) } }
  func constant(_ index: Int) -> HostTensor? { graph.constant(node.input(index)) }
  var output: TensorType { sizing.outputs[0] }

  /// Of a normalisation that was folded into a convolution: one per output channel.
  var factors: [Double]? { node.op.channelFactors?.factors.values }

  /// Why no kernel takes the node: an input of these or the output is no feature map of floats.
  func refusal(inputs: [Int]) -> String? {
    if output.elementType != .float32 { return "element type \(output.elementType.rawValue)" }
    for type in inputs.map({ type($0) }) + [output] where type.map({ !Layout.canBlock($0) }) ?? true {
      return "not a feature map of float32"
    }
    // Shaders find a row's number through float32 (Shaders/common/layout.glsl, divided).
    for type in inputs.compactMap({ type($0) }) + [output] {
      let rows = type.shape.dims[2...].dropLast().reduce(1) { min($0 * $1, 1 << 32) }
      if rows >= 1 << 22 { return "\(rows) rows: expected fewer than \(1 << 22)" }
    }
    return output.shape.count == 0 ? "an empty output" : nil
  }
}

/// Makes the dispatches of a step, or says why not. A kernel is a namespace: what it makes is values.
protocol VulkanKernel {
  /// Of its offers: `fcn_f32_<name>__vulkan`.
  static var name: String { get }
  /// Whether it can apply a function of this code as it stores, where its offer absorbs any.
  static func absorbs(_ code: Int) -> Bool
  static func offer(_ candidate: VulkanCandidate) -> KernelOffer
  /// Adds dispatches and weights for the planned regions.
  static func make(_ candidate: VulkanCandidate, _ step: inout StepBuilder) throws(RuntimeError)
}

extension VulkanKernel {
  static func absorbs(_ code: Int) -> Bool { code < ActivationCode.inEveryShader }
}

extension KernelOffer {
  /// A kernel that reads quads and writes quads.
  ///
  /// - Parameter inputs: how many of the first inputs are feature maps on the device.
  static func onDevice(_ name: String, inputs: Int = 1) -> KernelOffer {
    var offer = KernelOffer("fcn_f32_\(name)__vulkan")
    offer.inputLayouts = Array(repeating: .quads, count: inputs)
    offer.outputLayout = .quads
    return offer
  }

  /// Why the kernel `onDevice(name)` does not take the node.
  static func notOnDevice(_ name: String, _ reason: String) -> KernelOffer {
    .refused("fcn_f32_\(name)__vulkan", reason)
  }
}
