import FCNBackendVulkan
import FCNTensor
import Testing

/// Barriers stand where memory is shared, and only there.
@Suite struct BarrierPlanTests {
  private typealias Access = (reads: [Interval], writes: [Interval])

  private func device(_ range: Range<Int>) -> Interval { Interval(.device, range) }

  @Test func readAfterWrite() {
    let plan = BarrierPlan([([], [device(0..<16)]), ([device(8..<24)], [device(32..<48)])])
    #expect(plan.isBefore == [false, true])
  }

  @Test func writeAfterRead() {
    let plan = BarrierPlan([([device(0..<16)], [device(16..<32)]), ([device(64..<80)], [device(15..<16)])])
    #expect(plan.isBefore == [false, true])
  }

  @Test func writeAfterWrite() {
    #expect(BarrierPlan([([], [device(0..<16)]), ([], [device(0..<16)])]).isBefore == [false, true])
  }

  @Test func independentBranchesNeedNone() {
    let plan = BarrierPlan([
      ([device(0..<16)], [device(16..<32)]), ([device(0..<16)], [device(32..<48)]),
      ([device(16..<32), device(32..<48)], [device(48..<64)]),
    ])
    #expect(plan.isBefore == [false, false, true])
  }

  @Test func otherBuffersDoNotMeet() {
    let plan = BarrierPlan([([], [Interval(.host, 0..<16)]), ([device(0..<16)], [device(16..<32)])])
    #expect(plan.isBefore == [false, false])
  }

  /// Random accesses: every conflict has a barrier between, and each barrier a conflict that no other one covers.
  @Test(arguments: 0..<200)
  func randomAccesses(_ seed: Int) {
    var generator = SeededGenerator(UInt64(seed) + 1)
    func interval() -> Interval {
      let start = generator.integer(in: 0...20)
      return Interval(generator.integer(in: 0...3) == 0 ? .host : .device, start..<start + generator.integer(in: 1...4))
    }
    let accesses: [Access] = (0..<12).map { _ in
      ((0..<generator.integer(in: 0...2)).map { _ in interval() }, [interval()])
    }
    let plan = BarrierPlan(accesses)
    func conflict(_ a: Access, _ b: Access) -> Bool {
      func meet(_ x: [Interval], _ y: [Interval]) -> Bool {
        x.contains { one in y.contains { $0.buffer == one.buffer && $0.bytes.overlaps(one.bytes) } }
      }
      return meet(a.writes, b.reads) || meet(a.reads, b.writes) || meet(a.writes, b.writes)
    }
    func isCovered(without omitted: Int?) -> Bool {
      for later in accesses.indices {
        for earlier in 0..<later where conflict(accesses[earlier], accesses[later]) {
          guard (earlier + 1...later).contains(where: { plan.isBefore[$0] && $0 != omitted }) else { return false }
        }
      }
      return true
    }
    #expect(isCovered(without: nil))
    for index in accesses.indices where plan.isBefore[index] { #expect(!isCovered(without: index)) }
  }

  @Test func segments() {
    let counts: [Int?] = [1, 2, nil, 0, 1, 1]
    let flops = [5, 5, 5, 100, 1]
    let runs = SegmentPlan(steps: counts, flops: flops, cut: .flops(10)).items
    #expect(runs == [.device(0..<2), .device(2..<3), .host(2), .device(3..<4), .device(4..<5)])
    let steps = SegmentPlan(steps: counts, flops: flops, cut: .steps).items
    #expect(steps == [.device(0..<1), .device(1..<3), .host(2), .device(3..<4), .device(4..<5)])
  }
}
