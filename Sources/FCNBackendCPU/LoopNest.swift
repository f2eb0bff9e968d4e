import FCNRuntime
import FCNTensor

extension BufferView {
  var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
}

/// The loops of an elementwise operation over an output region, neighbouring axes merged where every operand allows.
struct LoopNest {
  private struct Axis {
    var count: Int
    var steps: [Int]
  }

  /// Innermost first.
  private var axes: [Axis] = []
  private let bases: [Int]

  init(_ operands: [BufferView], _ y: BufferView) {
    let rank = y.region.rank
    let strides = operands.map { $0.region.shape.strides }
    bases = operands.enumerated().map { index, x in
      let offset = rank - x.region.rank
      return (0..<x.region.rank).reduce(0) { sum, axis in
        x.shape[axis] == 1
          ? sum : sum + (y.region[axis + offset].lowerBound - x.region[axis].lowerBound) * strides[index][axis]
      }
    }
    for axis in (0..<rank).reversed() {
      let steps = operands.enumerated().map { index, x in
        let own = axis - (rank - x.region.rank)
        return own < 0 || x.shape[own] == 1 ? 0 : strides[index][own]
      }
      let item = Axis(count: y.region[axis].count, steps: steps)
      if item.count == 1 { continue }
      if let inner = axes.last, zip(inner.steps, item.steps).allSatisfy({ $1 == $0 * inner.count }) {
        axes[axes.count - 1].count *= item.count
      } else {
        axes.append(item)
      }
    }
    // Kernels step by 0 or 1: a column of a wider operand is walked element by element.
    if axes.isEmpty || axes[0].steps.contains(where: { $0 > 1 }) {
      axes.insert(Axis(count: 1, steps: operands.map { _ in 0 }), at: 0)
    }
  }

  var innerCount: Int { axes[0].count }
  var rowCount: Int { axes.dropFirst().reduce(1) { $0 * $1.count } }

  /// Where each operand's run of outer position `row` begins.
  func offsets(row: Int) -> [Int] {
    var offsets = bases
    var rest = row
    for axis in axes.dropFirst() {
      let position = rest % axis.count
      rest /= axis.count
      for index in offsets.indices { offsets[index] += position * axis.steps[index] }
    }
    return offsets
  }

  func innerStep(_ operand: Int) -> Int { axes[0].steps[operand] }

  /// Calls `body(offset of each operand, output offset, count)` for runs along the innermost axis.
  func run(_ context: StepContext, _ body: ([Int], Int, Int) -> Void) {
    let inner = axes[0]
    let chunk = 8192
    let chunks = (inner.count + chunk - 1) / chunk
    let rows = rowCount
    let perTask = max(1, chunk / inner.count)
    let groups = (rows + perTask - 1) / perTask
    context.run(groups * chunks) { task, _ in
      let start = task % chunks * chunk
      let count = min(chunk, inner.count - start)
      for row in task / chunks * perTask..<min(rows, (task / chunks + 1) * perTask) {
        var offsets = offsets(row: row)
        for index in offsets.indices { offsets[index] += start * inner.steps[index] }
        body(offsets, row * inner.count + start, count)
      }
    }
  }
}

extension LoopNest {
  /// As `run`, on the calling thread.
  func runHere(_ body: ([Int], Int, Int) -> Void) {
    let rows = rowCount
    for row in 0..<rows { body(offsets(row: row), row * innerCount, innerCount) }
  }
}
