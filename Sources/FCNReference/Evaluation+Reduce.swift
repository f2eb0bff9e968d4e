import FCNGraph
import FCNTensor
import Glibc

extension Evaluation {
  /// For every output element the offsets of the elements that it reduces, in C order.
  private func groups(_ x: Operand, _ body: ([Int], Int) -> Void) {
    let rule = sizing.rule.inputs[0]
    let strides = x.region.shape.strides
    let reduced = rule.indices.filter { rule[$0].outputAxis == nil }
    var members = [0]
    for axis in reduced {
      members = members.flatMap { base in
        x.region[axis].indices.map { base + ($0 - x.region[axis].lowerBound) * strides[axis] }
      }
    }
    var bases = [0]
    for outputAxis in 0..<region.rank {
      let axis = rule.firstIndex { $0.outputAxis == outputAxis }
      bases = bases.flatMap { base in
        region[outputAxis].map { o in axis.map { base + (o - x.region[$0].lowerBound) * strides[$0] } ?? base }
      }
    }
    for base in bases { body(members, base) }
  }

  /// Extent of the last reduced axis if it is the last axis: the row of cell sums.
  private func rowLength(_ x: Operand) -> Int {
    let rule = sizing.rule.inputs[0]
    guard let last = rule.indices.last, rule[last].outputAxis == nil else { return 1 << 62 }
    return x.region[last].count
  }

  func reduce(_ payload: Reduce) -> Values {
    let x = operand(0)
    let row = rowLength(x)
    if case .integer(let data) = x.values { return .integer(reduceIntegers(payload, x, data)) }
    let data = x.values.doubles
    var result: [Double] = []
    groups(x) { members, base in
      result.append(Evaluation.reduced(payload.function, members.map { data[base + $0] }, row: row))
    }
    return .real(result)
  }

  private static func reduced(_ function: ReduceFunction, _ values: [Double], row: Int) -> Double {
    func sum(_ values: [Double]) -> Double { CellSum.sum(values, row: row) }
    switch function {
    case .sum: return sum(values)
    case .mean: return sum(values) / Double(values.count)
    case .max: return values.reduce(-.infinity) { apply(.maximum, $0, $1) }
    case .min: return values.reduce(.infinity) { apply(.minimum, $0, $1) }
    case .product: return values.reduce(1, *)
    case .l1: return sum(values.map(abs))
    case .l2: return sum(values.map { $0 * $0 }).squareRoot()
    case .sumSquare: return sum(values.map { $0 * $0 })
    case .logSum: return log(sum(values))
    case .logSumExp:
      let top = values.max() ?? 0
      let shift = top.isFinite ? top : 0
      return log(sum(values.map { exp($0 - shift) })) + shift
    }
  }

  private func reduceIntegers(_ payload: Reduce, _ x: Operand, _ data: [Int64]) -> [Int64] {
    var result: [Int64] = []
    groups(x) { members, base in
      let values = members.map { data[base + $0] }
      switch payload.function {
      case .sum: result.append(values.reduce(0, &+))
      case .mean: result.append(values.isEmpty ? 0 : values.reduce(0, &+) / Int64(values.count))
      case .max: result.append(values.max() ?? .min)
      case .min: result.append(values.min() ?? .max)
      case .product: result.append(values.reduce(1, &*))
      case .l1: result.append(values.reduce(0) { $0 &+ ($1 < 0 ? 0 &- $1 : $1) })
      case .sumSquare: result.append(values.reduce(0) { $0 &+ $1 &* $1 })
      case .l2, .logSum, .logSumExp:
        result.append(saturating(Evaluation.reduced(payload.function, values.map(Double.init), row: values.count)))
      }
    }
    return result
  }

  /// NaN counts as the extreme; the first of equals unless the last is wanted.
  func argReduce(_ payload: ArgReduce) -> Values {
    let x = operand(0)
    let data = x.values.doubles
    var result: [Int64] = []
    groups(x) { members, base in
      var best = 0
      for index in members.indices.dropFirst() {
        let (value, top) = (data[base + members[index]], data[base + members[best]])
        if top.isNaN { continue }
        let isBetter = value.isNaN || (payload.isMaximum ? value > top : value < top)
        if isBetter || payload.selectsLast && value == top { best = index }
      }
      result.append(Int64(best))
    }
    return .integer(result)
  }

  /// exp(x − max)/Σ, its logarithm, or one at the first maximum; over one axis, or all from it on.
  func softmax(_ payload: Softmax) -> Values {
    let x = operand(0)
    let data = x.values.doubles
    let rule = sizing.rule.inputs[0]
    let strides = x.region.shape.strides
    func offsets(_ axes: [Int], _ ranges: (Int) -> Range<Int>) -> [Int] {
      axes.reduce([0]) { list, axis in
        list.flatMap { base in ranges(axis).map { base + ($0 - x.region[axis].lowerBound) * strides[axis] } }
      }
    }
    let normalized = rule.indices.filter { rule[$0].outputAxis == nil }
    let members = offsets(normalized) { x.region[$0] }
    let bases = offsets(rule.indices.filter { rule[$0].outputAxis != nil }) { region[$0] }
    var whole = [Double](repeating: 0, count: data.count)
    for base in bases {
      let values = members.map { data[base + $0] }
      let top = values.reduce(-.infinity) { Evaluation.apply(.maximum, $0, $1) }
      let sum = values.reduce(0) { $0 + exp($1 - top) }
      let first = values.firstIndex(of: top)
      for (index, member) in members.enumerated() {
        switch payload.function {
        case .softmax: whole[base + member] = exp(values[index] - top) / sum
        case .logSoftmax: whole[base + member] = values[index] - top - log(sum)
        case .hardmax: whole[base + member] = index == first ? 1 : 0
        }
      }
    }
    return Operand(elementType: x.elementType, shape: x.shape, region: x.region, values: .real(whole)).cropped(
      to: region)
  }
}
