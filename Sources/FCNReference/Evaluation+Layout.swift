import FCNGraph
import FCNTensor

extension Evaluation {
  /// Slices, padding, transposition, expansion, tiling, depth to space and back.
  func moved() -> Values {
    let x = operand(0)
    let tables = MoveTables.tables(
      node.op, sizing.rule.inputs[0], from: x.region, of: x.shape, to: region, of: outputShape)
    var fill = 0.0
    var integerFill = Int64(0)
    if case .pad = node.op, has(2), operand(2).values.count > 0 {
      fill = operand(2).values.doubles[0]
      integerFill = operand(2).values.integers[0]
    }
    return x.values.gathered(tables, fill: fill, integerFill: integerFill)
  }

  func concat() -> Values {
    var reals = [Double](repeating: 0, count: region.count)
    var integers = sizing.outputs[0].elementType.isFloat ? [] : [Int64](repeating: 0, count: region.count)
    let strides = region.shape.strides
    for (index, rule) in sizing.rule.inputs.enumerated() {
      let x = operand(index)
      var part = region
      var shifted = x.region
      for (axis, dependence) in rule.enumerated() {
        if case .placed(let offset) = dependence.rule {
          part[axis] = (offset..<offset + x.shape[axis]).clamped(to: region[axis])
          shifted[axis] = x.region[axis].lowerBound + offset..<x.region[axis].upperBound + offset
        }
      }
      if part.isEmpty { continue }
      let source = Operand(elementType: x.elementType, shape: outputShape, region: shifted, values: x.values).cropped(
        to: part)
      var targets: [Int] = [0]
      for axis in 0..<part.rank {
        targets = targets.flatMap { base in
          part[axis].map { base + ($0 - region[axis].lowerBound) * strides[axis] }
        }
      }
      switch source {
      case .real(let values): for (offset, value) in zip(targets, values) { reals[offset] = value }
      case .integer(let values): for (offset, value) in zip(targets, values) { integers[offset] = value }
      }
    }
    return sizing.outputs[0].elementType.isFloat ? .real(reals) : .integer(integers)
  }

  /// The same elements in C order: each output's flat index, read in the input's shape.
  func reshape() -> Values {
    let x = operand(0)
    if x.values.count == region.count { return x.values }
    let (from, to) = (x.shape.strides, outputShape.strides)
    let held = x.region.shape.strides
    var offsets = [0]
    for axis in 0..<region.rank {
      offsets = offsets.flatMap { base in region[axis].map { base + $0 * to[axis] } }
    }
    return x.values.gathered([
      offsets.map { flat in
        var rest = flat
        var offset = 0
        for axis in from.indices {
          offset += (rest / from[axis] - x.region[axis].lowerBound) * held[axis]
          rest %= from[axis]
        }
        return offset
      }
    ])
  }

  func gather(_ axis: Int) throws(GraphError) -> Values {
    operand(0).values.gathered(try gatherTables(axis))
  }

  /// For each input axis the offsets that the output region reads. Negative indices count from the end.
  func gatherTables(_ axis: Int) throws(GraphError) -> [[Int]] {
    let x = operand(0)
    let axis = axis < 0 ? axis + x.shape.rank : axis
    let indices = operand(1)
    let rank = indices.shape.rank
    let n = x.shape[axis]
    let wanted = Region(Array(region.ranges[axis..<axis + rank]))
    var entries: [Int] = []
    let strides = x.region.shape.strides
    for value in indices.cropped(to: wanted).integers {
      let index = value < 0 ? value &+ Int64(n) : value
      guard index >= 0, index < n else { throw error("index: expected \(-n)…\(n - 1), got \(value)") }
      entries.append((Int(index) - x.region[axis].lowerBound) * strides[axis])
    }
    var tables: [[Int]] = []
    for source in 0..<x.shape.rank {
      if source == axis {
        tables.append(entries)
      } else {
        let target = source < axis ? source : source + rank - 1
        tables.append(region[target].map { ($0 - x.region[source].lowerBound) * strides[source] })
      }
    }
    return tables
  }
}
