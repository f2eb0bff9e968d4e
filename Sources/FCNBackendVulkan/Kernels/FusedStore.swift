import FCNGraph
import FCNRuntime
import FCNTensor

/// What convolutions apply as they store: bias, residual, activation (Shaders/common/fused.glsl).
enum FusedStore {
  /// Activation codes that the shaders know.
  static let codes: Set<Int> = [0, 1, 2, 8, 9, 10, 11, 12]

  /// Adds the bias `[C]`, filled up to `count` floats, and the residual.
  static func bind(
    _ candidate: VulkanCandidate, _ dispatch: inout Dispatch, _ y: DeviceTensor, count: Int, _ step: inout StepBuilder
  ) {
    let bias = candidate.constant(2)
    dispatch.bindings[2] = step.pack("bias", count: count) { target in
      target.update(repeating: 0)
      bias?.withElements(Float.self) { values in for (index, value) in values.enumerated() { target[index] = value } }
    }
    guard let residual = step.residual else { return }
    dispatch.constants[ShaderConstant.residual] = 1
    dispatch.bindings[3] = residual.binding
    for (index, stride) in residual.strides(from: y).enumerated() { dispatch.push[24 + index] = stride }
  }
}

extension KernelOffer {
  /// A convolution that applies bias, residual and activation as it stores.
  static func fusingOnDevice(_ name: String) -> KernelOffer {
    var offer = KernelOffer.onDevice(name)
    offer.absorbsActivation = true
    offer.absorbsResidual = true
    offer.packsInputs = [1, 2]
    return offer
  }
}

extension DeviceTensor {
  /// Extents in memory: N, blocks of four channels, D, H, W.
  var extents: [Int] { [n.count, blocks.count, d.count, h.count, w.count] }
  var origin: [Int] { [n.lowerBound, blocks.lowerBound, d.lowerBound, h.lowerBound, w.lowerBound] }

  /// Where `box` begins in this map, and the strides over n, block, d, h and w, in quads.
  ///
  /// - Parameter wide: extents of the whole image; along axes of 1 it is broadcast. Nil: of the box's shape.
  func strides(from box: DeviceTensor, wide: [Int]? = nil) -> [Int] {
    quadStrides(extents, origin: zip(box.origin, origin).map { $0 - $1 }, wide: wide)
  }
}

/// Start and strides over n, block, d, h and w, in quads, of what begins at `origin` in a map of `dims`; 0 along axes
/// whose whole extent is 1, where `wide` is given.
func quadStrides(_ dims: [Int], origin: [Int], wide: [Int]?) -> [Int] {
  var strides = [Int](repeating: 0, count: 5)
  var (stride, start) = (1, 0)
  for axis in (0..<5).reversed() {
    if wide.map({ $0[axis] > 1 }) ?? true {
      strides[axis] = stride
      start += origin[axis] * stride
    }
    stride *= dims[axis]
  }
  return [start] + strides
}
