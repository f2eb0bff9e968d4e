/// Operations of a segment of commands, by the speed of the runs before: drivers stop what takes seconds, a cancelled
/// run waits for what is submitted, and every submission costs some microseconds.
package struct SegmentBudget: Sendable {
  package private(set) var flops: Int
  private let shift: Int

  /// Milliseconds of a segment.
  package static let target = 70.0
  package static let limits = 500_000_000...200_000_000_000
  /// Shorter runs are mostly overhead.
  private static let shortest = 5.0

  /// - Parameter losses: how often the device was lost; each makes segments four times smaller.
  package init(first: Int, losses: Int) {
    shift = 2 * min(losses, 15)
    flops = max(1, first >> shift)
  }

  /// A run of so many operations took so long on the device.
  package mutating func note(flops done: Int, milliseconds: Double) {
    guard done > 0, milliseconds >= SegmentBudget.shortest else { return }
    let wanted = Double(done) / milliseconds * SegmentBudget.target
    let limits = SegmentBudget.limits
    let clamped = Int(min(max(wanted, Double(limits.lowerBound)), Double(limits.upperBound)))
    flops = max(1, clamped >> shift)
  }

  /// Whether commands that were recorded for another budget are recorded again: a factor of two is left alone.
  package func replaces(_ other: Int) -> Bool { flops / 2 > other || flops < other / 2 }
}
