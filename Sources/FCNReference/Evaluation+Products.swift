import FCNGraph
import FCNTensor

extension Evaluation {
  /// numpy.matmul over the output region; sums over k in order.
  func matMul() -> Values {
    let (a, b) = (operand(0), operand(1))
    let (x, y) = (a.values.doubles, b.values.doubles)
    let (isRow, isColumn) = (a.shape.rank == 1, b.shape.rank == 1)
    let k = a.shape.dims.last!
    let rank = region.rank
    let outerRank = rank - (isRow ? 0 : 1) - (isColumn ? 0 : 1)
    let aStrides = a.region.shape.strides
    let bStrides = b.region.shape.strides
    func offset(_ operand: Operand, _ strides: [Int], _ index: [Int], inner: Int) -> Int {
      let lead = operand.shape.rank - inner
      var sum = 0
      for axis in 0..<max(0, lead) where operand.shape[axis] != 1 {
        sum += (index[outerRank - lead + axis] - operand.region[axis].lowerBound) * strides[axis]
      }
      return sum
    }
    var result: [Double] = []
    result.reserveCapacity(region.count)
    var index = region.ranges.map(\.lowerBound)
    for _ in 0..<region.count {
      let row = isRow ? 0 : index[outerRank]
      let column = isColumn ? 0 : index[rank - 1]
      var from = offset(a, aStrides, index, inner: isRow ? 1 : 2)
      var to = offset(b, bStrides, index, inner: isColumn ? 1 : 2)
      if !isRow { from += (row - a.region[a.shape.rank - 2].lowerBound) * aStrides[a.shape.rank - 2] }
      if !isColumn { to += (column - b.region[b.shape.rank - 1].lowerBound) }
      let step = isColumn ? 1 : bStrides[b.shape.rank - 2]
      var sum = 0.0
      for t in 0..<k { sum += x[from + t] * y[to + t * step] }
      result.append(sum)
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < region[axis].upperBound { break }
        index[axis] = region[axis].lowerBound
      }
    }
    return a.elementType.isFloat ? .real(result) : .integer(result.map { saturating($0) })
  }

  /// α·A'·B' + β·C
  func gemm(_ payload: Gemm) -> Values {
    let (a, b) = (operand(0), operand(1))
    let (x, y) = (a.values.doubles, b.values.doubles)
    let k = a.shape[payload.transposesA ? 0 : 1]
    let c = has(2) ? operand(2) : nil
    let addend = c?.values.doubles ?? []
    let dims = c.map { Array(repeating: 1, count: 2 - $0.shape.rank) + $0.shape.dims } ?? []
    var result: [Double] = []
    for row in region[0] {
      for column in region[1] {
        var sum = 0.0
        for t in 0..<k {
          sum +=
            x[payload.transposesA ? t * a.shape[1] + row : row * k + t]
            * y[payload.transposesB ? column * k + t : t * b.shape[1] + column]
        }
        sum *= payload.alpha
        if c != nil { sum += payload.beta * addend[(dims[0] == 1 ? 0 : row) * dims[1] + (dims[1] == 1 ? 0 : column)] }
        result.append(sum)
      }
    }
    return a.elementType.isFloat ? .real(result) : .integer(result.map { saturating($0) })
  }
}
