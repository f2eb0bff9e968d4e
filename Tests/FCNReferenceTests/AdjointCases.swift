import FCNGraph
import FCNTensor
import FCNTestKit

extension OperatorCase {
  /// Forms whose adjoint has a branch of its own that no other case reaches.
  static let adjoints: [OperatorCase] = [
    OperatorCase("adjoint modulo of the divisor's sign") { builder in
      let x = try builder.input([3, 1, 5], in: -4...4)
      let y = try builder.input([4, 1], in: 0.5...3)
      return [builder.node(.binary(.modulo(fmod: false)), x, y)]
    },
    OperatorCase("adjoint power of negative numbers") { builder in
      let x = try builder.input([4, 3], in: -2...2)
      let y = builder.constant(try HostTensor([0, 1, 3] as [Int64], shape: [3]))
      return [builder.node(.binary(.power), x, y)]
    },
    OperatorCase("adjoint product with zeros") { builder in
      let x = builder.input(try HostTensor([2, 0, 3, 4, 0, 0, 5, 6, 7] as [Float], shape: [3, 3]))
      return [builder.node(.reduce(Reduce(function: .product, axes: .attribute([1]))), x)]
    },
    OperatorCase("adjoint gemm transposing a") { builder in
      let (x, y) = (try builder.input([4, 3]), try builder.input([4, 5]))
      return [builder.node(.gemm(Gemm(alpha: 3, transposesA: true)), x, y, try builder.input([5], in: -2...2))]
    },
    OperatorCase("adjoint gemm transposing b") { builder in
      let (x, y) = (try builder.input([3, 4]), try builder.input([5, 4]))
      return [builder.node(.gemm(Gemm(transposesB: true)), x, y)]
    },
    OperatorCase("adjoint matMul broadcasting both") { builder in
      let (x, y) = (try builder.input([2, 1, 1, 3, 4]), try builder.input([3, 5, 4, 2]))
      return [builder.node(.matMul, x, y)]
    },
    OperatorCase("adjoint conv with negative pads") { builder in
      let window = Window(kernel: [3, 2], strides: [1, 2], padding: .explicit(low: [-1, 2], high: [-2, -1]))
      let (x, w) = (try builder.input([1, 2, 9, 10]), try builder.weights([3, 2, 3, 2]))
      return [builder.node(.convolution(Convolution(window: window)), x, w)]
    },
    OperatorCase("adjoint lp pool 3-D, dilated and padded") { builder in
      let window = Window(
        kernel: [2, 2, 3], strides: [1, 2, 1], dilations: [2, 1, 2],
        padding: .explicit(low: [1, 0, 2], high: [0, 1, 1]))
      return [builder.node(.pool(Pool(function: .lp(2), window: window)), try builder.input([2, 2, 4, 5, 6]))]
    },
    OperatorCase("adjoint max pool 3-D, dilated and padded") { builder in
      let window = Window(
        kernel: [2, 2, 3], strides: [1, 2, 1], dilations: [2, 1, 2],
        padding: .explicit(low: [1, 0, 2], high: [0, 1, 1]))
      let pool = Pool(function: .max(columnMajor: true), window: window)
      return [builder.node(.pool(pool), try builder.input([2, 2, 4, 5, 6]))]
    },
    OperatorCase("adjoint resize along every axis") { builder in
      let resize = Resize(interpolation: .cubic(a: -0.6), coordinates: .halfPixel, antialias: true)
      let x = try builder.input([2, 3, 7, 6])
      return [builder.node(.resize(resize), x, nil, nil, try builder.list([3, 2, 4, 9]))]
    },
    OperatorCase("adjoint gridSample 3-D") { builder in
      let x = try builder.input([2, 2, 3, 4, 5])
      let grid = try builder.input([2, 2, 3, 2, 3], in: -1.3...1.3)
      let payload = GridSample(interpolation: .linear, padding: .border, alignCorners: true)
      return [builder.node(.gridSample(payload), x, grid)]
    },
    OperatorCase("adjoint local response of two images") { builder in
      let payload = Normalization.localResponse(size: 5, alpha: 0.7, beta: 1.5, bias: 2)
      return [builder.node(.normalize(payload), try builder.input([2, 3, 4], in: -3...3))]
    },
    OperatorCase("adjoint l1 along an inner axis") { builder in
      [builder.node(.normalize(.lp(axis: -2, p: 1)), try builder.input([3, 4, 5]))]
    },
    OperatorCase("adjoint mean variance along an inner axis") { builder in
      [builder.node(.normalize(.meanVariance(axes: [-2])), try builder.input([3, 4, 5]))]
    },
    OperatorCase("adjoint layer with a broadcast scale") { builder in
      let payload = Normalization.layer(axis: 1, epsilon: 1e-3)
      let (x, scale) = (try builder.input([2, 3, 4]), try builder.weights([3, 1]))
      return [builder.node(.normalize(payload), x, scale, try builder.weights([4]))]
    },
    OperatorCase("adjoint layer without scale") { builder in
      [builder.node(.normalize(.layer(axis: 1, epsilon: 1e-3)), try builder.input([2, 3, 4]))]
    },
    OperatorCase("adjoint swish and hardSigmoid of other slopes") { builder in
      let x = try builder.input([40], in: -4...4)
      let y = builder.node(.unary(.swish(alpha: 1.7)), x)
      return [builder.node(.unary(.hardSigmoid(alpha: -0.3, beta: 0.4)), y)]
    },
  ]
}
