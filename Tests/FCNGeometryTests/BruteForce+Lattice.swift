import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit

extension BruteForce {
  /// Crops of one canvas, shifted by p: at p = P the clean outputs must be the same, shifted by Q; at no smaller p may
  /// they be, whether by Q·p/P or by the whole numbers next to it.
  mutating func proveLattice(_ geometry: GraphGeometry, _ source: Int) throws {
    guard let room = try room(geometry, source) else { return }
    let (p, q) = (room.intervals.inputPeriod, room.intervals.outputPeriod)
    let views = try crops(room, source)
    guard views.values.allSatisfy(\.isFinite) else { return tally.add(.notFinite) }
    tally.add(.lattices)
    if isShift(views, room, of: p, by: q) {
      tally.add(.sound)
    } else {
      tally.fail(.unsound, described("axis \(source): period (\(p), \(q)) does not hold at size \(room.dims)"))
    }
    guard p > 1 else { return }
    if isConstant(views, room) { return tally.add(.constant) }
    tally.add(.longer)
    let shorter = (1..<p).first { step in
      let exact = q * step
      return [exact / p, exact.dividedUp(by: p)].contains { isShift(views, room, of: step, by: $0) }
    }
    if let shorter {
      tally.note(described("axis \(source): period (\(p), \(q)) could be \(shorter)"))
    } else {
      tally.add(.minimal)
    }
  }

  private struct Room {
    var dims: [Int]
    var intervals: PeriodicIntervals
    /// Output axis of `Images.dims`.
    var axis: Int
    var clean: Range<Int>
  }

  /// An image size, by whole periods more, at which three periods of clean outputs and more are left.
  private mutating func room(_ geometry: GraphGeometry, _ source: Int) throws -> Room? {
    var geometry = geometry
    var dims = input
    for _ in 0..<2 {
      guard case .local(let local) = geometry.dependence(source, output), local.anchors.isEmpty, local.extent == nil,
        let depth = geometry.depths(source)[output.index], depth != .wholeAxis
      else { return nil }
      let (p, q) = (local.intervals.inputPeriod, local.intervals.outputPeriod)
      guard p <= 64 else { break }
      let m = geometry.sized.type(output).shape[local.axis]
      let missing = 3 * q + 16 - (m - depth.low - depth.high)
      if missing <= 0 {
        return Room(
          dims: dims, intervals: local.intervals, axis: local.axis - 1, clean: depth.low..<m - depth.high)
      }
      dims[source + 1] += missing.dividedUp(by: q) * p
      guard dims[source + 1] <= (input.count == 2 ? 600 : 200), let sized = try? sized(dims) else { break }
      let larger = GraphGeometry(sized, rule: rule)
      if missing < 2 * q + 6 { compareSizes(geometry, larger, source) }
      geometry = larger
    }
    tally.add(.noRoom)
    return nil
  }

  /// Whole periods more change neither intervals nor border depths, where a period of clean outputs is left (GEOMETRY
  /// §3.4, Theorem 1).
  private mutating func compareSizes(_ small: GraphGeometry, _ large: GraphGeometry, _ source: Int) {
    let both = GraphGeometry(small.sized, other: large.sized, rule: rule)
    guard case .local(let local) = both.dependence(source, output), local.anchors.isEmpty else { return }
    tally.add(.sizes)
    let depths = (small.depths(source)[output.index], large.depths(source)[output.index])
    if local.intervals != large.dependence(source, output).local?.intervals || depths.0 != depths.1 {
      let text = "axis \(source): \(local.intervals), \(depths) differ at a size whole periods larger"
      tally.fail(.missedBorders, described(text))
    }
  }

  /// Image p is the crop that starts at p, 0 ≤ p ≤ P.
  private mutating func crops(_ room: Room, _ source: Int) throws -> Images {
    let axis = source + 1
    let p = room.intervals.inputPeriod
    var wide = room.dims
    wide[axis] += p
    let canvas = random(1, wide)
    let values = (0...p).flatMap { canvas.cropped(0, axis: axis, from: $0, size: room.dims[axis]) }
    return try run(Images(batch: p + 1, dims: room.dims, values: values))
  }

  private func isShift(_ views: Images, _ room: Room, of step: Int, by shift: Int) -> Bool {
    let size = room.clean.count - shift
    let start = room.clean.lowerBound
    return views.cropped(0, axis: room.axis, from: start + shift, size: size)
      == views.cropped(step, axis: room.axis, from: start, size: size)
  }

  private func isConstant(_ views: Images, _ room: Room) -> Bool {
    let start = room.clean.lowerBound
    let first = views.cropped(0, axis: room.axis, from: start, size: room.clean.count - 1)
    return first == views.cropped(0, axis: room.axis, from: start + 1, size: room.clean.count - 1)
  }
}
