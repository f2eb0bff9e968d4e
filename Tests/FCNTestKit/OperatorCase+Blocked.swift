import FCNGraph
import FCNTensor

extension OperatorCase {
  /// A case behind a 1×1 convolution, which brings its input into the layout of feature maps: x `[batch, 3, sizes]`,
  /// then `channels` channels.
  static func blocked(
    _ name: String, batch: Int = 1, channels: Int, _ sizes: [Int], reduction: Int = 1,
    _ body: @escaping @Sendable (inout GraphBuilder, ValueID) throws -> [ValueID]
  ) -> OperatorCase {
    OperatorCase("blocked \(name)", seed: 5, reduction: 3 * max(1, reduction)) { builder in
      let x = try builder.input([batch, 3] + sizes)
      let weights = try builder.weights([channels, 3] + sizes.map { _ in 1 })
      let y = builder.node(.convolution(Convolution(window: Window())), x, weights, try builder.weights([channels]))
      return try body(&builder, y)
    }
  }

  static func convolution(
    _ name: String, batch: Int = 1, _ c: Int, _ m: Int, _ sizes: [Int], _ window: Window, groups: Int = 1
  ) -> OperatorCase {
    let kernel = window.kernel
    return blocked("conv \(name)", batch: batch, channels: c, sizes, reduction: c / groups * kernel.reduce(1, *)) {
      builder, x in
      let weights = try builder.weights([m, c / groups] + kernel)
      let bias = try builder.weights([m])
      return [builder.node(.convolution(Convolution(window: window, groups: groups)), x, weights, bias)]
    }
  }

  private static func transposed(
    _ name: String, _ c: Int, _ m: Int, _ sizes: [Int], _ window: Window, groups: Int = 1
  ) -> OperatorCase {
    let kernel = window.kernel
    return blocked("transposed \(name)", channels: c, sizes, reduction: c * kernel.reduce(1, *)) { builder, x in
      let weights = try builder.weights([c, m / groups] + kernel)
      let bias = try builder.weights([m])
      return [builder.node(.convTranspose(ConvTranspose(window: window, groups: groups)), x, weights, bias)]
    }
  }

  /// A transposed convolution to blocks, plus another one, between convolutions.
  private static func transposedBetween(
    _ name: String, batch: Int = 1, _ c: Int, _ m: Int, _ sizes: [Int], _ window: Window
  ) -> OperatorCase {
    let terms = c * window.kernel.reduce(1, *) * m
    return blocked("transposed between \(name)", batch: batch, channels: c, sizes, reduction: terms) { builder, x in
      let transposed = ConvTranspose(window: window)
      let side = builder.node(.convTranspose(transposed), x, try builder.weights([c, m] + window.kernel))
      let y = builder.node(.convTranspose(transposed), x, try builder.weights([c, m] + window.kernel))
      let sum = builder.node(.unary(.relu), builder.node(.binary(.add), y, side))
      let last = try builder.weights([16, m] + sizes.map { _ in 1 })
      return [builder.node(.convolution(Convolution(window: Window())), sum, last)]
    }
  }

