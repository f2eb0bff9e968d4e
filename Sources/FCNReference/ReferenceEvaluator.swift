package import FCNGraph
package import FCNTensor

package enum Precision: Sendable {
  /// Floats are rounded once to the output's element type.
  case model
  /// Floats stay Double (`reference64`).
  case double
}

/// What every operator means: plain loops in global coordinates, accumulating in Double and rounding once.
package struct ReferenceEvaluator: ConstantEvaluator {
  private let precision: Precision

  package init(precision: Precision = .model) { self.precision = precision }

  /// - Parameters:
  ///   - operands: hold at least what `sizing.rule` requests for the output regions.
  ///   - regions: the part wanted of each output.
  /// - Throws: `GraphError` for data that the operator cannot take (an index out of range).
  package func evaluate(
    _ node: Node, sizing: NodeSizing, operands: [Operand?], regions: [Region]
  ) throws(GraphError) -> [Operand] {
    let evaluation = Evaluation(node: node, sizing: sizing, operands: operands, regions: regions)
    var results: [Operand] = []
    for (index, values) in try evaluation.results().enumerated() {
      let type = sizing.outputs[index]
      results.append(
        Operand(
          elementType: type.elementType, shape: type.shape, region: regions[index],
          values: rounded(values, to: type.elementType)))
    }
    return results
  }

  package func evaluate(
    _ node: Node, sizing: NodeSizing, inputs: [HostTensor?]
  ) throws(GraphError) -> [HostTensor] {
    let operands = inputs.map { $0.map { Operand($0) } }
    let results = try evaluate(node, sizing: sizing, operands: operands, regions: sizing.outputs.map(\.shape.region))
    var tensors: [HostTensor] = []
    for result in results {
      do throws(TensorError) { tensors.append(try result.tensor()) } catch {
        throw GraphError(.limit, node: node.label, error.detail)
      }
    }
    return tensors
  }

  private func rounded(_ values: Values, to type: ElementType) -> Values {
    switch values {
    case .real(let reals):
      if !type.isFloat { return .integer(reals.map { type == .bool ? ($0 == 0 ? 0 : 1) : saturating($0, to: type) }) }
      if precision == .double || type == .float64 { return values }
      if type == .float32 { return .real(reals.map { Double(Float($0)) }) }
      if type == .float16 { return .real(reals.map { Double(Float16($0)) }) }
      return .real(reals.map { Double(Float(bitPattern: UInt32(bfloat16Bits($0)) << 16)) })
    case .integer(let integers):
      if type == .float32 && precision == .model { return .real(integers.map { Double(Float($0)) }) }
      if type.isFloat { return rounded(.real(integers.map(Double.init)), to: type) }
      return .integer(integers.map { wrapped($0, type) })
    }
  }

  private func wrapped(_ value: Int64, _ type: ElementType) -> Int64 {
    switch type {
    case .int8: Int64(Int8(truncatingIfNeeded: value))
    case .int16: Int64(Int16(truncatingIfNeeded: value))
    case .int32: Int64(Int32(truncatingIfNeeded: value))
    case .uint8: Int64(UInt8(truncatingIfNeeded: value))
    case .uint16: Int64(UInt16(truncatingIfNeeded: value))
    case .uint32: Int64(UInt32(truncatingIfNeeded: value))
    case .bool: value == 0 ? 0 : 1
    case .int64, .uint64, .float16, .bfloat16, .float32, .float64: value
    }
  }
}

/// One node with its operands; each family computes the values of its outputs.
struct Evaluation {
  let node: Node
  let sizing: NodeSizing
  let operands: [Operand?]
  let regions: [Region]

  var region: Region { regions[0] }
  var outputShape: Shape { sizing.outputs[0].shape }
  func has(_ index: Int) -> Bool { index < operands.count && operands[index] != nil }
  /// Sizing has checked that required operands are there.
  func operand(_ index: Int) -> Operand { operands[index]! }
  func error(_ detail: String) -> GraphError { GraphError(.size, node: node.label, detail) }

