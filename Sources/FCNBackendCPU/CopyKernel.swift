import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// Every operator that only moves elements: slices, padding, transposition, expansion, tiling, nearest resizing, depth
/// to space and back. The source offset of an output element is a sum of one table entry per output axis.
struct CopyKernel: KernelFactory, StepKernel {
  private let node: Node
  private let rule: [AxisDependence]
  private let elementSize: Int
  private let isBlocked: Bool
  private let fill: [UInt8]

  static func offer(_ candidate: Candidate) -> KernelOffer {
    let name = "fcn_b\(8 * candidate.output.elementType.size)_copy__c"
    if case .pad = candidate.node.op, candidate.node.input(2) != nil, candidate.constant(2) == nil {
      return .refused(name, "the fill value is computed at run time")
    }
    if case .resize = candidate.node.op {
      for dependence in candidate.sizing.rule.inputs[0] {
        if case .resample(let axis) = dependence.rule {
          guard case .nearest = axis.interpolation else { return .refused(name, "interpolates") }
        }
      }
    }
    return KernelOffer(name)
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    CopyKernel(candidate, isBlocked: false)
  }

  /// - Parameter isBlocked: an element is the block of a pixel.
  init(_ candidate: Candidate, isBlocked: Bool) {
    let size = candidate.output.elementType.size
    var fill = [UInt8](repeating: 0, count: 8)
    if case .pad = candidate.node.op, let value = candidate.constant(2), value.count == 1 {
      for index in 0..<size { fill[index] = value.storage.bytes[index] }
    }
    if case .resize(let payload) = candidate.node.op,
      let value = try? HostTensor(
        doubles: [payload.extrapolation], elementType: candidate.output.elementType, shape: [])
    {
      for index in 0..<size { fill[index] = value.storage.bytes[index] }
    }
    node = candidate.node
    rule = candidate.sizing.rule.inputs[0]
    self.isBlocked = isBlocked
    elementSize = isBlocked ? Layout.block * size : size
    self.fill = isBlocked ? (0..<Layout.block).flatMap { _ in fill.prefix(size) } : fill
  }

  func run(_ context: StepContext) {
    guard var x = context.inputs[0], var y = context.outputs[0], !y.region.isEmpty else { return }
    if isBlocked { (x, y) = (x.asBlocks, y.asBlocks) }
    move(context, x, y)
  }

  private func move(_ context: StepContext, _ x: BufferView, _ y: BufferView) {
    let tables = MoveTables.tables(node.op, rule, from: x.region, of: x.shape, to: y.region, of: y.shape)
    guard let row = tables.last else {
      y.pointer.copyMemory(from: x.pointer, byteCount: elementSize)
      return
    }
    let form = RowForm(row)
    let outer = Array(tables.dropLast())
    let rows = outer.reduce(1) { $0 * $1.count }
    let perTask = max(1, (isBlocked ? 1024 : 16_384) / max(1, row.count))
    context.run((rows + perTask - 1) / perTask) { task, _ in
      for index in task * perTask..<min(rows, (task + 1) * perTask) {
        copyRow(x, y, outer, row, form, index)
      }
    }
  }

  private func copyRow(_ x: BufferView, _ y: BufferView, _ outer: [[Int]], _ row: [Int], _ form: RowForm, _ index: Int)
  {
    let dst = y.pointer + index * row.count * elementSize
    var rest = index
    var base = 0
    var isAbsent = false
    for table in outer.reversed() {
      let entry = table[rest % table.count]
      rest /= table.count
      if entry < 0 { isAbsent = true } else { base += entry }
    }
    fill.withUnsafeBytes { fill in
      if isAbsent {
        fcn_index_copy(
          fill.baseAddress, [Int](repeating: -1, count: row.count), dst, row.count, elementSize, fill.baseAddress)
      } else if let step = form.step {
        let absent = [Int](repeating: -1, count: max(form.first, row.count - form.last))
        fcn_index_copy(dst, absent, dst, form.first, elementSize, fill.baseAddress)
        if form.first < form.last {
          fcn_strided_copy(
            x.pointer + (base + row[form.first]) * elementSize, step, dst + form.first * elementSize,
            form.last - form.first, elementSize)
        }
        fcn_index_copy(dst, absent, dst + form.last * elementSize, row.count - form.last, elementSize, fill.baseAddress)
      } else {
        fcn_index_copy(x.pointer + base * elementSize, row, dst, row.count, elementSize, fill.baseAddress)
      }
    }
  }

