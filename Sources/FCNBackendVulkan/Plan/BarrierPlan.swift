/// Before which dispatches a memory barrier stands: where one reads what was written since the last barrier, writes
/// what was read since (memory of the arena is used again and again), or writes what was written.
package struct BarrierPlan: Sendable {
  /// One for each dispatch.
  package private(set) var isBefore: [Bool] = []

  /// - Parameter accesses: in the order of submission; segments do not matter, since barriers order all commands before
  ///   them.
  package init(_ accesses: [(reads: [Interval], writes: [Interval])]) {
    var (read, written): ([Interval], [Interval]) = ([], [])
    func meet(_ a: [Interval], _ b: [Interval]) -> Bool { a.contains { one in b.contains { one.overlaps($0) } } }
    for access in accesses {
      let isNeeded =
        meet(access.reads, written) || meet(access.writes, read) || meet(access.writes, written)
      isBefore.append(isNeeded)
      if isNeeded { (read, written) = ([], []) }
      read += access.reads
      written += access.writes
    }
  }
}
