import FCNGraph
import FCNTensor

/// Rows by columns in C order, or (transposed) their mirror.
private struct Matrix {
  var rows: Int
  var columns: Int
  var values: [Double]

  var transposed: Matrix {
    var result = [Double](repeating: 0, count: values.count)
    for row in 0..<rows {
      for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
    }
    return Matrix(rows: columns, columns: rows, values: result)
  }

  /// self·other
  func times(_ other: Matrix) -> Matrix {
    var result = [Double](repeating: 0, count: rows * other.columns)
    result.withUnsafeMutableBufferPointer { result in
      values.withUnsafeBufferPointer { left in
        other.values.withUnsafeBufferPointer { right in
          for row in 0..<rows {
            for t in 0..<columns {
              let factor = left[row * columns + t]
              let (to, from) = (row * other.columns, t * other.columns)
              for column in 0..<other.columns { result[to + column] += factor * right[from + column] }
            }
          }
        }
      }
    }
    return Matrix(rows: rows, columns: other.columns, values: result)
  }
}

extension Adjoint {
  /// ga = gy·bᵀ and gb = aᵀ·gy for every matrix of the batch, summed over the axes that were broadcast.
  func matMul() -> [[Double]?] {
    let (a, b) = (forward.operand(0), forward.operand(1))
    let (isRow, isColumn) = (a.shape.rank == 1, b.shape.rank == 1)
    let k = a.shape.dims.last!
    let m = isRow ? 1 : a.shape[a.shape.rank - 2]
    let n = isColumn ? 1 : b.shape[b.shape.rank - 1]
    let batch = Array(forward.outputShape.dims.dropLast((isRow ? 0 : 1) + (isColumn ? 0 : 1)))
    let starts = (
      Adjoint.starts(Array(a.shape.dims.dropLast(2)), in: batch, matrix: m * k),
      Adjoint.starts(Array(b.shape.dims.dropLast(2)), in: batch, matrix: k * n)
    )
    let (x, y) = (a.values.doubles, b.values.doubles)
    var left = [Double](repeating: 0, count: x.count)
    var right = [Double](repeating: 0, count: y.count)
    for (index, (from, to)) in zip(starts.0, starts.1).enumerated() {
      let g = Matrix(rows: m, columns: n, values: Array(gradient[index * m * n..<(index + 1) * m * n]))
      let first = Matrix(rows: m, columns: k, values: Array(x[from..<from + m * k]))
      let second = Matrix(rows: k, columns: n, values: Array(y[to..<to + k * n]))
      for (offset, value) in g.times(second.transposed).values.enumerated() { left[from + offset] += value }
      for (offset, value) in first.transposed.times(g).values.enumerated() { right[to + offset] += value }
    }
    return [left, right]
  }

  /// Where the matrix of each batch index starts in an operand whose batch axes broadcast.
  private static func starts(_ dims: [Int], in batch: [Int], matrix: Int) -> [Int] {
    let lead = batch.count - dims.count
    let strides = Shape(dims).strides
    return sums(
      batch.indices.map { axis in
        let isSpread = axis < lead || dims[axis - lead] == 1
        return (0..<batch[axis]).map { isSpread ? 0 : $0 * strides[axis - lead] * matrix }
      })
  }

  /// With y = α·A'·B' + β·C: gA' = α·gy·B'ᵀ, gB' = α·A'ᵀ·gy, gC = β·gy.
  func gemm(_ payload: Gemm) -> [[Double]?] {
    func matrix(_ x: Operand) -> Matrix {
      Matrix(rows: x.shape[0], columns: x.shape[1], values: x.values.doubles)
    }
    let (a, b) = (matrix(forward.operand(0)), matrix(forward.operand(1)))
    let output = forward.outputShape
    let g = Matrix(rows: output[0], columns: output[1], values: gradient.map { $0 * payload.alpha })
    let left = g.times(payload.transposesB ? b : b.transposed)
    let right = (payload.transposesA ? a : a.transposed).times(g)
    let addend = forward.has(2) ? gathered(gradient.map { $0 * payload.beta }, to: forward.operand(2)) : nil
    return [
      (payload.transposesA ? left.transposed : left).values, (payload.transposesB ? right.transposed : right).values,
      addend,
    ]
  }
}
