/// The dispatches of a plan in runs that are submitted together, between steps of the host.
package struct SegmentPlan: Sendable {
  package enum Item: Sendable, Hashable {
    /// A step's index.
    case host(Int)
    /// Indices of dispatches.
    case device(Range<Int>)
  }

  /// When a run of dispatches ends.
  package enum Cut: Sendable, Hashable {
    /// At so many operations: drivers stop what takes too long, and a cancelled run waits for what is submitted.
    case flops(Int)
    /// After every step.
    case steps
  }

  package private(set) var items: [Item] = []

  /// - Parameters:
  ///   - steps: of every step, the number of its dispatches; nil: the host runs it.
  ///   - flops: of every dispatch.
  package init(steps: [Int?], flops: [Int], cut: Cut) {
    var start = 0
    var next = 0
    var sum = 0
    func close() {
      if next > start { items.append(.device(start..<next)) }
      start = next
      sum = 0
    }
    for (index, count) in steps.enumerated() {
      guard let count else {
        close()
        items.append(.host(index))
        continue
      }
      for _ in 0..<count {
        if case .flops(let budget) = cut, next > start, sum + flops[next] > budget { close() }
        sum += flops[next]
        next += 1
      }
      if cut == .steps { close() }
    }
    close()
  }
}
