import FCNGraph
package import FCNTensor

/// The sizes near a given one at which a network runs, found by sizing the graph, not by running it.
package struct SizeRule: Sendable {
  /// The step from one size that runs to the next, per spatial axis; nil: no other size within reach.
  package var steps: [Int?]
  package var sizes: [Int]

  /// Steps beyond this are not looked for.
  private static let reach = 64

  /// - Parameter shapes: input shapes that run; the spatial axes of the first are tried.
  init?(_ model: Model, _ shapes: [Shape]) {
    guard let first = shapes.first, first.rank >= 3 else { return nil }
    let isChannelsLast = first.rank == 4 && (1...4).contains(first[3]) && !(1...4).contains(first[1])
    let axes = isChannelsLast ? [1, 2] : Array(2..<first.rank)
    let limit = monotonicSeconds() + 1
    var steps: [Int?] = []
    var isLate = false
    for axis in axes {
      steps.append(
        (1...SizeRule.reach).first { step in
          if monotonicSeconds() > limit { isLate = true }
          if isLate { return false }
          return [1, 2, 3, 5, 8, 17, 33].allSatisfy { times in
            var tried = shapes
            // Inputs of the same grid change together.
            for index in tried.indices where tried[index].rank == first.rank && tried[index][axis] == first[axis] {
              tried[index][axis] += step * times
            }
            return (try? model.sized(tried)) != nil
          }
        })
    }
    // A large graph is not tried to the end; then nothing is said.
    if isLate { return nil }
    self.steps = steps
    sizes = axes.map { first[$0] }
  }

  package var text: String {
    zip(zip(["D", "H", "W"].suffix(steps.count), sizes), steps).map { item, step in
      let (name, size) = item
      guard let step else { return "\(name) \(size) only (no other within \(SizeRule.reach) above)" }
      return step == 1 ? "\(name) any" : "\(name) in steps of \(step), ≡ \(size % step) (mod \(step))"
    }.joined(separator: "; ")
  }

  package var json: JSONValue {
    .object(
      zip(zip(["D", "H", "W"].suffix(steps.count), sizes), steps).map { item, step in
        JSONMember(
          item.0,
          .object([
            JSONMember("step", JSONValue(step)),
            JSONMember("residues", step.map { .array([.integer(item.1 % $0)]) } ?? .null),
          ]))
      })
  }
}
