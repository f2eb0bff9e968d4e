package enum ReduceFunction: Sendable, Hashable {
  case sum, mean, max, min, product, l1, l2, sumSquare, logSum, logSumExp
}

package enum ReduceAxes: Sendable, Hashable {
  /// Negative axes count from the end.
  case attribute([Int])
  /// Everything after `[N, C]` (the Global…Pool operators).
  case spatial
  /// The second input; none or empty means all, or nothing if `keepsWhenEmpty`.
  case input(keepsWhenEmpty: Bool)
}

/// ONNX Reduce… and Global…Pool.
package struct Reduce: Sendable, Hashable {
  package var function: ReduceFunction
  package var axes: ReduceAxes
  package var keepsDimensions: Bool
  package init(function: ReduceFunction, axes: ReduceAxes, keepsDimensions: Bool = true) {
    self.function = function
    self.axes = axes
    self.keepsDimensions = keepsDimensions
  }
}

/// ONNX ArgMax and ArgMin.
package struct ArgReduce: Sendable, Hashable {
  package var isMaximum: Bool
  package var axis: Int
  package var keepsDimensions: Bool
  package var selectsLast: Bool
  package init(isMaximum: Bool, axis: Int, keepsDimensions: Bool = true, selectsLast: Bool = false) {
    self.isMaximum = isMaximum
    self.axis = axis
    self.keepsDimensions = keepsDimensions
    self.selectsLast = selectsLast
  }
}

package enum SoftmaxFunction: Sendable, Hashable { case softmax, logSoftmax, hardmax }

/// ONNX Softmax, LogSoftmax, Hardmax over one axis, or (before opset 13) over all axes from it on.
package struct Softmax: Sendable, Hashable {
  package var function: SoftmaxFunction
  package var axis: Int
  package var flattens: Bool
  package init(function: SoftmaxFunction = .softmax, axis: Int, flattens: Bool = false) {
    self.function = function
    self.axis = axis
    self.flattens = flattens
  }
}

package enum Normalization: Sendable, Hashable {
  /// x, scale, bias, mean, variance (inference).
  case batch(epsilon: Double)
  /// x, scale `[C]`, bias `[C]`; statistics over space.
  case instance(epsilon: Double)
  /// x, scale, bias?; statistics over the axes from `axis` on.
  case layer(axis: Int, epsilon: Double)
  /// x, scale, bias; `perGroup`: one scale per group (opset 18), else per channel (21).
  case group(groups: Int, epsilon: Double, perGroup: Bool)
  /// Across channels (Krizhevsky 2012).
  case localResponse(size: Int, alpha: Double, beta: Double, bias: Double)
  case lp(axis: Int, p: Int)
  case meanVariance(axes: [Int])
}

/// One of `count` parts along `axis`: equal parts (the last may be smaller), or of the sizes in the second input.
package struct Part: Sendable, Hashable {
  package var axis: Int
  package var index: Int
  package var count: Int
  package init(axis: Int, index: Int, count: Int) {
    self.axis = axis
    self.index = index
    self.count = count
  }
}

package enum Reshape: Sendable, Hashable {
  /// Second input: the shape; −1 is inferred, 0 copies unless `zeroIsZero`.
  case shape(zeroIsZero: Bool)
  /// `[Πdims before axis, Πdims from axis]`
  case flatten(axis: Int)
  /// Second input: axes; none means every axis of size 1.
  case squeeze
  /// Second input: axes of the result.
  case unsqueeze
}

package enum PadMode: Sendable, Hashable { case constant, reflect, edge, wrap }

/// Order of the channels that DepthToSpace spreads over a block: depth-column-row or column-row-depth.
package enum DepthOrder: Sendable, Hashable { case dcr, crd }

/// ONNX Gemm: α·A'·B' + β·C.
package struct Gemm: Sendable, Hashable {
  package var alpha: Double
  package var beta: Double
  package var transposesA: Bool
  package var transposesB: Bool
  package init(alpha: Double = 1, beta: Double = 1, transposesA: Bool = false, transposesB: Bool = false) {
    self.alpha = alpha
    self.beta = beta
    self.transposesA = transposesA
    self.transposesB = transposesB
  }
}

package enum GridInterpolation: Sendable, Hashable { case linear, nearest, cubic }
package enum GridPadding: Sendable, Hashable { case zeros, border, reflection }

/// ONNX GridSample (16–22): x `[N, C, …]`, grid `[N, …, spatial rank]` with coordinates in [−1, 1], last axis x first.
package struct GridSample: Sendable, Hashable {
  package var interpolation: GridInterpolation
  package var padding: GridPadding
  package var alignCorners: Bool
  package init(interpolation: GridInterpolation, padding: GridPadding, alignCorners: Bool) {
    self.interpolation = interpolation
    self.padding = padding
    self.alignCorners = alignCorners
  }
}
