import FCNGraph

extension OperatorCase {
  /// x `[batch, groups·c, sizes]` with weights `[groups·m, c, kernel]` and a bias.
  static func convolution(
    _ name: String, batch: Int = 1, c: Int = 3, m: Int = 4, groups: Int = 1, _ sizes: [Int], _ window: Window,
    hasBias: Bool = true
  ) -> OperatorCase {
    let kernel = window.kernel
    return OperatorCase("conv \(name)", reduction: c * kernel.reduce(1, *)) { builder in
      let x = try builder.input([batch, groups * c] + sizes)
      let w = try builder.weights([groups * m, c] + kernel)
      let bias = hasBias ? try builder.weights([groups * m]) : nil
      return [builder.node(.convolution(Convolution(window: window, groups: groups)), x, w, bias)]
    }
  }

  static func pads(_ low: [Int], _ high: [Int]) -> Padding { .explicit(low: low, high: high) }
  static func pads(_ both: Int, rank: Int = 2) -> Padding {
    .explicit(low: Array(repeating: both, count: rank), high: Array(repeating: both, count: rank))
  }

  static let convolutions: [OperatorCase] =
    convolutions2 + [
      convolution("1-D k3", [13], Window(kernel: [3], padding: pads(1, rank: 1))),
      convolution("1-D k5 s2 d2", [31], Window(kernel: [5], strides: [2], dilations: [2], padding: pads([3], [1]))),
      convolution("1-D wide", [131], Window(kernel: [7], padding: pads(3, rank: 1))),
      convolution("3-D k3", c: 2, m: 3, [5, 6, 7], Window(kernel: [3, 3, 3], padding: pads(1, rank: 3))),
      convolution(
        "3-D mixed", c: 2, m: 3, [6, 7, 9],
        Window(kernel: [1, 3, 2], strides: [2, 1, 3], dilations: [1, 2, 1], padding: pads([0, 2, 0], [0, 1, 1]))),
      convolution("3-D depthwise", c: 1, m: 1, groups: 4, [4, 5, 6], Window(kernel: [2, 3, 3], padding: .sameUpper)),
    ]

  private static let convolutions2: [OperatorCase] = [
    convolution("1x1", c: 5, m: 7, [11, 13], Window(kernel: [1, 1])),
    convolution("1x1 s2", c: 5, m: 7, [11, 13], Window(kernel: [1, 1], strides: [2, 2])),
    convolution("2x2", [7, 9], Window(kernel: [2, 2])),
    convolution("3x3 same", c: 8, m: 8, [17, 19], Window(kernel: [3, 3], padding: pads(1))),
    convolution("3x3 valid", [17, 19], Window(kernel: [3, 3])),
    convolution("3x3 no bias", [9, 9], Window(kernel: [3, 3], padding: pads(1)), hasBias: false),
    convolution("3x3 s2", c: 4, m: 6, [31, 33], Window(kernel: [3, 3], strides: [2, 2], padding: pads(1))),
    convolution("3x3 s3", [16, 17], Window(kernel: [3, 3], strides: [3, 3], padding: pads(1))),
    convolution("3x3 d2", [15, 17], Window(kernel: [3, 3], dilations: [2, 2], padding: pads(2))),
    convolution("3x3 d3", [15, 17], Window(kernel: [3, 3], dilations: [3, 3], padding: pads(3))),
    convolution("5x5", [13, 11], Window(kernel: [5, 5], padding: pads(2))),
    convolution("7x7 s2", [29, 23], Window(kernel: [7, 7], strides: [2, 2], padding: pads(3))),
    convolution("3x5", [12, 14], Window(kernel: [3, 5], padding: pads([1, 2], [1, 2]))),
    convolution("asymmetric pads", [9, 10], Window(kernel: [3, 3], padding: pads([2, 0], [0, 1]))),
    convolution("same upper s2", [10, 13], Window(kernel: [3, 3], strides: [2, 2], padding: .sameUpper)),
    convolution("same lower s2", [10, 13], Window(kernel: [3, 3], strides: [2, 2], padding: .sameLower)),
    convolution("same upper d2", [10, 13], Window(kernel: [3, 3], dilations: [2, 2], padding: .sameUpper)),
    convolution("stride over kernel", [17, 16], Window(kernel: [1, 2], strides: [3, 3])),
    convolution("1x1 image", [1, 1], Window(kernel: [3, 3], padding: pads(1))),
    convolution("far padding", [3, 3], Window(kernel: [3, 3], padding: pads(4))),
    convolution("groups", c: 3, m: 2, groups: 3, [11, 12], Window(kernel: [3, 3], padding: pads(1))),
    convolution("depthwise", c: 1, m: 1, groups: 9, [13, 15], Window(kernel: [3, 3], padding: pads(1))),
    convolution(
      "depthwise x2 s2", c: 1, m: 2, groups: 5, [13, 15], Window(kernel: [5, 5], strides: [2, 2], padding: pads(2))),
    convolution("batch 2", batch: 2, c: 16, m: 16, [8, 9], Window(kernel: [3, 3], padding: pads(1))),
    convolution("tile edges", c: 4, m: 17, [8, 65], Window(kernel: [3, 3], padding: pads(1))),
    convolution("many channels", c: 33, m: 31, [7, 63], Window(kernel: [3, 3], padding: pads(1))),
  ]

