package import FCNGraph
import FCNTensor

/// The sizes along one axis at which a network runs, as smallest size, step and residues. Source: GEOMETRY §5.4.
package struct CompatibleSizes: Sendable, Hashable {
  /// From here on the residues decide.
  package var minimum: Int
  /// 0: there is only the one size.
  package var step: Int
  /// Of the sizes, modulo `step`.
  package var residues: [Int]

  /// A single size, `step` 0.
  init(only size: Int) { self.init(minimum: size, step: 0, residues: [0]) }

  package init(minimum: Int, step: Int, residues: [Int]) {
    self.minimum = minimum
    self.step = step
    self.residues = residues
  }

  package func contains(_ n: Int) -> Bool {
    step == 0 ? n == minimum : n >= minimum && residues.contains(n % step)
  }

  /// The smallest such size that is at least `n`.
  package func next(atLeast n: Int) -> Int? {
    residues.isEmpty ? nil : (max(n, minimum)...max(n, minimum) + step).first(where: contains)
  }
}

/// Finds compatible sizes by sizing the graph, not by running it.
///
/// Membership depends on n mod P alone from some size on (Theorem 1 of GEOMETRY §3.4): two periods at a size beyond
/// that give the residues, and bisection below gives where each begins. Cost: 2·P sizings and a few for each residue.
package struct SizeScan {
  package enum Verdict: Sendable { case fails, runs, seamless }

  /// The period that is looked at where the lattice's is too long.
  private static let blindPeriod = 64
  private static let shortestSpan = 8
  private static let longestPeriod = 512

  package private(set) var runs: CompatibleSizes?
  package private(set) var seamless: CompatibleSizes?

  private let verdict: (Int) -> Verdict
  private let limit: Int
  private var isCut = false
  private var known: [Int: Verdict] = [:]

  /// - Parameters:
  ///   - period: of the lattice, or of what leads to the outputs.
  ///   - size: one that runs.
  ///   - limit: of verdicts; beyond it nothing is said.
  ///   - verdict: of a size along this axis.
  package init(period: Int, around size: Int, limit: Int, verdict: @escaping (Int) -> Verdict) {
    self.verdict = verdict
    self.limit = limit
    let known = period <= SizeScan.longestPeriod ? period : SizeScan.blindPeriod
    let span = SizeScan.shortestSpan.dividedUp(by: known) * known
    var base = max(size.dividedUp(by: span) * span, span)
    var isPeriodic = false
    for _ in 0..<3 where !isPeriodic {
      let first = (base..<base + span).map { self.look($0) }
      let second = (base + span..<base + 2 * span).map { self.look($0) }
      isPeriodic = first == second
      if !isPeriodic { base *= 2 }
    }
    if isPeriodic {
      runs = sizes(from: base, span: span) { $0 != .fails }
      seamless = sizes(from: base, span: span) { $0 == .seamless }
    }
    let own = look(size)
    if isCut {
      (runs, seamless) = (nil, nil)
      return
    }
    if runs == nil, own != .fails { runs = CompatibleSizes(only: size) }
    if seamless == nil, own == .seamless { seamless = CompatibleSizes(only: size) }
  }

  private mutating func look(_ n: Int) -> Verdict {
    if let known = known[n] { return known }
    if known.count >= limit { isCut = true }
    let result = isCut ? .fails : verdict(n)
    known[n] = result
    return result
  }

  private mutating func sizes(from base: Int, span: Int, where isMember: (Verdict) -> Bool) -> CompatibleSizes? {
    let members = Set((base..<base + span).filter { isMember(look($0)) }.map { $0 % span })
    guard !members.isEmpty else { return nil }
    let step = (1...span).first { step in
      span % step == 0 && (0..<span).allSatisfy { members.contains($0) == members.contains(($0 + step) % span) }
    }!
    let residues = Set(members.map { $0 % step }).sorted()
    var starts: [Int: Int] = [:]
    for residue in residues { starts[residue] = start(residue, step, below: base, where: isMember) }
    // From here on membership is the residue's alone.
    let last = starts.map { $0.value - step }.max()!
    let minimum = (max(1, last + 1)...last + step).first { starts[$0 % step] != nil }!
    return CompatibleSizes(minimum: minimum, step: step, residues: residues)
  }

  /// The smallest member ≡ `residue` (mod `step`), by bisection: what is too small fails.
  private mutating func start(_ residue: Int, _ step: Int, below base: Int, where isMember: (Verdict) -> Bool) -> Int {
    let first = residue == 0 ? step : residue
    var high = (base - first).dividedUp(by: step)
    var low = 0
    while low < high {
      let middle = (low + high) / 2
      if isMember(look(first + middle * step)) { high = middle } else { low = middle + 1 }
    }
    return first + high * step
  }
}

/// Whether a sized graph leaves out samples of the image along one axis.
package enum Seam {
  /// Whether a graph does at another size what it does at `base`: no axis of an output changes but the one that follows
  /// `source`, and no unpooling has lost its pooling, so that its indices would name other places.
  package static func isSameNetwork(
    _ sized: SizedGraph, _ base: SizedGraph, _ geometry: GraphGeometry, source: Int
  ) -> Bool {
    for output in sized.graph.outputs {
      guard let other = base.types[output.index], let type = sized.types[output.index] else { continue }
      guard type.shape.rank == other.shape.rank else { return false }
      guard let followed = geometry.dependence(source, output).local?.axis else { continue }
      for axis in 0..<type.shape.rank where axis != followed && type.shape[axis] != other.shape[axis] { return false }
    }
    return !sized.graph.nodes.indices.contains { index in
      guard case .maxUnpool = sized.graph.nodes[index].op else { return false }
      return base.sizings[index]?.rule.inputs[0].last?.outputAxis != nil
        && sized.sizings[index]?.rule.inputs[0].last?.outputAxis == nil
    }
  }

  /// No strided window leaves samples at the end unread, and no crop that follows the size is off centre.
  /// - Parameter geometry: of the same graph at any size that runs; it says which axis of each tensor follows `source`.
  package static func isSeamless(_ sized: SizedGraph, _ geometry: GraphGeometry, source: Int) -> Bool {
    for (index, node) in sized.graph.nodes.enumerated() {
      guard let input = node.input(0), let sizing = sized.sizings[index], sized.constant(input) == nil,
        case .local(let local) = geometry.dependence(source, input), local.axis < sizing.rule.inputs[0].count
      else { continue }
      let link = sizing.rule.inputs[0][local.axis]
      guard let axis = link.outputAxis, axis < sizing.outputs[0].shape.rank else { continue }
      let n = sized.type(input).shape[local.axis]
      let m = sizing.outputs[0].shape[axis]
      switch link.rule {
      case .window(let w):
        if w.stride * (m - 1) - w.low + max(w.extent, w.stride) < n { return false }
      case .strided(let start, let step):
        let isComputed = node.input(1).map { sized.graph[$0].constant == nil } ?? false
        if step == 1, isComputed, start > 0, start == (n - m) / 2, (n - m) % 2 == 1 { return false }
      case .pointwise, .transposedWindow, .resample, .padded, .spread, .gathered, .placed, .repeated, .broadcast,
        .everything:
        break
      }
    }
    return true
  }
}
