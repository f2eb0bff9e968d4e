package enum CoordinateTransform: String, Sendable, Hashable {
  case halfPixel = "half_pixel"
  case halfPixelSymmetric = "half_pixel_symmetric"
  case pytorchHalfPixel = "pytorch_half_pixel"
  case alignCorners = "align_corners"
  case asymmetric
  case tfHalfPixelForNN = "tf_half_pixel_for_nn"
  case tfCropAndResize = "tf_crop_and_resize"
}

package enum Interpolation: Sendable, Hashable {
  case nearest(NearestRounding)
  case linear
  /// Cubic convolution with ONNX `cubic_coeff_a` (Keys 1981).
  case cubic(a: Double)
}

package enum NearestRounding: String, Sendable, Hashable {
  case preferFloor = "round_prefer_floor"
  case preferCeil = "round_prefer_ceil"
  case floor
  case ceil
  /// Floor where the axis grows, ceil where it shrinks: Resize before opset 11.
  case floorOrCeil = "resize_10"
}

package enum AspectPolicy: String, Sendable, Hashable {
  case stretch
  case notLarger = "not_larger"
  case notSmaller = "not_smaller"
}

/// ONNX Resize (10–19) and Upsample (1–9).
package struct Resize: Sendable, Hashable {
  package var interpolation: Interpolation
  package var coordinates: CoordinateTransform
  package var antialias: Bool
  package var excludesOutside: Bool
  package var extrapolation: Double
  package var aspect: AspectPolicy
  /// Axes that `scales` and `sizes` speak of; nil means all.
  package var axes: [Int]?

  package init(
    interpolation: Interpolation, coordinates: CoordinateTransform, antialias: Bool = false,
    excludesOutside: Bool = false, extrapolation: Double = 0, aspect: AspectPolicy = .stretch, axes: [Int]? = nil
  ) {
    self.interpolation = interpolation
    self.coordinates = coordinates
    self.antialias = antialias
    self.excludesOutside = excludesOutside
    self.extrapolation = extrapolation
    self.aspect = aspect
    self.axes = axes
  }
}
