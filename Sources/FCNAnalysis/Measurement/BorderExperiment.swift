import FCNGraph
import FCNTensor

/// Border profile: an image alone against the same image inside a larger one, by distance to the border.
/// Source: GEOMETRY §6.2.
struct BorderExperiment {
  let design: ExperimentDesign
  /// Per output index, axis and side: |difference| by distance, in σ of the channel.
  private var errors: [Key: [[Float]]] = [:]
  /// The largest difference by distance, relative to the largest value of its channel.
  private var relative: [Key: [Double]] = [:]
  /// Per output: the largest error where both axes are free of borders, relative to the largest value.
  private(set) var inner: [Int: Double] = [:]
  /// Distances beyond the derived depth that are looked at.
  private static let beyond = 24

  private struct Key: Hashable {
    var output: Int
    var axis: Int
    var isLow: Bool
  }

  init(_ design: ExperimentDesign) { self.design = design }

  /// A larger image is run only where an output can be compared: without one, the margin need not suit the sizes.
  var isPossible: Bool {
    design.margin.contains { $0 > 0 } && design.outputs.contains { $0.tracks.allSatisfy(\.isLocal) }
  }

  mutating func add(_ canvas: Canvas, _ runner: NetworkRunner) throws(ExperimentError) {
    guard isPossible else { return }
    let alone = try design.run(canvas, at: design.margin, runner)
    let larger = design.size.indices.map { design.size[$0] + 2 * design.margin[$0] }
    let inside = try design.tensors(canvas, at: design.size.map { _ in 0 }, size: larger, runner)
    for output in design.outputs where output.tracks.allSatisfy(\.isLocal) {
      guard let crop = try crop(output, inside[output.index]) else { continue }
      compare(output, alone[output.index], crop)
    }
  }

  /// The part of the larger output that belongs to the image.
  private func crop(_ output: TrackedOutput, _ tensor: HostTensor) throws(ExperimentError) -> OutputValues? {
    var region = output.shape.region
    for (axis, track) in output.tracks.enumerated() {
      guard design.margin[axis] % track.inputPeriod == 0 else { return nil }
      let start = design.margin[axis] / track.inputPeriod * track.outputPeriod
      region[track.axis] = start..<start + track.size
    }
    guard tensor.shape.rank == region.rank, tensor.shape.region.contains(region) else { return nil }
    do throws(TensorError) {
      let result = try HostTensor(tensor.elementType, region.shape, zeroed: false)
      try tensor.read(region, into: result.storage.mutableBytes)
      return OutputValues(result)
    } catch { throw .tensor(error) }
  }

  private mutating func compare(_ output: TrackedOutput, _ alone: OutputValues, _ inside: OutputValues) {
    let clean = output.region(cleanExcept: nil)
    let reference = OutputDifference(alone, inside, region: clean, offset: 0, channels: output.channels)
    if reference.count > 0 { inner[output.index] = max(inner[output.index] ?? 0, reference.relative) }
    for axis in output.tracks.indices {
      for isLow in [true, false] { collect(output, axis, isLow, alone, inside, reference.channels) }
    }
  }

  private mutating func collect(
    _ output: TrackedOutput, _ axis: Int, _ isLow: Bool, _ alone: OutputValues, _ inside: OutputValues,
    _ scales: [OutputDifference.Channel]
  ) {
    let track = output.tracks[axis]
    let key = Key(output: output.index, axis: axis, isLow: isLow)
    var lists = errors[key] ?? []
    var largest = relative[key] ?? []
    let depth = isLow ? track.facts.depth.low : track.facts.depth.high
    // Up to where the other border begins to be felt.
    let room = track.size - (isLow ? track.facts.depth.high : track.facts.depth.low)
    for distance in 0..<min(depth + BorderExperiment.beyond, max(room, 0)) {
      var region = output.region(cleanExcept: axis)
      let place = isLow ? distance : track.size - 1 - distance
      region[track.axis] = place..<place + 1
      if lists.count <= distance {
        lists.append([])
        largest.append(0)
      }
      alone.walk(region) { index, coordinates in
        let scale = scales[output.channels.map { coordinates[$0] } ?? 0]
        let error = OutputDifference.error(alone.values[index], inside.values[index])
        lists[distance].append(Float(error / (scale.deviation > 0 ? scale.deviation : 1)))
        largest[distance] = max(largest[distance], error / (scale.largest > 0 ? scale.largest : 1))
      }
    }
    errors[key] = lists
    relative[key] = largest
  }

  var outcomes: [BorderOutcome] {
    design.outputs.flatMap { output in
      output.tracks.indices.flatMap { axis in
        [true, false].compactMap { isLow in outcome(output, axis, isLow) }
      }
    }
  }

  private func outcome(_ output: TrackedOutput, _ axis: Int, _ isLow: Bool) -> BorderOutcome? {
    guard let lists = errors[Key(output: output.index, axis: axis, isLow: isLow)], !lists.isEmpty else { return nil }
    let facts = output.tracks[axis].facts
    let sorted = lists.map { $0.sorted() }
    return BorderOutcome(
      output: output.name, axis: facts.source.name, isLow: isLow, depth: isLow ? facts.depth.low : facts.depth.high,
      maximum: sorted.map { Double($0.last ?? 0) },
      mean: sorted.map { $0.isEmpty ? 0 : $0.reduce(0) { $0 + Double($1) } / Double($0.count) },
      relative: relative[Key(output: output.index, axis: axis, isLow: isLow)] ?? [],
      p99: sorted.map { $0.isEmpty ? 0 : Double($0[min($0.count - 1, $0.count * 99 / 100)]) })
  }
}
