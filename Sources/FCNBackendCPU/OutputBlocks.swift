import FCNGraph
import FCNRuntime
import FCNTensor

/// The output blocks of a convolution's group as register tiles take them: as wide as the table allows, the last alone
/// where their number is odd. Packed weights of a run of blocks begin at first·16·depth.
struct OutputBlocks: Sendable {
  struct Run: Sendable {
    var first: Int
    var wide: Int
  }

  let runs: [Run]
  let count: Int

  init(channels: Int, wide: Int) {
    count = channels.dividedUp(by: Layout.block)
    var runs: [Run] = []
    var first = 0
    while first < count {
      let width = min(wide, count - first)
      runs.append(Run(first: first, wide: width))
      first += width
    }
    self.runs = runs
  }

  /// Equal shares of the runs, so that `tasks` of them times `others` keep the threads busy.
  func shares(others: Int, wanted: Int) -> [Range<Int>] {
    let parts = max(1, min(runs.count, wanted.dividedUp(by: max(1, others))))
    return (0..<parts).map { runs.count * $0 / parts..<runs.count * ($0 + 1) / parts }
  }
}
