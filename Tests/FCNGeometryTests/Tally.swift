/// What was proved, and what was not, over many networks.
struct Tally: Sendable {
  enum Count: String, CaseIterable, Sendable {
    case networks, axes
    /// Axes by what the geometry says of them.
    case independent, local, anchored, all, unknown
    /// Outputs compared with the dependences that were measured.
    case outputs, hulls = "hulls of outputs whose taps are fixed", exactHulls = "exact hulls", dependences,
      missedDependences = "missed dependences"
    /// Axes whose borders were measured in larger images.
    case borders, exactBorders = "exact borders", missedBorders = "missed borders"
    case wholeAxis = "spoiled throughout", fixedSize = "outputs of fixed size", oneSize = "run at one size only"
    /// Axes whose periods were measured by crops.
    case sizes = "compared at two sizes", lattices, sound, unsound, longer = "of period > 1", minimal, constant =
      "constant output"
    case noRoom = "no room for a period", notFinite = "not finite"
  }

  private(set) var counts: [Count: Int] = [:]
  private(set) var failures: [String] = []
  /// Descriptions of networks whose period could be shorter.
  private(set) var loose: [String] = []

  subscript(_ count: Count) -> Int { counts[count, default: 0] }

  mutating func add(_ count: Count, _ number: Int = 1) { counts[count, default: 0] += number }

  mutating func fail(_ count: Count, _ text: String) {
    add(count)
    failures.append(text)
  }

  mutating func note(_ text: String) { loose.append(text) }

  mutating func add(_ other: Tally) {
    for (count, number) in other.counts { add(count, number) }
    failures += other.failures
    loose += other.loose
  }

  var text: String {
    Count.allCases.filter { self[$0] > 0 }.map { "\($0.rawValue) \(self[$0])" }.joined(separator: ", ")
  }
}
