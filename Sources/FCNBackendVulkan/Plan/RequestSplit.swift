import FCNGraph
import FCNRuntime
import FCNTensor

/// A request that is beyond the device becomes requests for halves of the outputs, until each fits.
struct RequestSplit {
  private let backend: any Backend
  private let largestRange: Int
  private let largestArena: Int
  private let largestHostArena: Int
  private let budget: (bytes: Int, countsHost: Bool)
  /// Parts of a request; more take too long to plan.
  private static let limit = 4096

  /// - Parameter largestArena: bytes of each arena, where there is a limit.
  init(_ backend: any Backend, _ device: VulkanDevice, largestArena: Int = .max) {
    self.backend = backend
    largestRange = device.facts.largestRange
    self.largestArena = largestArena
    largestHostArena = min(largestArena, device.facts.largestBuffer)
    budget = device.memoryBudget
  }

  /// Plans whose output regions together are those of `plan`.
  ///
  /// - Throws: `RuntimeError.memory` naming what does not fit however small the region.
  func parts(of plan: Plan) throws(RuntimeError) -> [Plan] {
    var result: [Plan] = []
    var open = [plan]
    while let next = open.popLast() {
      guard let excess = excess(of: next) else {
        result.append(next)
        continue
      }
      guard result.count + open.count < RequestSplit.limit, let halves = try halves(of: next, excess.bytes) else {
        throw RuntimeError(.memory, "\(excess.text); smaller regions of the output do not help")
      }
      open += halves.reversed()
    }
    return result
  }

  /// Halves along the longest spatial axis that helps: where all depends on everything along an axis, or cells are as
  /// wide as the region, halves need as much.
  private func halves(of plan: Plan, _ excess: Int) throws(RuntimeError) -> [Plan]? {
    let rank = plan.outputRegions.map(\.rank).max() ?? 0
    func extent(_ axis: Int) -> Int {
      plan.outputRegions.map { $0.rank > axis && !$0.isEmpty ? $0[axis].count : 0 }.max() ?? 0
    }
    for axis in (2..<max(2, rank)).sorted(by: { extent($0) > extent($1) }) where extent(axis) > 1 {
      var halves: [Plan] = []
      for regions in RequestSplit.halves(of: plan.outputRegions, axis, rank) {
        halves.append(try Planner.plan(plan.sized, backend: backend, outputs: regions, budget: plan.budget))
      }
      if halves.allSatisfy({ Double(self.excess(of: $0)?.bytes ?? 0) <= 0.97 * Double(excess) }) { return halves }
    }
    return nil
  }

  /// What is beyond the device, by how many bytes it needs.
  private func excess(of plan: Plan) -> (bytes: Int, text: String)? {
    var worst: (bytes: Int, text: String)?
    func note(_ bytes: Int, _ limit: Int, _ what: @autoclosure () -> String) {
      guard bytes > limit, bytes > worst?.bytes ?? 0 else { return }
      worst = (bytes, "\(what()): expected at most \(limit) bytes on this device, got \(bytes)")
    }
    let scratch = plan.steps.filter(\.isOnDevice).map(\.offer.sharedBytes).max() ?? 0
    note(plan.deviceArenaBytes + scratch, min(largestArena, plan.budget), "working memory")
    note(plan.arenaBytes, largestHostArena, "working memory of the host")
    let arenas = plan.deviceArenaBytes + scratch + (budget.countsHost ? plan.arenaBytes : 0)
    note(arenas + RequestSplit.weightBytes(plan), budget.bytes, "working memory and weights")
    for step in plan.steps where step.isOnDevice && !step.isAlias {
      for case let value? in step.inputs + step.outputs + [step.residual] {
        guard let buffer = plan.buffers[value] else { continue }
        note(buffer.byteCount, largestRange, "\(step.node.label): tensor %\(plan.sized.graph[value.id].name)")
      }
    }
    return worst
  }

  /// Of the constants that steps of the device pack: a lower bound, since Winograd's are 4 times as many. Where they
  /// are too many to upload, the request falls back.
  private static func weightBytes(_ plan: Plan) -> Int {
    var constants: Set<ValueID> = []
    for step in plan.steps where step.isOnDevice && !step.isAlias {
      for case let input? in step.inputs where plan.sized.constants[input.id.index] != nil {
        constants.insert(input.id)
      }
    }
    return constants.reduce(0) { $0 + plan.sized.type($1).shape.count * 4 }
  }

  /// Both halves along an axis; outputs that do not have it go with the first. Long ones meet on multiples of what
  /// kernels' cells are wide.
  private static func halves(of regions: [Region], _ axis: Int, _ rank: Int) -> [[Region]] {
    let halves = regions.map { region -> (Region, Region) in
      var (low, high) = (region, region)
      guard region.rank == rank else {
        return (region, Region(region.ranges.map { $0.lowerBound..<$0.lowerBound }))
      }
      let (range, count) = (region[axis], region[axis].count)
      let unit = count >= 64 ? 16 : count >= 32 ? 8 : count >= 8 ? 4 : 1
      let middle = (range.lowerBound + (count + 1) / 2 + unit / 2) / unit * unit
      low[axis] = range.lowerBound..<middle
      high[axis] = middle..<range.upperBound
      return (low, high)
    }
    return [halves.map(\.0), halves.map(\.1)]
  }
}