  static let blockedConvolutions: [OperatorCase] = [
    convolution("3x3", 16, 16, [17, 19], Window(kernel: [3, 3], padding: pads(1))),
    convolution("3x3 partial blocks", batch: 2, 20, 35, [9, 30], Window(kernel: [3, 3], padding: pads(1))),
    convolution("3x3 narrow output", 24, 2, [13, 14], Window(kernel: [3, 3], padding: pads(1))),
    convolution("3x3 to 1 in rows", 32, 1, [5, 61], Window(kernel: [3, 3], padding: pads(1))),
    convolution("3x3 to 2 in rows", 16, 2, [5, 43], Window(kernel: [3, 3], padding: pads(1))),
    convolution("3x3 to 3 in rows", 16, 3, [5, 43], Window(kernel: [3, 3], padding: pads(1))),
    convolution("3x3 to 4 in rows", 32, 4, [5, 37], Window(kernel: [3, 3], padding: pads(1))),
    convolution("3x3 valid", 8, 24, [15, 12], Window(kernel: [3, 3])),
    convolution("3x3 wide padding", 16, 16, [9, 9], Window(kernel: [3, 3], padding: pads([2, 0], [1, 3]))),
    convolution("3x3 d2", 16, 18, [19, 21], Window(kernel: [3, 3], dilations: [2, 2], padding: pads(2))),
    convolution("3x3 d3", 33, 16, [23, 14], Window(kernel: [3, 3], dilations: [3, 3], padding: pads(3))),
    convolution("3x3 d12", 16, 16, [11, 13], Window(kernel: [3, 3], dilations: [12, 12], padding: pads(12))),
    convolution("3x3 many channels", 272, 40, [12, 31], Window(kernel: [3, 3], padding: pads(1))),
    convolution(
      "3x3 s2 d9 of many", 84, 40, [17, 23],
      Window(kernel: [3, 3], strides: [2, 2], dilations: [9, 9], padding: pads(9))),
    convolution(
      "3x3 d30 of many", 300, 33, [9, 22], Window(kernel: [3, 3], dilations: [30, 30], padding: pads(30))),
    convolution("3x3 of many to many", 480, 144, [25, 26], Window(kernel: [3, 3], padding: pads(1))),
    convolution("3x3 groups", 32, 48, [10, 11], Window(kernel: [3, 3], padding: pads(1)), groups: 2 * 8),
    convolution("3x3 groups of blocks", 32, 64, [10, 11], Window(kernel: [3, 3], padding: pads(1)), groups: 2),
    convolution("3x3 s2", 16, 24, [21, 18], Window(kernel: [3, 3], strides: [2, 2], padding: pads(1))),
    convolution("1x1", 40, 23, [11, 13], Window(kernel: [1, 1])),
    convolution("1x1 s2", 40, 64, [11, 13], Window(kernel: [1, 1], strides: [2, 2])),
    convolution("1x1 of many", 600, 17, [5, 7], Window(kernel: [1, 1])),
    // Whole rows are read from the map, parts of them packed; the last is always packed.
    convolution("1x1 to some", batch: 2, 272, 40, [6, 29], Window(kernel: [1, 1])),
    convolution("1x1 to many", 208, 528, [5, 9], Window(kernel: [1, 1])),
    convolution("7x7 d1x2", 16, 16, [16, 17], Window(kernel: [7, 7], dilations: [1, 2], padding: pads(3))),
    convolution("5x3 s1x3", 9, 31, [14, 22], Window(kernel: [5, 3], strides: [1, 3], padding: pads(2))),
    convolution("1-D", 16, 20, [45], Window(kernel: [5], padding: pads(2, rank: 1))),
    convolution("depthwise", 20, 20, [15, 26], Window(kernel: [3, 3], padding: pads(1)), groups: 20),
    convolution(
      "depthwise 5x5 s2", 17, 17, [15, 37], Window(kernel: [5, 5], strides: [2, 2], padding: pads(2)), groups: 17),
    convolution(
      "depthwise d3", batch: 2, 16, 16, [15, 26], Window(kernel: [3, 3], dilations: [3, 3], padding: pads(3)),
      groups: 16),
    convolution("depthwise x2", 16, 32, [9, 10], Window(kernel: [3, 3], padding: pads(1)), groups: 16),
    convolution("3-D", 16, 16, [5, 9, 10], Window(kernel: [3, 3, 3], padding: pads(1, rank: 3))),
    convolution("3-D many", 144, 16, [4, 6, 9], Window(kernel: [3, 3, 3], padding: pads(1, rank: 3))),
    convolution(
      "3-D d2 in depth", 8, 17, [9, 8, 6], Window(kernel: [3, 3, 3], dilations: [2, 1, 1], padding: pads(2, rank: 3))),
    convolution("3-D 1x3x3", 16, 16, [3, 9, 10], Window(kernel: [1, 3, 3], padding: pads([0, 1, 1], [0, 1, 1]))),
    convolution(
      "3-D s2", 16, 20, [6, 9, 10], Window(kernel: [3, 3, 3], strides: [2, 2, 2], padding: pads(1, rank: 3))),
    transposed("2x2 s2", 16, 16, [9, 10], Window(kernel: [2, 2], strides: [2, 2])),
    transposed("3x3 s2", 20, 9, [9, 10], Window(kernel: [3, 3], strides: [2, 2], padding: pads(1))),
    transposed("4x4 s2 narrow", 16, 3, [9, 10], Window(kernel: [4, 4], strides: [2, 2], padding: pads(1))),
    transposed("1x2 s3", 16, 16, [5, 6], Window(kernel: [1, 2], strides: [3, 3])),
    transposed("3-D 2x2x2 s2", 16, 24, [3, 4, 5], Window(kernel: [2, 2, 2], strides: [2, 2, 2])),
    transposed("groups", 32, 32, [6, 7], Window(kernel: [2, 2], strides: [2, 2]), groups: 2),
    // Whole register tiles of one tap: phases that read the same pixels share them.
    transposed("2x2 s2 wide", 20, 40, [9, 10], Window(kernel: [2, 2], strides: [2, 2])),
    transposed("2x2 s2 wide, cropped", 20, 36, [7, 8], Window(kernel: [2, 2], strides: [2, 2], padding: pads(1))),
    transposed("2x1 s3 wide", 20, 33, [5, 6], Window(kernel: [2, 1], strides: [3, 3])),
    transposed("3-D 2x2x2 s2 wide", 18, 36, [3, 4, 5], Window(kernel: [2, 2, 2], strides: [2, 2, 2])),
    transposed("groups wide", 32, 64, [6, 7], Window(kernel: [2, 2], strides: [2, 2]), groups: 2),
    transposedBetween("2x2 s2", batch: 2, 20, 40, [7, 9], Window(kernel: [2, 2], strides: [2, 2])),
    transposedBetween("2x2x2 s2", 16, 36, [3, 4, 5], Window(kernel: [2, 2, 2], strides: [2, 2, 2])),
    OperatorCase("blocked conv 7x7 s2 of planes", reduction: 147) { builder in
      let window = Window(kernel: [7, 7], strides: [2, 2], padding: pads(3))
      let x = try builder.input([2, 3, 37, 41])
      let weights = try builder.weights([18, 3, 7, 7])
      return [builder.node(.convolution(Convolution(window: window)), x, weights, try builder.weights([18]))]
    },
    OperatorCase("blocked conv d2 of planes", reduction: 45) { builder in
      let window = Window(kernel: [3, 3], dilations: [2, 2], padding: pads(2))
      let x = try builder.input([1, 5, 14, 21])
      let weights = try builder.weights([16, 5, 3, 3])
      return [builder.node(.convolution(Convolution(window: window)), x, weights)]
    },
    OperatorCase("blocked conv of planes, wider than a patch", reduction: 9) { builder in
      let window = Window(kernel: [3, 3], padding: pads(1))
      let x = try builder.input([1, 1, 3, 1500])
      let weights = try builder.weights([8, 1, 3, 3])
      return [builder.node(.convolution(Convolution(window: window)), x, weights)]
    },
    // Positions of a row 16 floats apart, of 28 terms each.
    OperatorCase("blocked conv 1x7 s4 of planes", reduction: 28) { builder in
      let x = try builder.input([1, 4, 5, 400])
      let weights = try builder.weights([16, 4, 1, 7])
      return [builder.node(.convolution(Convolution(window: Window(kernel: [1, 7], strides: [1, 4]))), x, weights)]
    },
    OperatorCase("blocked conv 3-D of planes", reduction: 54) { builder in
      let window = Window(kernel: [3, 3, 3], strides: [2, 1, 1], padding: pads(1, rank: 3))
      let x = try builder.input([1, 2, 7, 6, 9])
      let weights = try builder.weights([16, 2, 3, 3, 3])
      return [builder.node(.convolution(Convolution(window: window)), x, weights)]
    },
    blocked("conv residual", channels: 20, [13, 18], reduction: 180) { builder, x in
      try residual(&builder, x, 20, 20, activation: .relu)
    },
    blocked("conv residual, narrow", channels: 20, [13, 18], reduction: 180) { builder, x in
      try residual(&builder, x, 20, 3, activation: .sigmoid)
    },
    blocked("conv 1x1 residual", channels: 20, [13, 18], reduction: 20) { builder, x in
      let weights = try builder.weights([20, 20, 1, 1])
      let y = builder.node(.convolution(Convolution(window: Window())), x, weights)
      let sum = builder.node(.binary(.add), y, x)
      return [builder.node(.unary(.hardSwish), sum), builder.node(.unary(.negate), x)]
    },
  ]

