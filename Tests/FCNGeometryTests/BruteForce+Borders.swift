import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit

extension BruteForce {
  /// The image alone against the same image inside larger ones, to the left, in the middle and to the right of whole
  /// periods of other data: what differs must lie within the border depths.
  mutating func proveBorders(_ sized: SizedGraph, _ source: Int) throws {
    guard let period = GraphGeometry(sized, rule: rule).dependence(source, output).local?.intervals.inputPeriod,
      period <= 64
    else { return }
    let margin = period * max(1, 9.dividedUp(by: period))
    var larger = input
    larger[source + 1] += 2 * margin
    guard let other = try? self.sized(larger) else { return tally.add(.oneSize) }
    let geometry = GraphGeometry(sized, other: other, rule: rule)
    guard case .local(let local) = geometry.dependence(source, output), local.anchors.isEmpty, local.extent == nil,
      let depth = geometry.depths(source)[output.index]
    else { return }
    let shape = sized.type(output).shape
    let m = shape[local.axis]
    if depth == .wholeAxis || depth.low + depth.high >= m { return tally.add(.wholeAxis) }
    let shift = margin / local.intervals.inputPeriod * local.intervals.outputPeriod
    let grows = other.type(output).shape[local.axis] == m + 2 * shift
    if !grows { tally.add(.fixedSize) }
    let (alone, inside) = try views(source, margin: margin, larger: larger)
    guard alone.values.allSatisfy(\.isFinite) else { return tally.add(.notFinite) }
    var measured = BorderDepth()
    for (image, offset) in [0, shift, 2 * shift].repeated(3).enumerated() {
      let differing = self.differing(alone, inside, image: image, axis: local.axis - 1, offset: offset)
      // A view at the true border keeps what that border does.
      let keepsLow = offset == 0 && !wraps
      let keepsHigh = offset == 2 * shift && grows && !wraps
      let clean = (keepsLow ? 0 : depth.low)..<(keepsHigh ? m : m - depth.high)
      if let first = differing.first(where: clean.contains) {
        let text = "axis \(source), view \(image): output \(first) of \(m) differs, clean beyond \(depth)"
        return tally.fail(.missedBorders, described(text))
      }
      measured.low = max(measured.low, differing.last { $0 < depth.low }.map { $0 + 1 } ?? 0)
      measured.high = max(measured.high, differing.first { $0 >= m - depth.high }.map { m - $0 } ?? 0)
    }
    tally.add(.borders)
    if measured == depth { tally.add(.exactBorders) }
  }

  /// The image alone, and in nine larger ones: three places, each amid small data, large data and NaN.
  private mutating func views(_ source: Int, margin: Int, larger: [Int]) throws -> (alone: Images, inside: Images) {
    let axis = source + 1
    let image = random(1, input)
    var canvas = random(9, larger)
    for index in 0..<9 {
      if index >= 3 {
        for offset in index * canvas.perImage..<(index + 1) * canvas.perImage {
          canvas.values[offset] = index < 6 ? canvas.values[offset] * 40 : .nan
        }
      }
      canvas.put(image.values, into: index, axis: axis, at: index % 3 * margin)
    }
    return (try run(image), try run(canvas))
  }

  /// Positions along `axis` where an element of `alone` is not at `offset` further in an image of `inside`.
  private func differing(_ alone: Images, _ inside: Images, image: Int, axis: Int, offset: Int) -> [Int] {
    let available = min(alone.dims[axis], inside.dims[axis] - offset)
    if available <= 0 { return [] }
    let part = inside.cropped(image, axis: axis, from: offset, size: available)
    let whole = alone.cropped(0, axis: axis, from: 0, size: available)
    let inner = alone.dims[(axis + 1)...].reduce(1, *)
    var flags = [Bool](repeating: false, count: available)
    for index in part.indices where part[index] != whole[index] { flags[index / inner % available] = true }
    return flags.indices.filter { flags[$0] }
  }
}

extension Array {
  fileprivate func repeated(_ times: Int) -> [Element] { (0..<times).flatMap { _ in self } }
}
