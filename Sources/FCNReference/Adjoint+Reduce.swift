import FCNGraph
import Glibc

/// The elements of one group: `data[base + member]`.
private struct Group {
  let data: UnsafeBufferPointer<Double>
  let members: UnsafeBufferPointer<Int>
  let base: Int

  subscript(_ index: Int) -> Double { data[base + members[index]] }

  func sum(_ f: (Double) -> Double) -> Double {
    var sum = 0.0
    for member in members { sum += f(data[base + member]) }
    return sum
  }

  /// The first extreme element, as the forward run takes it.
  func first(_ function: BinaryFunction) -> Int? {
    var best: Int?
    for index in members.indices {
      guard let current = best else {
        best = index
        continue
      }
      let slopes = Adjoint.slopes(function, self[current], self[index])
      if slopes.x == 0 && !self[current].isNaN { best = index }
    }
    return best
  }
}

extension Adjoint {
  func reduce(_ payload: Reduce) -> [Double] {
    let x = forward.operand(0)
    let rule = forward.sizing.rule.inputs[0]
    let data = x.values.doubles
    let members = Adjoint.offsets(x.shape, axes: rule.indices.filter { rule[$0].outputAxis == nil })
    let bases = Adjoint.offsets(x.shape, axes: rule.indices.filter { rule[$0].outputAxis != nil })
    var result = [Double](repeating: 0, count: data.count)
    result.withUnsafeMutableBufferPointer { result in
      data.withUnsafeBufferPointer { data in
        members.withUnsafeBufferPointer { members in
          for (index, base) in bases.enumerated() where gradient[index] != 0 {
            let group = Group(data: data, members: members, base: base)
            Adjoint.reduce(payload.function, group, gradient[index], result)
          }
        }
      }
    }
    return result
  }

  /// Adds g·∂y/∂x for every element x of one group.
  private static func reduce(
    _ function: ReduceFunction, _ group: Group, _ g: Double, _ result: UnsafeMutableBufferPointer<Double>
  ) {
    func add(_ slope: (Double) -> Double) {
      for member in group.members { result[group.base + member] += g * slope(group.data[group.base + member]) }
    }
    func addToFirst(_ function: BinaryFunction) {
      if let first = group.first(function) { result[group.base + group.members[first]] += g }
    }
    switch function {
    case .sum: add { _ in 1 }
    case .mean:
      let share = 1 / Double(group.members.count)
      add { _ in share }
    case .max: addToFirst(.maximum)
    case .min: addToFirst(.minimum)
    case .product: addProduct(group, g, result)
    case .l1: add { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
    case .l2:
      let norm = group.sum { $0 * $0 }.squareRoot()
      add { norm == 0 ? 0 : $0 / norm }
    case .sumSquare: add { 2 * $0 }
    case .logSum:
      let slope = 1 / group.sum { $0 }
      add { _ in slope }
    case .logSumExp:
      let top = group.first(.maximum).map { group[$0] } ?? 0
      let shift = top.isFinite ? top : 0
      let sum = group.sum { exp($0 - shift) }
      add { sum == 0 ? 0 : exp($0 - shift) / sum }
    }
  }

  /// The product of all other elements, by products from both ends: exact where elements are zero.
  private static func addProduct(_ group: Group, _ g: Double, _ result: UnsafeMutableBufferPointer<Double>) {
    var before = [1.0]
    for index in group.members.indices { before.append(before[index] * group[index]) }
    var after = 1.0
    for index in group.members.indices.reversed() {
      result[group.base + group.members[index]] += g * before[index] * after
      after *= group[index]
    }
  }

  /// Softmax: y·(g − Σ g·y); its logarithm: g − eʸ·Σ g; nil for hardmax.
  func softmax(_ payload: Softmax) -> [Double]? {
    let x = forward.operand(0)
    let rule = forward.sizing.rule.inputs[0]
    let y = results[0].values.doubles
    let members = Adjoint.offsets(x.shape, axes: rule.indices.filter { rule[$0].outputAxis == nil })
    let bases = Adjoint.offsets(x.shape, axes: rule.indices.filter { rule[$0].outputAxis != nil })
    var result = gradient
    result.withUnsafeMutableBufferPointer { result in
      y.withUnsafeBufferPointer { y in
        for base in bases {
          var sum = 0.0
          switch payload.function {
          case .softmax:
            for member in members { sum += result[base + member] * y[base + member] }
            for member in members { result[base + member] = y[base + member] * (result[base + member] - sum) }
          case .logSoftmax:
            for member in members { sum += result[base + member] }
            for member in members { result[base + member] -= exp(y[base + member]) * sum }
          case .hardmax: break
          }
        }
      }
    }
    return payload.function == .hardmax ? nil : result
  }
}