  func results() throws(GraphError) -> [Values] {
    switch node.op {
    case .convolution(let payload): return [convolution(payload)]
    case .convTranspose(let payload): return [convTranspose(payload)]
    case .pool(let payload): return pool(payload)
    case .maxUnpool: return [try maxUnpool()]
    case .resize(let payload): return [resize(payload)]
    case .pad, .slice, .part, .transpose, .expand, .tile, .depthToSpace, .spaceToDepth: return [moved()]
    case .unary(let function): return [unary(function)]
    case .binary(let function): return [binary(function)]
    case .select: return [select()]
    case .cast: return [cast()]
    case .reduce(let payload): return [reduce(payload)]
    case .argReduce(let payload): return [argReduce(payload)]
    case .softmax(let payload): return [softmax(payload)]
    case .normalize(let payload): return [normalize(payload)]
    case .concat: return [concat()]
    case .reshape: return [reshape()]
    case .gather(let axis): return [try gather(axis)]
    case .matMul: return [matMul()]
    case .gemm(let payload): return [gemm(payload)]
    case .gridSample(let payload): return [gridSample(payload)]
    case .shape(let start, let end):
      let dims = operand(0).shape.dims
      let range = Evaluation.shapeRange(start, end, dims.count)
      return [.integer(dims[range].map(Int64.init))]
    case .size: return [.integer([Int64(operand(0).shape.count)])]
    case .constantOfShape(let scalar):
      return [
        scalar.elementType.isFloat
          ? .real(Array(repeating: scalar.real, count: region.count))
          : .integer(Array(repeating: scalar.integer, count: region.count))
      ]
    case .range: return [range()]
    case .unsupported(let what): throw GraphError(.unsupported, node: node.label, what.reason)
    }
  }

  /// Unsigned 64-bit integers leave their bit pattern on the way to floats.
  private func cast() -> Values {
    let values = operand(0).cropped(to: region)
    guard operand(0).elementType == .uint64, sizing.outputs[0].elementType.isFloat, case .integer(let integers) = values
    else { return values }
    return .real(integers.map { Double(UInt64(bitPattern: $0)) })
  }

  private static func shapeRange(_ start: Int, _ end: Int?, _ rank: Int) -> Range<Int> {
    func clamped(_ value: Int) -> Int { min(max(value < 0 ? value + rank : value, 0), rank) }
    let low = clamped(start)
    return low..<max(low, clamped(end ?? rank))
  }

  /// start + i·delta
  private func range() -> Values {
    if case .integer(let start) = operand(0).values, case .integer(let delta) = operand(2).values {
      return .integer(region[0].map { start[0] &+ Int64($0) &* delta[0] })
    }
    let start = operand(0).values.doubles[0]
    let delta = operand(2).values.doubles[0]
    return .real(region[0].map { start + Double($0) * delta })
  }
}

extension Operand {
  /// The elements of a smaller region.
  func cropped(to target: Region) -> Values {
    if target == region { return values }
    let strides = region.shape.strides
    let tables = target.ranges.enumerated().map { axis, range in
      range.map { ($0 - region[axis].lowerBound) * strides[axis] }
    }
    return values.gathered(tables)
  }
}

extension Values {
  /// Elements at the sums of one table entry per axis, in C order; a negative entry gives the fill value.
  func gathered(_ tables: [[Int]], fill: Double = 0, integerFill: Int64 = 0) -> Values {
    var offsets: [Int] = []
    offsets.reserveCapacity(tables.reduce(1) { $0 * $1.count })
    func walk(_ axis: Int, _ base: Int) {
      if axis == tables.count { return offsets.append(base) }
      for entry in tables[axis] { walk(axis + 1, base < 0 || entry < 0 ? -1 : base + entry) }
    }
    walk(0, 0)
    switch self {
    case .real(let values): return .real(offsets.map { $0 < 0 ? fill : values[$0] })
    case .integer(let values): return .integer(offsets.map { $0 < 0 ? integerFill : values[$0] })
    }
  }
}
