import FCNGraph
import FCNTensor

/// Gives every buffer an offset: values that share memory first (views, in place, parts of a Concat), then the largest
/// block into the lowest gap that is free during its life (greedy by size; Pisarchyk & Lee 2020).
struct Arena {
  private(set) var plan: Plan
  private var sharing = MemorySharing()

  /// Of the device's memory, which it gives in pieces of such a size.
  private let slabBytes: Int

  init(_ plan: Plan, slabBytes: Int) {
    self.plan = plan
    self.slabBytes = slabBytes
  }

  private struct Block {
    var members: [StoredValue]
    var size: Int
    var first: Int
    var last: Int
    var offset = 0
  }

  mutating func place(budget: Int) throws(RuntimeError) {
    sharing.share(&plan)
    var blocks: [StoredValue: Block] = [:]
    let unit = plan.alignment
    for (id, buffer) in plan.buffers {
      let key = sharing.place(of: id).root
      var block = blocks[key] ?? Block(members: [], size: 0, first: buffer.firstStep, last: buffer.lastStep)
      block.members.append(id)
      if id == key { block.size = try Arena.rounded(buffer, to: unit, budget) }
      block.first = min(block.first, buffer.firstStep)
      block.last = max(block.last, buffer.lastStep)
      blocks[key] = block
    }
    let ordered = blocks.sorted {
      ($1.value.size, $0.key.id.index, $0.key.layout.rawValue) < (
        $0.value.size, $1.key.id.index, $1.key.layout.rawValue
      )
    }
    plan.arenaBytes = try place(ordered.filter { !$0.key.layout.isOnDevice }.map(\.value), budget, slab: .max)
    plan.deviceArenaBytes = try place(ordered.filter { $0.key.layout.isOnDevice }.map(\.value), .max, slab: slabBytes)
  }

  /// Bytes of the arena that holds the blocks.
  private mutating func place(_ blocks: [Block], _ budget: Int, slab: Int) throws(RuntimeError) -> Int {
    var placed: [Block] = []
    var bytes = 0
    for var block in blocks {
      block.offset = Arena.lowestGap(for: block, among: placed, slab)
      placed.append(block)
      let (end, overflow) = block.offset.addingReportingOverflow(block.size)
      guard !overflow, end <= budget else {
        throw RuntimeError(.memory, "working memory: expected at most \(budget) bytes, the plan needs \(end) or more")
      }
      bytes = max(bytes, end)
      if block.members.count == 1 { plan.sole.insert(block.members[0]) }
      for id in block.members { plan.buffers[id]!.offset = block.offset + sharing.place(of: id).offset }
    }
    return bytes
  }

  private static func rounded(_ buffer: PlanBuffer, to unit: Int, _ budget: Int) throws(RuntimeError) -> Int {
    let (count, isOver) = buffer.layout.checkedCount(buffer.region)
    let (bytes, overflow) = count.multipliedReportingOverflow(by: buffer.elementType.size)
    let budget = buffer.layout.isOnDevice ? .max : budget
    guard !isOver, !overflow, bytes <= min(budget, 1 << 60) else {
      throw RuntimeError(
        .memory, "tensor \(buffer.shape): expected at most \(budget) bytes of working memory, got \(bytes)")
    }
    return max(unit, bytes.dividedUp(by: unit) * unit)
  }

  /// First fit by offset between the placed blocks whose lives overlap, in one slab; larger ones span several.
  private static func lowestGap(for block: Block, among placed: [Block], _ slab: Int) -> Int {
    func fitted(_ offset: Int) -> Int {
      let isCut = block.size <= slab && offset % slab > slab - block.size
      return isCut ? (offset / slab + 1) * slab : offset
    }
    var offset = 0
    for other in placed.filter({ $0.first <= block.last && block.first <= $0.last }).sorted(by: {
      $0.offset < $1.offset
    }) {
      if fitted(offset) + block.size <= other.offset { break }
      offset = max(offset, other.offset + other.size)
    }
    return fitted(offset)
  }
}