  /// A 3×3 convolution to `m` channels, plus a 1×1 one, activated.
  static func residual(
    _ builder: inout GraphBuilder, _ x: ValueID, _ c: Int, _ m: Int, activation: UnaryFunction
  ) throws -> [ValueID] {
    let side = builder.node(.convolution(Convolution(window: Window())), x, try builder.weights([m, c, 1, 1]))
    let window = Window(kernel: [3, 3], padding: pads(1))
    let y = builder.node(.convolution(Convolution(window: window)), x, try builder.weights([m, c, 3, 3]))
    return [builder.node(.unary(activation), builder.node(.binary(.add), y, side))]
  }

  static let blockedMaps: [OperatorCase] = blockedPools + blockedMoves + blockedElementwise

  private static let blockedPools: [OperatorCase] = {
    let two = Window(kernel: [2, 2], strides: [2, 2])
    let three = Window(kernel: [3, 3], strides: [2, 2], padding: pads(1))
    let maximum = PoolFunction.max(columnMajor: false)
    func pool(_ name: String, _ function: PoolFunction, _ sizes: [Int], _ window: Window) -> OperatorCase {
      blocked("pool \(name)", batch: 2, channels: 19, sizes, reduction: 27) { builder, x in
        [builder.node(.pool(Pool(function: function, window: window)), x)]
      }
    }
    func unpooled(_ name: String, _ window: Window, shape: [Int]?) -> OperatorCase {
      blocked("unpool \(name)", channels: 21, [9, 12]) { builder, x in
        let pooled = builder.nodes(.pool(Pool(function: maximum, window: window)), [x], outputs: 2)
        let y = builder.node(.unary(.negate), pooled[0])
        let size = try shape.map { try builder.list($0) }
        return [builder.node(.maxUnpool(MaxUnpool(window: window)), y, pooled[1], size), pooled[1]]
      }
    }
    return [
      pool("max 2x2", maximum, [9, 12], two), pool("max 3x3 s2", maximum, [9, 12], three),
      pool("average 3x3 s2", .average(countsPadding: false), [9, 12], three),
      pool("average 3x3 s2 counting", .average(countsPadding: true), [9, 12], three),
      pool("max 3-D", maximum, [4, 6, 7], Window(kernel: [2, 2, 2], strides: [2, 2, 2])),
      pool(
        "average 3-D", .average(countsPadding: true), [4, 6, 7], Window(kernel: [3, 2, 2], padding: pads(1, rank: 3))),
      pool("max 1-D", maximum, [20], Window(kernel: [3], strides: [2], padding: pads(1, rank: 1))),
      unpooled("2x2", two, shape: [1, 21, 9, 12]), unpooled("3x3", three, shape: [1, 21, 9, 12]),
    ]
  }()

