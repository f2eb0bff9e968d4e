/// What a backend proposes for a node: one kernel, or why that kernel does not take it.
///
/// The choice depends on the node, element types, instruction set and whole-image sizes only – never on the requested
/// region, the thread count or free memory – so that bits do not either.
package struct KernelOffer: Sendable {
  /// By the grammar `fcn_<dtype>_<op>[_<fused>]__<isa>`.
  package var name: String
  /// How the kernel reads each input; missing entries: planar.
  package var inputLayouts: [Layout] = []
  /// How it writes its first output, and reads a residual.
  package var outputLayout = Layout.planar
  /// How it writes other outputs. Integers of 64 bits are held in quads as their low half.
  package var secondLayout = Layout.planar
  /// A kernel of blocked output that can write it in C order as well.
  package var canStorePlanar = false
  /// Per output axis: regions are widened outward to multiples of this, clipped to the tensor. Empty: 1 everywhere.
  package var grain: [Int] = []
  /// Working memory of each thread.
  package var scratchBytes = 0
  /// Working memory that the threads share; of a device's kernel, in the device's memory.
  package var sharedBytes = 0
  /// Unary functions that the kernel can apply as it stores.
  package var absorbsActivation = false
  /// An addend of the output's shape that the kernel can add as it stores, before the activation.
  package var absorbsResidual = false
  /// Whether the output may lie where input 0 lies.
  package var isInPlace = false
  /// Constant inputs that the kernel copies into its own form when prepared.
  package var packsInputs: Set<Int> = []
  /// Why the kernel does not take the node.
  package var refusal: String?

  package init(_ name: String) { self.name = name }

  package func inputLayout(_ index: Int) -> Layout {
    index < inputLayouts.count ? inputLayouts[index] : .planar
  }

  package static func refused(_ name: String, _ reason: String) -> KernelOffer {
    var offer = KernelOffer(name)
    offer.refusal = reason
    return offer
  }
}
