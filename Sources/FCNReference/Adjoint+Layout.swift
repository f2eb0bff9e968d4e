import FCNGraph
import FCNTensor

extension Adjoint {
  /// Σ of one entry per table, in C order; negative wherever an entry is.
  static func sums(_ tables: some Sequence<[Int]>) -> [Int] {
    var sums = [0]
    for table in tables {
      var next: [Int] = []
      next.reserveCapacity(sums.count * table.count)
      for base in sums {
        for entry in table { next.append(base < 0 || entry < 0 ? -1 : base + entry) }
      }
      sums = next
    }
    return sums
  }

  /// Offsets of all indices of the given axes of a whole tensor, in C order.
  static func offsets(_ shape: Shape, axes: [Int]) -> [Int] {
    let strides = shape.strides
    return sums(axes.sorted().map { axis in (0..<shape[axis]).map { $0 * strides[axis] } })
  }

  /// The adjoint of `Values.gathered`: adds each element to where its table entries point; negative: nowhere.
  /// - Parameter count: elements of the result.
  static func scattered(_ values: [Double], _ tables: [[Int]], count: Int) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    let rows = sums(tables.dropLast())
    let last = tables.last ?? [0]
    let isRun = zip(last, last.dropFirst()).allSatisfy { $1 == $0 + 1 } && (last.first ?? 0) >= 0
    result.withUnsafeMutableBufferPointer { result in
      values.withUnsafeBufferPointer { values in
        last.withUnsafeBufferPointer { last in
          for (row, base) in rows.enumerated() where base >= 0 {
            let from = row * last.count
            if isRun, let first = last.first {
              for index in last.indices { result[base + first + index] += values[from + index] }
            } else {
              for index in last.indices where last[index] >= 0 { result[base + last[index]] += values[from + index] }
            }
          }
        }
      }
    }
    return result
  }

  /// Slices, padding, transposition, expansion, tiling, depth to space and back, nearest resizing.
  func moved() -> [Double] {
    let x = forward.operand(0)
    let tables = MoveTables.tables(
      forward.node.op, forward.sizing.rule.inputs[0], from: x.shape.region, of: x.shape, to: forward.region,
      of: forward.outputShape)
    return Adjoint.scattered(gradient, tables, count: x.shape.count)
  }

  /// Sums over the axes that an operand was broadcast along.
  func gathered(_ flow: [Double], to x: Operand) -> [Double] {
    if x.shape.count == flow.count { return flow }
    return Adjoint.scattered(flow, forward.spreadTables(x), count: x.shape.count)
  }

  func concat() -> [[Double]?] {
    let output = forward.outputShape
    return forward.sizing.rule.inputs.enumerated().map { index, rule in
      let x = forward.operand(index)
      guard let axis = rule.firstIndex(where: { if case .placed = $0.rule { true } else { false } }),
        case .placed(let offset) = rule[axis].rule
      else { return nil }
      let inner = output.dims[(axis + 1)...].reduce(1, *)
      let chunk = x.shape[axis] * inner
      var result: [Double] = []
      result.reserveCapacity(x.shape.count)
      for row in 0..<output.dims[..<axis].reduce(1, *) {
        let start = (row * output[axis] + offset) * inner
        result.append(contentsOf: gradient[start..<start + chunk])
      }
      return result
    }
  }

  func gather(_ axis: Int) throws(GraphError) -> [Double] {
    Adjoint.scattered(gradient, try forward.gatherTables(axis), count: forward.operand(0).shape.count)
  }
}