  private static let blockedMoves: [OperatorCase] = [
    blocked("resize linear", channels: 18, [7, 9], reduction: 16) { builder, x in
      let resize = Resize(interpolation: .linear, coordinates: .halfPixel)
      return [builder.node(.resize(resize), x, nil, try builder.reals([1, 1, 2, 2]))]
    },
    blocked("resize cubic by odd factors", channels: 18, [7, 9], reduction: 16) { builder, x in
      let resize = Resize(interpolation: .cubic(a: -0.75), coordinates: .alignCorners)
      return [builder.node(.resize(resize), x, nil, nil, try builder.list([1, 18, 16, 5]))]
    },
    blocked("resize linear 3-D", channels: 17, [3, 4, 5], reduction: 16) { builder, x in
      let resize = Resize(interpolation: .linear, coordinates: .halfPixel)
      return [builder.node(.resize(resize), x, nil, try builder.reals([1, 1, 2, 2, 2]))]
    },
    blocked("resize nearest", channels: 18, [7, 9]) { builder, x in
      let resize = Resize(interpolation: .nearest(.floor), coordinates: .asymmetric)
      return [builder.node(.resize(resize), x, nil, try builder.reals([1, 1, 2, 3]))]
    },
    blocked("pad reflected", channels: 18, [7, 9]) { builder, x in
      [builder.node(.pad(.reflect), x, try builder.list([0, 0, 2, 3, 0, 0, 1, 4]))]
    },
    blocked("slice", channels: 18, [7, 9]) { builder, x in
      [
        builder.node(
          .slice, x, try builder.list([1, 8]), try builder.list([6, -100]), try builder.list([2, 3]),
          try builder.list([1, -2]))
      ]
    },
    blocked("concat", channels: 16, [7, 9]) { builder, x in
      let a = builder.node(.unary(.relu), x)
      let b = builder.node(.unary(.negate), x)
      let joined = builder.node(.concat(axis: 1), a, b)
      let again = builder.node(.concat(axis: 1), joined, a, x)
      return [
        builder.node(.unary(.tanh), joined), builder.node(.unary(.absolute), again), builder.node(.unary(.exp), b),
      ]
    },
    blocked("concat of partial blocks", channels: 20, [7, 9], reduction: 36) { builder, x in
      let y = builder.node(.convolution(Convolution(window: Window())), x, try builder.weights([16, 20, 1, 1]))
      let last = builder.node(.concat(axis: 1), y, x)
      let first = builder.node(.concat(axis: 1), x, y)
      let weights = try builder.weights([8, 36, 1, 1])
      return [
        builder.node(.convolution(Convolution(window: Window())), last, weights),
        builder.node(.convolution(Convolution(window: Window())), first, weights),
      ]
    },
    blocked("concat of a value twice, and used later", channels: 16, [7, 9]) { builder, x in
      let a = builder.node(.unary(.relu), x)
      let joined = builder.node(.concat(axis: 1), a, a)
      let scaled = builder.node(.binary(.multiply), joined, joined)
      return [scaled, builder.node(.unary(.negate), a)]
    },
    blocked("channels taken apart", channels: 40, [7, 9], reduction: 40) { builder, x in
      let window = Window(kernel: [3, 3], padding: pads(1))
      let y = builder.node(.convolution(Convolution(window: window)), x, try builder.weights([40, 40, 3, 3]))
      return [
        builder.node(.slice, y, try builder.list([17]), try builder.list([39]), try builder.list([1])),
        builder.node(.slice, x, try builder.list([33]), try builder.list([34]), try builder.list([1])),
      ]
    },
  ]

