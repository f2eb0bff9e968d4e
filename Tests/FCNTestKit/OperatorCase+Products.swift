import FCNGraph
import FCNTensor

extension OperatorCase {
  static func matMul(_ a: [Int], _ b: [Int]) -> OperatorCase {
    OperatorCase("matMul \(Shape(a)) \(Shape(b))", reduction: a.last ?? 1) { builder in
      let x = try builder.input(a)
      let y = try builder.input(b)
      return [builder.node(.matMul, x, y)]
    }
  }

  static func gemm(_ name: String, _ payload: Gemm, _ a: [Int], _ b: [Int], c: [Int]? = nil) -> OperatorCase {
    OperatorCase("gemm \(name)", reduction: payload.transposesA ? a[0] : a[1]) { builder in
      let x = try builder.input(a)
      let y = try builder.weights(b)
      let addend = try c.map { try builder.weights($0) }
      return [builder.node(.gemm(payload), x, y, addend)]
    }
  }

  static let products: [OperatorCase] = [
    matMul([3, 4], [4, 5]), matMul([4], [4, 5]), matMul([3, 4], [4]), matMul([4], [4]), matMul([2, 3, 4], [4, 5]),
    matMul([2, 1, 3, 4], [5, 4, 6]), matMul([3, 4], [2, 4, 5]), matMul([2, 3, 4], [4]), matMul([4], [2, 4, 5]),
    gemm("plain", Gemm(), [3, 4], [4, 5]), gemm("bias", Gemm(alpha: 0.5, beta: 2), [3, 4], [4, 5], c: [5]),
    gemm("transposed", Gemm(transposesA: true, transposesB: true), [4, 3], [5, 4], c: [3, 1]),
    gemm("scalar addend", Gemm(), [3, 4], [4, 5], c: []),
  ]

  static let chains: [OperatorCase] = [
    OperatorCase("chain conv relu", reduction: 27) { builder in
      let x = try builder.input([1, 3, 17, 19])
      let y = try convolved(&builder, x, 3, 8)
      return [builder.node(.unary(.relu), y)]
    },
    OperatorCase("chain conv batch leakyRelu", reduction: 27) { builder in
      let x = try builder.input([1, 3, 17, 19])
      let y = try convolved(&builder, x, 3, 8)
      var parameters: [ValueID?] = [y]
      for index in 0..<4 { parameters.append(try builder.weights([8], in: index == 3 ? 0.2...2 : -1...1)) }
      let z = builder.nodes(.normalize(.batch(epsilon: 1e-5)), parameters, outputs: 1)[0]
      return [builder.node(.unary(.leakyRelu(alpha: 0.1)), z)]
    },
    OperatorCase("chain conv residual relu", reduction: 72) { builder in
      let x = try builder.input([1, 8, 13, 15])
      let y = try convolved(&builder, x, 8, 8)
      return [builder.node(.unary(.relu), builder.node(.binary(.add), y, x))]
    },
    OperatorCase("chain U-Net of one level", reduction: 256) { builder in
      let x = try builder.input([1, 2, 16, 20])
      let top = builder.node(.unary(.relu), try convolved(&builder, x, 2, 4))
      let window = Window(kernel: [2, 2], strides: [2, 2])
      let down = builder.node(.pool(Pool(function: .max(columnMajor: false), window: window)), top)
      let deep = builder.node(.unary(.relu), try convolved(&builder, down, 4, 6))
      let kernel = try builder.weights([6, 4, 2, 2])
      let up = builder.node(.convTranspose(ConvTranspose(window: window)), deep, kernel)
      let joined = builder.node(.concat(axis: 1), top, up)
      return [builder.node(.softmax(Softmax(axis: 1)), try convolved(&builder, joined, 8, 3))]
    },
  ]

  /// A 3×3 convolution that keeps the size.
  private static func convolved(_ builder: inout GraphBuilder, _ x: ValueID, _ c: Int, _ m: Int) throws -> ValueID {
    let weights = try builder.weights([m, c, 3, 3])
    let bias = try builder.weights([m])
    return builder.node(
      .convolution(Convolution(window: Window(kernel: [3, 3], padding: pads(1)))), x, weights, bias)
  }
}