  /// A row as: absent, then an arithmetic progression, then absent – or no such form.
  private struct RowForm {
    var first: Int
    var last: Int
    var step: Int?

    init(_ row: [Int]) {
      first = row.firstIndex { $0 >= 0 } ?? row.count
      last = (row.lastIndex { $0 >= 0 } ?? first - 1) + 1
      step = last - first < 2 ? 1 : row[first + 1] - row[first]
      for index in first..<last where row[index] != row[first] + (index - first) * step! || row[index] < 0 {
        step = nil
        return
      }
    }
  }
}

/// Concat: each input's part is a box of the output.
struct ConcatKernel: KernelFactory, StepKernel {
  private let axis: Int
  private let offsets: [Int]

  static func offer(_ candidate: Candidate) -> KernelOffer {
    KernelOffer("fcn_b\(8 * candidate.output.elementType.size)_concat__c")
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel {
    var axis = 0
    var offsets: [Int] = []
    for rule in candidate.sizing.rule.inputs {
      for (index, dependence) in rule.enumerated() {
        if case .placed(let offset) = dependence.rule {
          axis = index
          offsets.append(offset)
        }
      }
    }
    return ConcatKernel(axis: axis, offsets: offsets)
  }

  func run(_ context: StepContext) throws(RuntimeError) {
    guard let y = context.outputs[0] else { return }
    let outer = y.region.rank > 1 && axis > 1 ? y.region[1] : nil
    context.run(outer?.count ?? context.inputs.count) { task, _ in
      if let outer {
        var part = y.region
        part[1] = outer.lowerBound + task..<outer.lowerBound + task + 1
        for index in context.inputs.indices where !context.placedInputs.contains(index) {
          copy(context.inputs[index], offsets[index], y, part)
        }
      } else if !context.placedInputs.contains(task) {
        copy(context.inputs[task], offsets[task], y, y.region)
      }
    }
  }

  /// The part of `target` that comes from one input.
  private func copy(_ x: BufferView?, _ offset: Int, _ y: BufferView, _ target: Region) {
    guard let x else { return }
    func shifted(_ region: Region, _ by: Int) -> Region {
      var result = region
      result[axis] = region[axis].lowerBound + by..<region[axis].upperBound + by
      return result
    }
    let region = shifted(x.shape.region, offset).intersection(target)
    if region.isEmpty { return }
    // The held region of x covers what the output region needs of it.
    try? copyRegion(
      from: UnsafeRawBufferPointer(x.bytes), sourceRegion: shifted(x.region, offset), to: y.bytes,
      targetRegion: y.region, region: region, elementSize: y.elementType.size)
  }
}

/// Reshape where it is not a view: the elements in C order.
struct ReshapeKernel: KernelFactory, StepKernel {
  static func offer(_ candidate: Candidate) -> KernelOffer {
    var offer = KernelOffer("fcn_b\(8 * candidate.output.elementType.size)_reshape__c")
    var grain = candidate.output.shape.dims.map { max(1, $0) }
    for dependence in candidate.sizing.rule.inputs[0] {
      if let axis = dependence.outputAxis { grain[axis] = 1 }
    }
    offer.grain = grain
    return offer
  }

  static func make(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) -> any StepKernel { ReshapeKernel() }

  func run(_ context: StepContext) {
    guard let x = context.inputs[0], let y = context.outputs[0], !y.region.isEmpty else { return }
    let size = y.elementType.size
    if x.count == y.count {
      y.pointer.copyMemory(from: x.pointer, byteCount: y.count * size)
      return
    }
    let (from, to) = (x.shape.strides, y.shape.strides)
    let held = x.region.shape.strides
    var index = y.region.ranges.map(\.lowerBound)
    for position in 0..<y.count {
      var flat = zip(index, to).reduce(0) { $0 + $1.0 * $1.1 }
      var offset = 0
      for axis in from.indices {
        offset += (flat / from[axis] - x.region[axis].lowerBound) * held[axis]
        flat %= from[axis]
      }
      (y.pointer + position * size).copyMemory(from: x.pointer + offset * size, byteCount: size)
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < y.region[axis].upperBound { break }
        index[axis] = y.region[axis].lowerBound
      }
    }
  }
}
