import CFCNKernels

/// Memory that is read or written soon, asked for in equal steps while the processor computes: patches and outputs then
/// come from a near cache instead of memory.
struct Prefetch {
  private var boxes: [(lines: fcn_lines, isWritten: Bool, first: Int, steps: Int)] = []
  private var now = 0

  /// Asks for `lines` over the next `steps` steps.
  mutating func add(_ lines: fcn_lines, isWritten: Bool, steps: Int) {
    guard lines.blocks > 0 && lines.rows > 0 && lines.columns > 0 else { return }
    boxes.append((lines, isWritten, now, steps))
  }

  mutating func step() {
    for index in boxes.indices {
      let box = boxes[index]
      guard now < box.first + box.steps else { continue }
      fcn_prefetch(&boxes[index].lines, now - box.first, box.steps, box.isWritten ? 1 : 0)
    }
    now += 1
  }
}
