import FCNGraph
import FCNRuntime
import FCNTensor

/// A request that is beyond the device becomes requests for halves of the outputs, until each fits.
struct RequestSplit {
  private let backend: any Backend
  private let largestRange: Int
  private let largestArena: Int
  private let budget: (bytes: Int, countsHost: Bool)
  /// Parts of a request; more take too long to plan.
  private static let limit = 4096

  /// - Parameter largestArena: bytes of each arena, where they are to be below the device's limit.
  init(_ backend: any Backend, _ device: VulkanDevice, largestArena: Int = .max) {
    self.backend = backend
    largestRange = device.facts.largestRange
    self.largestArena = min(largestArena, device.facts.largestBuffer)
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
      guard let halves = halves(of: next.outputRegions), result.count + open.count < RequestSplit.limit else {
        throw RuntimeError(.memory, "\(excess.text); smaller regions of the output do not help")
      }
      for regions in halves.reversed() {
        let half = try Planner.plan(next.sized, backend: backend, outputs: regions, budget: next.budget)
        // Where it all depends on everything, halves need as much.
        if let rest = self.excess(of: half), Double(rest.bytes) > 0.97 * Double(excess.bytes) {
          throw RuntimeError(.memory, "\(rest.text); smaller regions of the output do not help")
        }
        open.append(half)
      }
    }
    return result
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
    note(plan.arenaBytes, largestArena, "working memory of the host")
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

  /// Of the constants that steps of the device pack, about as many as these.
  private static func weightBytes(_ plan: Plan) -> Int {
    var constants: Set<ValueID> = []
    for step in plan.steps where step.isOnDevice && !step.isAlias {
      for case let input? in step.inputs where plan.sized.constants[input.id.index] != nil {
        constants.insert(input.id)
      }
    }
    return constants.reduce(0) { $0 + plan.sized.type($1).shape.count * 4 }
  }

  /// Both halves along the longest spatial axis; outputs that do not have it go with the first half.
  private func halves(of regions: [Region]) -> [[Region]]? {
    func extent(_ axis: Int) -> Int {
      regions.map { $0.rank > axis && !$0.isEmpty ? $0[axis].count : 0 }.max() ?? 0
    }
    let rank = regions.map(\.rank).max() ?? 0
    guard rank > 2, let axis = (2..<rank).max(by: { extent($0) < extent($1) }), extent(axis) > 1 else { return nil }
    let halves = regions.map { region -> (Region, Region) in
      var (low, high) = (region, region)
      guard region.rank > axis, region.rank == rank else {
        return (region, Region(region.ranges.map { $0.lowerBound..<$0.lowerBound }))
      }
      let middle = region[axis].lowerBound + (region[axis].count + 1) / 2
      low[axis] = region[axis].lowerBound..<middle
      high[axis] = middle..<region[axis].upperBound
      return (low, high)
    }
    return [halves.map(\.0), halves.map(\.1)]
  }
}
