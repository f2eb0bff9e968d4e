import FCNGraph
import FCNTensor
import Glibc

extension Evaluation {
  func normalize(_ payload: Normalization) -> Values {
    let x = operand(0)
    let data = x.values.doubles
    switch payload {
    case .batch(let epsilon):
      let parameters = (1...4).map { operand($0).values.doubles }
      return perElement(x) { index, value in
        let c = x.shape.rank > 1 ? index[1] : 0
        return (value - parameters[2][c]) / (parameters[3][c] + epsilon).squareRoot() * parameters[0][c]
          + parameters[1][c]
      }
    case .instance(let epsilon):
      let (scale, bias) = (operand(1).values.doubles, operand(2).values.doubles)
      return standardized(x, axes: Array(2..<x.shape.rank), epsilon) { index, value in
        value * scale[index[1]] + bias[index[1]]
      }
    case .layer(let axis, let epsilon):
      let from = axis < 0 ? axis + x.shape.rank : axis
      return standardized(x, axes: Array(from..<x.shape.rank), epsilon) { index, value in
        value * broadcast(1, index, 1) + broadcast(2, index, 0)
      }
    case .group(let groups, let epsilon, let perGroup): return grouped(x, groups, epsilon, perGroup: perGroup)
    case .localResponse(let size, let alpha, let beta, let bias):
      let strides = x.region.shape.strides
      return perElement(x) { index, value in
        let low = max(0, index[1] - (size - 1) / 2)
        let high = min(x.shape[1] - 1, index[1] + size / 2)
        var base = 0
        for axis in index.indices where axis != 1 { base += (index[axis] - x.region[axis].lowerBound) * strides[axis] }
        var sum = 0.0
        for c in low...high {
          let other = data[base + (c - x.region[1].lowerBound) * strides[1]]
          sum += other * other
        }
        return value / pow(bias + alpha / Double(size) * sum, beta)
      }
    case .lp(let axis, let p):
      let axes = [axis < 0 ? axis + x.shape.rank : axis]
      return withStatistic(x, axes: axes) { values, _ in
        let sum = values.reduce(0) { $0 + (p == 1 ? abs($1) : $1 * $1) }
        let norm = p == 1 ? sum : sum.squareRoot()
        return { _, value in norm == 0 ? 0 : value / norm }
      }
    case .meanVariance(let list):
      let axes = list.map { $0 < 0 ? $0 + x.shape.rank : $0 }
      return withStatistic(x, axes: axes) { values, row in
        let mean = CellSum.sum(values, row: row) / Double(values.count)
        let variance = CellSum.sum(values.map { ($0 - mean) * ($0 - mean) }, row: row) / Double(values.count)
        return { _, value in (value - mean) / (variance.squareRoot() + 1e-9) }
      }
    }
  }

  /// A parameter that broadcasts to the input, at an index of the input.
  private func broadcast(_ operandIndex: Int, _ index: [Int], _ fallback: Double) -> Double {
    guard has(operandIndex) else { return fallback }
    let parameter = operand(operandIndex)
    let strides = parameter.shape.strides
    let lead = index.count - parameter.shape.rank
    var offset = 0
    for axis in 0..<parameter.shape.rank where parameter.shape[axis] != 1 {
      offset += index[axis + lead] * strides[axis]
    }
    switch parameter.values {
    case .real(let values): return values[offset]
    case .integer(let values): return Double(values[offset])
    }
  }

  /// f(index, x) for every element of the output region.
  private func perElement(_ x: Operand, _ f: ([Int], Double) -> Double) -> Values {
    guard case .real(let values) = x.cropped(to: region) else { return .real([]) }
    var index = region.ranges.map(\.lowerBound)
    return .real(
      values.map { value in
        defer { advance(&index) }
        return f(index, value)
      })
  }

  private func advance(_ index: inout [Int]) {
    for axis in index.indices.reversed() {
      index[axis] += 1
      if index[axis] < region[axis].upperBound { return }
      index[axis] = region[axis].lowerBound
    }
  }

  private func standardized(
    _ x: Operand, axes: [Int], _ epsilon: Double, _ scale: @escaping ([Int], Double) -> Double
  ) -> Values {
    withStatistic(x, axes: axes) { values, row in
      let mean = CellSum.sum(values, row: row) / Double(values.count)
      let variance = CellSum.sum(values.map { ($0 - mean) * ($0 - mean) }, row: row) / Double(values.count)
      let factor = 1 / (variance + epsilon).squareRoot()
      return { index, value in scale(index, (value - mean) * factor) }
    }
  }

  /// Statistics over `axes` (held whole), then a function of each element; one statistic per index of the other axes.
  private func withStatistic(
    _ x: Operand, axes: [Int], _ make: ([Double], Int) -> ([Int], Double) -> Double
  ) -> Values {
    let data = x.values.doubles
    let strides = x.region.shape.strides
    let members = axes.sorted().reduce([0]) { list, axis in
      list.flatMap { base in x.region[axis].map { base + ($0 - x.region[axis].lowerBound) * strides[axis] } }
    }
    let row = axes.contains(x.shape.rank - 1) ? x.region[x.shape.rank - 1].count : members.count
    let others = (0..<x.shape.rank).filter { !axes.contains($0) }
    var known: [Int: ([Int], Double) -> Double] = [:]
    return perElement(x) { index, value in
      let base = others.reduce(0) { $0 + (index[$1] - x.region[$1].lowerBound) * strides[$1] }
      if let f = known[base] { return f(index, value) }
      let f = make(members.map { data[base + $0] }, row)
      known[base] = f
      return f(index, value)
    }
  }

  /// Statistics over a group of channels and space.
  private func grouped(_ x: Operand, _ groups: Int, _ epsilon: Double, perGroup: Bool) -> Values {
    let (scale, bias) = (operand(1).values.doubles, operand(2).values.doubles)
    let data = x.values.doubles
    let strides = x.region.shape.strides
    let perChannel = strides[1]
    let channels = x.shape[1] / groups
    var known: [Int: (mean: Double, factor: Double)] = [:]
    return perElement(x) { index, value in
      let group = index[1] / channels
      let base = (index[0] - x.region[0].lowerBound) * strides[0] + group * channels * perChannel
      if known[base] == nil {
        let values = Array(data[base..<base + channels * perChannel])
        let row = x.shape.rank > 2 ? x.region[x.shape.rank - 1].count : 1
        let mean = CellSum.sum(values, row: row) / Double(values.count)
        let variance = CellSum.sum(values.map { ($0 - mean) * ($0 - mean) }, row: row) / Double(values.count)
        known[base] = (mean, 1 / (variance + epsilon).squareRoot())
      }
      let parameter = perGroup ? group : index[1]
      return (value - known[base]!.mean) * known[base]!.factor * scale[parameter] + bias[parameter]
    }
  }
}