  private static let blockedElementwise: [OperatorCase] = [
    blocked("squeeze and excite", batch: 2, channels: 20, [7, 9], reduction: 80) { builder, x in
      let mean = builder.node(.reduce(Reduce(function: .mean, axes: .spatial)), x)
      let gate = builder.node(.convolution(Convolution(window: Window())), mean, try builder.weights([20, 20, 1, 1]))
      let open = builder.node(.unary(.hardSigmoid(alpha: 0.2, beta: 0.5)), gate)
      return [builder.node(.binary(.multiply), open, x), builder.node(.binary(.subtract), x, open)]
    },
    blocked("mean without dimensions", batch: 2, channels: 20, [7, 70], reduction: 490) { builder, x in
      [builder.node(.reduce(Reduce(function: .mean, axes: .attribute([2, 3]), keepsDimensions: false)), x)]
    },
    blocked("constants over channels", channels: 20, [7, 9]) { builder, x in
      let a = builder.node(.binary(.multiply), x, try builder.weights([1, 20, 1, 1]))
      let b = builder.node(.binary(.subtract), try builder.weights([20, 1, 1]), a)
      let c = builder.node(.binary(.prelu), b, try builder.weights([20, 1, 1]))
      return [builder.node(.binary(.maximum), c, try builder.weights([1]))]
    },
    blocked("a constant image", channels: 20, [7, 9]) { builder, x in
      [builder.node(.binary(.add), x, try builder.weights([1, 20, 7, 9]))]
    },
    blocked("equal shapes", batch: 2, channels: 20, [7, 9]) { builder, x in
      let a = builder.node(.unary(.sigmoid), x)
      let planar = try builder.input([2, 20, 7, 9])
      return [
        builder.node(.unary(.relu), builder.node(.binary(.multiply), x, a)), builder.node(.binary(.minimum), planar, a),
      ]
    },
    blocked("group normalisation as exporters write it", batch: 2, channels: 24, [7, 9], reduction: 378) { builder, x in
      let split = builder.node(.reshape(.shape(zeroIsZero: false)), x, try builder.list([0, 6, -1]))
      let ones = builder.constant(try HostTensor([Float](repeating: 1, count: 6), shape: [6]))
      let zeros = builder.constant(try HostTensor([Float](repeating: 0, count: 6), shape: [6]))
      let norm = builder.node(.normalize(.instance(epsilon: 1e-5)), split, ones, zeros)
      let joined = builder.node(.reshape(.shape(zeroIsZero: false)), norm, builder.node(.shape(start: 0, end: nil), x))
      let scaled = builder.node(.binary(.multiply), joined, try builder.weights([24, 1, 1]))
      return [builder.node(.unary(.relu), builder.node(.binary(.add), scaled, try builder.weights([24, 1, 1])))]
    },
    blocked("group normalisation", batch: 2, channels: 24, [7, 70], reduction: 1960) { builder, x in
      let norm = Normalization.group(groups: 3, epsilon: 1e-5, perGroup: false)
      return [builder.node(.normalize(norm), x, try builder.weights([24]), try builder.weights([24]))]
    },
    blocked("instance normalisation", batch: 2, channels: 20, [7, 9], reduction: 63) { builder, x in
      [
        builder.node(
          .normalize(.instance(epsilon: 1e-5)), x, try builder.weights([20]), try builder.weights([20]))
      ]
    },
    blocked("softmax", channels: 21, [7, 9], reduction: 21) { builder, x in
      [builder.node(.softmax(Softmax(axis: 1)), x)]
    },
  ]
}
