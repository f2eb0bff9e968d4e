/// How the borders of a sliding window are chosen (ONNX `auto_pad`, `pads`).
package enum Padding: Sendable, Hashable {
  /// Samples before and after, one pair per spatial axis.
  case explicit(low: [Int], high: [Int])
  /// Output size ⌈n/stride⌉, the odd sample at the end.
  case sameUpper
  /// As `sameUpper`, the odd sample at the beginning.
  case sameLower
}

/// A sliding window over the spatial axes; empty arrays mean 1 (or 0) on every axis.
package struct Window: Sendable, Hashable {
  /// Empty: taken from the weights.
  package var kernel: [Int]
  package var strides: [Int]
  package var dilations: [Int]
  package var padding: Padding

  package init(
    kernel: [Int] = [], strides: [Int] = [], dilations: [Int] = [], padding: Padding = .explicit(low: [], high: [])
  ) {
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    self.padding = padding
  }
}

/// ONNX Conv (1–22): x `[N, C, …]`, weights `[M, C/groups, k…]`, bias `[M]`, any spatial rank.
package struct Convolution: Sendable, Hashable {
  package var window: Window
  package var groups: Int
  package var factors: ChannelFactors?
  package init(window: Window, groups: Int = 1, factors: ChannelFactors? = nil) {
    self.window = window
    self.groups = groups
    self.factors = factors
  }
}

/// ONNX ConvTranspose (1–22): x `[N, C, …]`, weights `[C, M/groups, k…]`, bias `[M]`.
package struct ConvTranspose: Sendable, Hashable {
  package var window: Window
  package var groups: Int
  /// Extra samples at the end of each spatial axis; empty means none.
  package var outputPadding: [Int]
  /// Spatial output size; the pads then follow from it.
  package var outputShape: [Int]?
  package var factors: ChannelFactors?
  package init(
    window: Window, groups: Int = 1, outputPadding: [Int] = [], outputShape: [Int]? = nil,
    factors: ChannelFactors? = nil
  ) {
    self.window = window
    self.groups = groups
    self.factors = factors
    self.outputPadding = outputPadding
    self.outputShape = outputShape
  }
}
