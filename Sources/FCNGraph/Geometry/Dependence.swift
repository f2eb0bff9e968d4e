/// Why a dependence is what it is, and which node made it so.
package struct GeometryReason: Sendable, Hashable {
  package var node: Int
  package var cause: GeometryCause
  package var text: String

  package init(node: Int, _ cause: GeometryCause, _ text: String) {
    self.node = node
    self.cause = cause
    self.text = text
  }
}

/// Where an image axis lies in a tensor, and which samples of it each position depends on.
package struct LocalDependence: Sendable, Hashable {
  /// The tensor axis that follows the image axis.
  package var axis: Int
  /// Where axes are merged: the image axis is ⌊index/inner⌋ mod `extent` of the tensor axis. 1 and nil: the whole axis.
  package var inner = 1
  package var extent: Int?
  package var intervals: PeriodicIntervals
  /// Nodes on the way that tie the result to a position or to the image size.
  package var anchors: [GeometryReason] = []

  mutating func anchor(_ reason: GeometryReason) { anchors = Dependence.merged(anchors, [reason]) }

  package init(axis: Int, intervals: PeriodicIntervals, anchors: [GeometryReason] = []) {
    self.axis = axis
    self.intervals = intervals
    self.anchors = anchors
  }

  func liesLike(_ other: LocalDependence) -> Bool {
    axis == other.axis && inner == other.inner && extent == other.extent
  }
}

/// How a tensor depends on one axis of a graph input. Source: GEOMETRY §3.1.
package enum Dependence: Sendable, Hashable {
  case none
  case local(LocalDependence)
  /// On the whole axis.
  case all([GeometryReason])
  case unknown([GeometryReason])

  /// Reasons kept; the first ones are the nearest to the input.
  private static let reasonLimit = 12

  /// Both lists, in the order of nodes: the first of every cause, and `reasonLimit` of them in any case.
  static func merged(_ a: [GeometryReason], _ b: [GeometryReason]) -> [GeometryReason] {
    if b.isEmpty { return a }
    var causes: Set<GeometryCause> = []
    let all = (a + b.filter { !a.contains($0) }).sorted { $0.node < $1.node }
    return all.enumerated().filter { causes.insert($1.cause).inserted || $0 < reasonLimit }.map(\.element)
  }

  package var reasons: [GeometryReason] {
    switch self {
    case .none: []
    case .local(let local): local.anchors
    case .all(let reasons), .unknown(let reasons): reasons
    }
  }

  package var local: LocalDependence? { if case .local(let local) = self { local } else { nil } }

  /// none ⊔ x = x; local ⊔ local = the joined intervals; all ⊔ local = all; unknown absorbs.
  /// - Parameter node: where they meet.
  package func joined(with other: Dependence, at node: Int) -> Dependence {
    switch (self, other) {
    case (.none, let rest), (let rest, .none): return rest
    case (.unknown, _), (_, .unknown): return .unknown(Dependence.merged(reasons, other.reasons))
    case (.all, _), (_, .all): return .all(Dependence.merged(reasons, other.reasons))
    case (.local(let a), .local(let b)):
      let anchors = Dependence.merged(a.anchors, b.anchors)
      guard a.liesLike(b) else {
        return .all(Dependence.merged([GeometryReason(node: node, .mixed, "mixes two axes of the image")], anchors))
      }
      if let intervals = a.intervals.joined(with: b.intervals) {
        var result = a
        result.intervals = intervals
        result.anchors = anchors
        return .local(result)
      }
      func slope(_ x: PeriodicIntervals) -> String {
        let divisor = greatestCommonDivisor(x.inputPeriod, x.outputPeriod)
        return "\(x.inputPeriod / divisor)/\(x.outputPeriod / divisor)"
      }
      let text =
        a.intervals.hasSlope(of: b.intervals)
        ? "joins branches whose common period exceeds \(PeriodicIntervals.longestPeriod) samples"
        : "joins branches of strides \(slope(a.intervals)) and \(slope(b.intervals)), a ratio of this image size only"
      return .all(Dependence.merged([GeometryReason(node: node, .imageSize, text)], anchors))
    }
  }
}