  static func transposed(
    _ name: String, c: Int = 3, m: Int = 2, groups: Int = 1, _ sizes: [Int], _ window: Window,
    outputPadding: [Int] = [], outputShape: [Int]? = nil
  ) -> OperatorCase {
    OperatorCase("convTranspose \(name)", reduction: c * window.kernel.reduce(1, *)) { builder in
      let x = try builder.input([1, groups * c] + sizes)
      let w = try builder.weights([groups * c, m] + window.kernel)
      let bias = try builder.weights([groups * m])
      let payload = ConvTranspose(
        window: window, groups: groups, outputPadding: outputPadding, outputShape: outputShape)
      return [builder.node(.convTranspose(payload), x, w, bias)]
    }
  }

  static let transposedConvolutions: [OperatorCase] = [
    transposed("2x2 s2", [5, 7], Window(kernel: [2, 2], strides: [2, 2])),
    transposed("3x3 s1", [6, 7], Window(kernel: [3, 3], padding: pads(1))),
    transposed(
      "3x3 s2 p1 op1", [5, 6], Window(kernel: [3, 3], strides: [2, 2], padding: pads(1)), outputPadding: [1, 1]),
    transposed("4x4 s2 p1", [5, 6], Window(kernel: [4, 4], strides: [2, 2], padding: pads(1))),
    transposed("5x5 s3", [4, 5], Window(kernel: [5, 5], strides: [3, 3], padding: pads([1, 0], [0, 2]))),
    transposed("kernel under stride", [4, 5], Window(kernel: [1, 2], strides: [3, 3])),
    transposed("dilated", [5, 4], Window(kernel: [3, 3], strides: [2, 2], dilations: [2, 2], padding: pads(2))),
    transposed("same upper", [5, 4], Window(kernel: [3, 3], strides: [2, 2], padding: .sameUpper)),
    transposed("same lower", [5, 4], Window(kernel: [3, 3], strides: [2, 2], padding: .sameLower)),
    transposed("output shape", [3, 4], Window(kernel: [3, 3], strides: [3, 2]), outputShape: [10, 8]),
    transposed("groups", c: 2, m: 3, groups: 2, [5, 5], Window(kernel: [2, 2], strides: [2, 2])),
    transposed(
      "depthwise bilinear", c: 1, m: 1, groups: 4, [5, 6], Window(kernel: [4, 4], strides: [2, 2], padding: pads(1))),
    transposed("1x1 image", [1, 1], Window(kernel: [4, 4], strides: [4, 4])),
    transposed("1-D", [9], Window(kernel: [3], strides: [2]), outputPadding: [1]),
    transposed("3-D", c: 2, [3, 4, 3], Window(kernel: [2, 3, 2], strides: [2, 1, 2])),
  ]
}
