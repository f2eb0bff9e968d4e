import FCNGraph
import FCNTensor

/// Gives every buffer an offset: values that share memory first (views, in place), then the largest block into the
/// lowest gap that is free during its life (greedy by size; Pisarchyk & Lee 2020).
struct Arena {
  private(set) var plan: Plan
  private var root: [ValueID: ValueID] = [:]

  init(_ plan: Plan) { self.plan = plan }

  private struct Block {
    var members: [ValueID]
    var size: Int
    var first: Int
    var last: Int
    var offset = 0
  }

  mutating func place(budget: Int) throws(RuntimeError) {
    share()
    var blocks: [ValueID: Block] = [:]
    for (id, buffer) in plan.buffers {
      let key = root[id] ?? id
      var block = blocks[key] ?? Block(members: [], size: 0, first: buffer.firstStep, last: buffer.lastStep)
      block.members.append(id)
      block.size = max(block.size, try Arena.rounded(buffer, budget))
      block.first = min(block.first, buffer.firstStep)
      block.last = max(block.last, buffer.lastStep)
      blocks[key] = block
    }
    let ordered = blocks.sorted { ($1.value.size, $0.key.index) < ($0.value.size, $1.key.index) }.map(\.value)
    var placed: [Block] = []
    for var block in ordered {
      block.offset = Arena.lowestGap(for: block, among: placed)
      placed.append(block)
      let (end, overflow) = block.offset.addingReportingOverflow(block.size)
      guard !overflow, end <= budget else {
        throw RuntimeError(.memory, "working memory: expected at most \(budget) bytes, the plan needs \(end) or more")
      }
      plan.arenaBytes = max(plan.arenaBytes, end)
      for id in block.members { plan.buffers[id]!.offset = block.offset }
    }
  }

  private static func rounded(_ buffer: PlanBuffer, _ budget: Int) throws(RuntimeError) -> Int {
    let (bytes, overflow) = buffer.region.count.multipliedReportingOverflow(by: buffer.elementType.size)
    guard !overflow, bytes <= min(budget, 1 << 60) else {
      throw RuntimeError(
        .memory, "tensor \(buffer.shape): expected at most \(budget) bytes of working memory, got \(bytes)")
    }
    return max(64, (bytes + 63) / 64 * 64)
  }

  /// First fit by offset between the placed blocks whose lives overlap.
  private static func lowestGap(for block: Block, among placed: [Block]) -> Int {
    var offset = 0
    for other in placed.filter({ $0.first <= block.last && block.first <= $0.last }).sorted(by: {
      $0.offset < $1.offset
    }) {
      if offset + block.size <= other.offset { break }
      offset = max(offset, other.offset + other.size)
    }
    return offset
  }

  /// Views share their input's memory; an in-place step writes over an input that dies with it.
  private mutating func share() {
    var lastUse: [ValueID: Int] = [:]
    for (id, buffer) in plan.buffers { lastUse[id] = buffer.lastStep }
    for index in plan.steps.indices {
      let step = plan.steps[index]
      guard step.outputs.count == 1, let output = step.outputs[0], let input = step.inputs.first ?? nil,
        let from = plan.buffers[input], let to = plan.buffers[output], from.byteCount == to.byteCount,
        from.elementType == to.elementType
      else { continue }
      let key = root[input] ?? input
      let isView = Arena.isView(step, from, to)
      let isInPlace = step.offer.isInPlace && from.region == to.region && lastUse[key]! <= index
      guard isView || isInPlace else { continue }
      root[output] = key
      lastUse[key] = max(lastUse[key]!, to.lastStep)
      plan.steps[index].isAlias = isView
    }
  }

  /// Reshape and identity move nothing: an input region of the output's size holds the same elements in the same order,
  /// since a request is never smaller than what it feeds.
  private static func isView(_ step: PlanStep, _ from: PlanBuffer, _ to: PlanBuffer) -> Bool {
    guard step.activation == nil, step.residual == nil else { return false }
    if case .reshape = step.node.op { return true }
    if case .unary(.identity) = step.node.op { return true }
    if case .cast = step.node.op { return true }
    if case .expand = step.node.op { return from.shape == to.shape }
    return false
  }
}
