package import FCNTensor

/// Factors of a convolution's output channels, which its weights are multiplied by where they are read: a normalisation
/// that was folded in, without a second copy of the weights.
package struct ChannelFactors: Sendable, Hashable, CustomStringConvertible {
  /// One per output channel.
  package let values: [Double]

  package init(_ values: [Double]) { self.values = values }

  package var description: String { "\(values.count) factors" }

  /// Weights `[M, C/g, …]` times the factor of their row; transposed, `[C, M/g, …]` times that of their column in the
  /// group of their row. Computed in Double and rounded once to Float.
  package func scaled(_ weights: [Double], shape: Shape, form: Form) -> [Double] {
    var result = weights
    walk(shape, form) { range, factor in
      for index in range { result[index] = Double(Float(weights[index] * factor)) }
    }
    return result
  }

  /// As above, from and to float32. Cost: a copy of the weights.
  package func scaled(_ weights: HostTensor, form: Form) throws(TensorError) -> HostTensor {
    let result = try HostTensor(.float32, weights.shape, zeroed: false)
    weights.withElements(Float.self) { source in
      result.storage.mutableBytes.withMemoryRebound(to: Float.self) { target in
        walk(weights.shape, form) { range, factor in
          for index in range { target[index] = Float(Double(source[index]) * factor) }
        }
      }
    }
    return result
  }

  /// How output channels lie in the weights.
  package struct Form: Sendable {
    package var isTransposed: Bool
    package var groups: Int
  }

  private func walk(_ shape: Shape, _ form: Form, _ body: (Range<Int>, Double) -> Void) {
    let inner = shape.dims[2...].reduce(1, *)
    let (rows, columns) = (shape[0], shape[1])
    for row in 0..<rows {
      for column in 0..<columns {
        let channel = form.isTransposed ? row / (rows / form.groups) * columns + column : row
        let start = (row * columns + column) * inner
        body(start..<start + inner, values[channel])
      }
    }
  }
}

extension Operator {
  /// Of a convolution into which a normalisation was folded.
  package var channelFactors: (factors: ChannelFactors, form: ChannelFactors.Form)? {
    switch self {
    case .convolution(let payload):
      return payload.factors.map { ($0, ChannelFactors.Form(isTransposed: false, groups: payload.groups)) }
    case .convTranspose(let payload):
      return payload.factors.map { ($0, ChannelFactors.Form(isTransposed: true, groups: payload.groups)) }
    case .pool, .maxUnpool, .resize, .gridSample, .pad, .unary, .binary, .select, .cast, .matMul, .gemm, .reduce,
      .argReduce, .softmax, .normalize, .concat, .part, .slice, .transpose, .reshape, .expand, .tile, .gather,
      .depthToSpace, .spaceToDepth, .shape, .size, .constantOfShape, .range, .unsupported:
      return nil
    }
  }
}
