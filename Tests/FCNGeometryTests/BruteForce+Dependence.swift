import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit

/// Which input positions each output position was seen to depend on.
private struct Seen {
  let n: Int
  var flags: [Bool]

  init(outputs m: Int, inputs n: Int) {
    self.n = n
    flags = Array(repeating: false, count: m * n)
  }

  func positions(_ o: Int) -> [Int] { (0..<n).filter { flags[o * n + $0] } }
}

extension BruteForce {
  /// NaN at one position of each image of a batch spreads to whatever depends on it, since 0·NaN is NaN; where NaN is
  /// lost, another value at that position changes what depends on it. Outputs away from the borders must lie within
  /// their intervals: at the borders a sample beyond the image is another one inside.
  mutating func proveDependence(_ geometry: GraphGeometry, _ source: Int) throws {
    let local: LocalDependence
    switch geometry.dependence(source, output) {
    case .none:
      tally.add(.independent)
      let seen = try dependences(source, outputAxis: 1)
      if seen.flags.contains(true) {
        tally.fail(.missedDependences, described("axis \(source): said to be independent"))
      }
      return
    case .all: return tally.add(.all)
    case .unknown: return tally.add(.unknown)
    case .local(let dependence): local = dependence
    }
    tally.add(local.anchors.isEmpty ? .local : .anchored)
    guard local.extent == nil, let depth = geometry.depths(source)[output.index] else {
      return tally.fail(.missedDependences, described("axis \(source): expected a plain axis, got \(local)"))
    }
    let m = geometry.sized.type(output).shape[local.axis]
    let seen = try dependences(source, outputAxis: local.axis - 1)
    guard depth != .wholeAxis, depth.low < m - depth.high else { return }
    for o in depth.low..<m - depth.high { compare(seen.positions(o), local, o, source) }
  }

  private mutating func compare(_ seen: [Int], _ local: LocalDependence, _ o: Int, _ source: Int) {
    let said = local.intervals[o]
    let text = "axis \(source): output \(o) depends on \(seen), said to depend on \(said.map { "\($0)" } ?? "nothing")"
    tally.add(.outputs)
    tally.add(.dependences, seen.count)
    if seen.contains(where: { position in !(said.map { $0.contains(position) } ?? false) }) {
      tally.fail(.missedDependences, described(text))
    }
    // Only parts of the image laid side by side reach beyond it without reading a border.
    let isInside = said.map { $0.lowerBound >= 0 && $0.upperBound < input[source + 1] } ?? true
    if !isInside && !local.anchors.contains(where: { $0.cause == .position }) {
      tally.fail(.missedBorders, described(text))
    }
    if hidesNaN { return }
    tally.add(.hulls)
    if seen.first == said?.lowerBound && seen.last == said?.upperBound { tally.add(.exactHulls) }
  }

  private mutating func dependences(_ source: Int, outputAxis: Int) throws -> Seen {
    let axis = source + 1
    let n = input[axis]
    var images = random(1, input)
    let base = images.values
    let count = hidesNaN ? 2 * n + 1 : n
    images = Images(batch: count, dims: input, values: Array((0..<count).map { _ in base }.joined()))
    for position in 0..<n {
      images.forEach(position, along: axis) { offset, place in
        if place == position { images.values[offset] = .nan }
      }
      if hidesNaN {
        images.forEach(n + position, along: axis) { offset, place in
          if place == position { images.values[offset] = 3 - images.values[offset] * 5 }
        }
      }
    }
    let result = try run(images)
    var seen = Seen(outputs: result.dims[outputAxis], inputs: n)
    for position in 0..<n {
      result.forEach(position, along: outputAxis) { offset, o in
        if result.values[offset].isNaN { seen.flags[o * n + position] = true }
      }
      guard hidesNaN else { continue }
      let shift = n + position
      result.forEach(shift, along: outputAxis) { offset, o in
        let unchanged = result.values[offset + (count - 1 - shift) * result.perImage]
        if result.values[offset] != unchanged { seen.flags[o * n + position] = true }
      }
    }
    return seen
  }
}
