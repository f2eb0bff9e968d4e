import FCNGraph

extension OperatorCase {
  static func pool(
    _ name: String, _ function: PoolFunction, _ sizes: [Int], _ window: Window, roundsUp: Bool = false,
    outputs: Int = 1
  ) -> OperatorCase {
    OperatorCase("pool \(name)", reduction: window.kernel.reduce(1, *)) { builder in
      let x = try builder.input([2, 3] + sizes)
      return builder.nodes(.pool(Pool(function: function, window: window, roundsUp: roundsUp)), [x], outputs: outputs)
    }
  }

  static let pools: [OperatorCase] =
    plainPools + [
      OperatorCase("maxUnpool paired 2x2") { builder in
        let window = Window(kernel: [2, 2], strides: [2, 2])
        let x = try builder.input([2, 3, 8, 10])
        let pooled = builder.nodes(
          .pool(Pool(function: .max(columnMajor: false), window: window)), [x], outputs: 2)
        let y = builder.node(.unary(.negate), pooled[0])
        return [builder.node(.maxUnpool(MaxUnpool(window: window)), y, pooled[1])]
      },
      OperatorCase("maxUnpool overlapping windows, output shape") { builder in
        let window = Window(kernel: [3, 3], strides: [2, 2], padding: pads(1))
        let x = try builder.input([1, 2, 8, 9])
        let pooled = builder.nodes(
          .pool(Pool(function: .max(columnMajor: false), window: window)), [x], outputs: 2)
        let shape = try builder.list([1, 2, 8, 9])
        return [builder.node(.maxUnpool(MaxUnpool(window: window)), pooled[0], pooled[1], shape)]
      },
    ]

  private static let plainPools: [OperatorCase] = {
    let two = Window(kernel: [2, 2], strides: [2, 2])
    let three = Window(kernel: [3, 3], strides: [2, 2], padding: pads(1))
    let dilated = Window(kernel: [3, 2], strides: [1, 2], dilations: [2, 3], padding: pads([1, 0], [2, 1]))
    let cube = Window(kernel: [2, 2, 2], strides: [2, 1, 2])
    let maximum = PoolFunction.max(columnMajor: false)
    let average = PoolFunction.average(countsPadding: false)
    let padded = PoolFunction.average(countsPadding: true)
    return [
      pool("max 2x2", maximum, [8, 11], two),
      pool("max 2x2 ceil", maximum, [7, 11], two, roundsUp: true),
      pool("max 3x3 s2 p1", maximum, [11, 12], three),
      pool("max 3x3 ceil", maximum, [10, 12], three, roundsUp: true),
      pool("max dilated", maximum, [12, 13], dilated),
      pool("max indices", maximum, [8, 9], three, outputs: 2),
      pool("max indices column major", .max(columnMajor: true), [8, 9], two, outputs: 2),
      pool("max same upper", maximum, [7, 9], Window(kernel: [3, 3], strides: [2, 2], padding: .sameUpper)),
      pool("max 1x1 image", maximum, [1, 1], three),
      pool("max stride over kernel", maximum, [13, 14], Window(kernel: [2, 2], strides: [3, 4])),
      pool("max 1-D", maximum, [17], Window(kernel: [3], strides: [2])),
      pool("max 3-D", maximum, [5, 6, 7], cube),
      pool("average 2x2", average, [8, 11], two),
      pool("average 3x3", average, [11, 12], three),
      pool("average 3x3 padded", padded, [11, 12], three),
      pool("average ceil", average, [10, 12], three, roundsUp: true),
      pool("average ceil padded", padded, [10, 12], three, roundsUp: true),
      pool("average dilated padded", padded, [12, 13], dilated),
      pool("average same lower", average, [7, 9], Window(kernel: [3, 3], strides: [2, 2], padding: .sameLower)),
      pool("average 3-D", average, [5, 6, 7], cube),
      pool("lp1", .lp(1), [8, 9], three),
      pool("lp2", .lp(2), [8, 9], three),
      pool("lp3", .lp(3), [8, 9], two),
    ]
  }()
}
