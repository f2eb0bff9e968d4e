package import FCNTensor

/// What a node computes: families of ONNX operators in their newest form. Where ONNX moved an attribute to an input,
/// the importer makes it an input. A closed set: every switch over it lists every case.
package enum Operator: Sendable, Hashable {
  /// x, weights, bias?
  case convolution(Convolution)
  /// x, weights, bias?
  case convTranspose(ConvTranspose)
  /// x; outputs y, flat indices? (max only)
  case pool(Pool)
  /// x, flat indices, output shape?
  case maxUnpool(MaxUnpool)
  /// x, roi?, scales?, sizes?
  case resize(Resize)
  /// x, pads, value?, axes?
  case pad(PadMode)
  /// x, starts, ends, axes?, steps?
  case slice
  /// x, split sizes?: one part of ONNX Split.
  case part(Part)
  case unary(UnaryFunction)
  /// a, b with multidirectional broadcasting.
  case binary(BinaryFunction)
  /// condition, a, b with multidirectional broadcasting (ONNX Where).
  case select
  case cast(ElementType)
  /// x, axes?
  case reduce(Reduce)
  case argReduce(ArgReduce)
  case softmax(Softmax)
  case normalize(Normalization)
  case concat(axis: Int)
  case transpose(permutation: [Int]?)
  /// x, shape or axes?
  case reshape(Reshape)
  /// x, shape
  case expand
  /// x, repeats
  case tile
  /// x, indices
  case gather(axis: Int)
  case depthToSpace(block: Int, DepthOrder)
  case spaceToDepth(block: Int)
  /// a, b by the rules of numpy.matmul.
  case matMul
  /// a, b, c?
  case gemm(Gemm)
  /// x, grid
  case gridSample(GridSample)
  case shape(start: Int, end: Int?)
  case size
  /// shape; filled with one scalar.
  case constantOfShape(Scalar)
  /// start, limit, delta
  case range
  case unsupported(UnsupportedOperator)

  /// Inputs whose *values* decide shapes or parameters: they must be known when the graph is sized.
  package var parameterInputs: Range<Int> {
    switch self {
    case .resize, .pad, .slice, .reduce, .reshape, .tile, .expand, .part: 1..<8
    case .constantOfShape, .range: 0..<3
    case .maxUnpool: 2..<3
    case .convolution, .convTranspose, .pool, .unary, .binary, .select, .cast, .argReduce, .softmax, .normalize,
      .concat,
      .transpose, .gather, .depthToSpace, .spaceToDepth, .matMul, .gemm, .gridSample, .shape, .size, .unsupported:
      0..<0
    }
  }
}

/// A node that cannot be executed, kept so that the model can still be inspected.
package struct UnsupportedOperator: Sendable, Hashable {
  package var reason: String
  package init(reason: String) { self.reason = reason }
}

/// One typed number.
package struct Scalar: Sendable, Hashable {
  package var elementType: ElementType
  /// Exact for every float type and for integers up to 2⁵³; larger integers use `integer`.
  package var real: Double
  package var integer: Int64

  package init(elementType: ElementType, real: Double) {
    self.elementType = elementType
    self.real = real
    integer = saturating(real)
  }

  package init(elementType: ElementType, integer: Int64) {
    self.elementType = elementType
    real = Double(integer)
    self.integer = integer
  }
}
