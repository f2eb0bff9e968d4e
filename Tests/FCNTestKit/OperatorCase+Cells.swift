import FCNGraph
import FCNTensor

extension OperatorCase {
  /// Convolutions with channels and pixels enough for Winograd's transforms on every backend, and what moves or joins
  /// channels.
  static let blockedCells: [OperatorCase] = [
    convolution("3x3 many cells", batch: 2, 36, 35, [25, 30], Window(kernel: [3, 3], padding: pads(1))),
    convolution("3x3 many cells, valid", 32, 40, [35, 38], Window(kernel: [3, 3])),
    convolution(
      "3x3 many cells, wide padding", 33, 32, [33, 31], Window(kernel: [3, 3], padding: pads([2, 0], [1, 3]))),
    convolution(
      "3x3 many cells of slices", 32, 33, [3, 19, 18],
      Window(kernel: [1, 3, 3], padding: pads([0, 1, 1], [0, 1, 1]))),
    convolution(
      "3x3 many cells of volumes", 32, 33, [5, 19, 18],
      Window(kernel: [3, 3, 3], padding: pads([1, 1, 1], [1, 1, 1]))),
    convolution(
      "3x3 many cells, depth apart", batch: 2, 32, 35, [7, 17, 18],
      Window(kernel: [2, 3, 3], strides: [2, 1, 1], dilations: [3, 1, 1], padding: pads([2, 0, 1], [1, 1, 0]))),
    convolution(
      "3x3 many cells, apart", batch: 2, 36, 35, [33, 33],
      Window(kernel: [3, 3], dilations: [2, 3], padding: pads([2, 3], [1, 4]))),
    convolution(
      "3x3 many cells, far apart", 33, 32, [45, 38], Window(kernel: [3, 3], dilations: [6, 5], padding: pads(6))),
    convolution("3x3 many chunks of cells", 8, 8, [240, 236], Window(kernel: [3, 3], padding: pads(1))),
    convolution("3x3 cells of stages", 480, 20, [17, 18], Window(kernel: [3, 3], padding: pads(1))),
    convolution(
      "3x3 small cells of stages", 720, 20, [15, 16], Window(kernel: [3, 3], dilations: [5, 5], padding: pads(5))),
    convolution(
      "3x3 cells of stages of volumes", 160, 16, [4, 8, 12], Window(kernel: [3, 3, 3], padding: pads(1, rank: 3))),
    convolution(
      "3x3 cells of phases", 33, 32, [25, 36], Window(kernel: [3, 3], dilations: [2, 2], padding: pads(2))),
    convolution(
      "3x3 small cells of phases", 208, 32, [15, 16], Window(kernel: [3, 3], dilations: [5, 5], padding: pads(5))),
    convolution(
      "3x3 many cells of volumes, apart", 32, 32, [4, 21, 22],
      Window(kernel: [3, 3, 3], dilations: [1, 2, 2], padding: pads([1, 2, 2], [1, 2, 2]))),
    blocked("conv 3x3 many cells, residual", batch: 2, channels: 36, [29, 34], reduction: 324) { builder, x in
      try residual(&builder, x, 36, 36, activation: .relu) + [builder.node(.unary(.negate), x)]
    },
    blocked("channels padded and cut", batch: 2, channels: 22, [7, 9]) { builder, x in
      let fill = builder.constant(try HostTensor([Float(0.5)], shape: []))
      return [
        builder.node(.pad(.constant), x, try builder.list([0, 3, 0, 0, 0, 6, 0, 0]), fill),
        builder.node(.pad(.constant), x, try builder.list([0, -5, 0, 0, 0, 1, 0, 0])),
        builder.node(.part(Part(axis: 1, index: 1, count: 3)), x),
        builder.node(.part(Part(axis: 2, index: 1, count: 2)), x),
      ]
    },
    blocked("concat with constant parts", batch: 2, channels: 18, [7, 9]) { builder, x in
      let (three, one) = (try builder.weights([2, 3, 7, 9]), try builder.weights([2, 1, 7, 9]))
      return [builder.node(.concat(axis: 1), three, x, one)]
    },
    blocked("depth to space and back", batch: 2, channels: 48, [6, 8]) { builder, x in
      let y = builder.node(.depthToSpace(block: 2, .dcr), x)
      return [y, builder.node(.depthToSpace(block: 2, .crd), x), builder.node(.spaceToDepth(block: 2), y)]
    },
    blocked("maxima of channels", batch: 2, channels: 22, [7, 9], reduction: 22) { builder, x in
      [
        builder.node(.reduce(Reduce(function: .max, axes: .attribute([1]))), x),
        builder.node(.reduce(Reduce(function: .sumSquare, axes: .attribute([1]))), x),
        builder.node(.argReduce(ArgReduce(isMaximum: true, axis: 1)), x),
      ]
    },
  ]
}
