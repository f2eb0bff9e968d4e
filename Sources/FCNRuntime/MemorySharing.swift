import FCNGraph
import FCNTensor

/// Which values lie in the memory of which others: views share their input's memory, an in-place step writes over an
/// input that dies with it, and the parts of a Concat along channels are written where its output lies.
struct MemorySharing {
  private struct Link {
    var parent: StoredValue
    /// Bytes from the parent's first.
    var offset: Int
  }

  private var links: [StoredValue: Link] = [:]
  /// The last step that reads or writes a root's memory.
  private var lastUse: [StoredValue: Int] = [:]

  /// The value that owns the memory, and where in it a value begins.
  func place(of value: StoredValue) -> (root: StoredValue, offset: Int) {
    var (root, offset) = (value, 0)
    while let link = links[root] { (root, offset) = (link.parent, offset + link.offset) }
    return (root, offset)
  }

  /// Marks the steps of `plan` that then have nothing to do.
  mutating func share(_ plan: inout Plan) {
    for (id, buffer) in plan.buffers { lastUse[id] = buffer.lastStep }
    for index in plan.steps.indices {
      let step = plan.steps[index]
      if case .concat = step.node.op, !step.isReorder {
        plan.steps[index].placedInputs = placeParts(step, plan)
        continue
      }
      guard step.outputs.count == 1, let output = step.outputs[0], let input = step.inputs.first ?? nil,
        let from = plan.buffers[input], let to = plan.buffers[output], from.layout == to.layout,
        from.byteCount == to.byteCount, from.elementType == to.elementType
      else { continue }
      let root = place(of: input).root
      let isView = MemorySharing.isView(step, from, to)
      let isInPlace = step.offer.isInPlace && from.region == to.region && lastUse[root]! <= index
      guard isView || isInPlace else { continue }
      link(output, to: input, offset: 0)
      plan.steps[index].isAlias = isView
    }
  }

  private mutating func link(_ value: StoredValue, to parent: StoredValue, offset: Int) {
    links[value] = Link(parent: parent, offset: offset)
    let root = place(of: parent).root
    lastUse[root] = max(lastUse[root]!, lastUse[value]!)
  }

  /// The inputs of a Concat that may lie inside its output: one image, whole parts along the channels, whole blocks.
  private mutating func placeParts(_ step: PlanStep, _ plan: Plan) -> Set<Int> {
    guard let output = step.outputs[0], let to = plan.buffers[output], to.region.rank > 1,
      to.region[0].count == 1, to.region[1] == 0..<to.shape[1], step.activation == nil, step.residual == nil
    else { return [] }
    let plane = to.region.ranges[2...].reduce(to.elementType.size) { $0 * $1.count }
    var placed: Set<Int> = []
    var first = 0
    for (position, input) in step.inputs.enumerated() {
      guard let input, let rule = step.sizing.rule.inputs[position].dropFirst().first,
        case .placed(let offset) = rule.rule, offset == first
      else { return placed }
      let channels = plan.sized.type(input.id).shape[1]
      first += channels
      guard let from = plan.buffers[input], from.layout == to.layout, from.elementType == to.elementType,
        to.layout == .blocked || offset * plane % plan.alignment == 0,
        offset % to.layout.lanes == 0, channels % to.layout.lanes == 0 || first == to.shape[1],
        from.region[1] == 0..<channels, from.region.ranges[2...] == to.region.ranges[2...],
        from.region[0] == to.region[0]
      else { continue }
      let (root, shift) = place(of: input)
      guard shift == 0, root != output, links[root] == nil, let whole = plan.buffers[root],
        whole.byteCount == from.byteCount, whole.firstStep >= 0
      else { continue }
      link(root, to: output, offset: offset * plane)
      placed.insert(position)
    }
    return placed
  }

  /// Reshape and identity move nothing: an input region of the output's size holds the same elements in the same order,
  /// since a request is never smaller than what it feeds. Blocked memory keeps that only where axes stay.
  private static func isView(_ step: PlanStep, _ from: PlanBuffer, _ to: PlanBuffer) -> Bool {
    guard step.activation == nil, step.residual == nil, !step.isReorder else { return false }
    if case .unary(.identity) = step.node.op { return true }
    if case .cast = step.node.op { return true }
    if case .expand = step.node.op { return from.shape == to.shape }
    if case .reshape = step.node.op { return from.layout == .planar || from.shape == to.shape }
    return false
  }
}
