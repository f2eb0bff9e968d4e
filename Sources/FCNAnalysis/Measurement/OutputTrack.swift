import FCNGraph
package import FCNTensor

/// One output along one image axis at the size of an experiment: where it lies, how it moves, how deep borders reach.
package struct OutputTrack: Sendable {
  package let facts: AxisFacts
  /// The output axis that follows the image axis.
  package let axis: Int
  package let size: Int
  /// An input shift by `inputPeriod` is an output shift by `outputPeriod`.
  package let inputPeriod: Int
  package let outputPeriod: Int
  /// Outputs free of borders; nil where the dependence is not local.
  package let clean: Range<Int>?

  /// Nil where no output axis follows the image axis, as far as can be told.
  package init?(_ facts: AxisFacts, shape: Shape) {
    self.facts = facts
    // A local axis that is merged with others has no axis of its own; a global one is looked for where it was.
    guard facts.outputAxis != nil || facts.intervals == nil,
      let axis = facts.outputAxis ?? (facts.source.axis < shape.rank ? facts.source.axis : nil)
    else { return nil }
    self.axis = axis
    size = shape[axis]
    guard size > 0 else { return nil }
    if let intervals = facts.intervals {
      inputPeriod = intervals.inputPeriod
      outputPeriod = intervals.outputPeriod
      let low = min(facts.depth.low, size)
      clean = low..<max(low, size - facts.depth.high)
    } else {
      let divisor = greatestCommonDivisor(facts.source.size, size)
      inputPeriod = facts.source.size / divisor
      outputPeriod = size / divisor
      clean = nil
    }
  }

  package var isLocal: Bool { clean != nil }

  /// The output shifts next to `shift`·Q/P: one if that is whole.
  func outputShifts(_ shift: Int) -> [Int] {
    let product = shift * outputPeriod
    let low = product.dividedDown(by: inputPeriod)
    return low * inputPeriod == product ? [low] : [low, low + 1]
  }
}

/// One output of an experiment with its tracks along the image axes.
package struct TrackedOutput: Sendable {
  package let index: Int
  package let name: String
  package let shape: Shape
  package let tracks: [OutputTrack]
  /// The axis of classes: neither batch nor image; nil if there is one channel only.
  package let channels: Int?

  /// - Parameter facts: along the axes of the image input.
  init?(_ index: Int, name: String, type: TensorType?, facts: [AxisFacts]) {
    guard let shape = type?.shape, !shape.dims.contains(0) else { return nil }
    self.index = index
    self.name = name
    self.shape = shape
    tracks = facts.compactMap { OutputTrack($0, shape: shape) }
    guard tracks.count == facts.count, Set(tracks.map(\.axis)).count == tracks.count else { return nil }
    let used = Set(tracks.map(\.axis))
    channels = (1..<max(1, shape.rank)).first { !used.contains($0) && shape[$0] > 1 }
  }

  /// The whole output, cut to the clean outputs along the axes other than `position`.
  func region(cleanExcept position: Int?) -> Region {
    var region = shape.region
    for (other, track) in tracks.enumerated() where other != position {
      if let clean = track.clean { region[track.axis] = clean }
    }
    return region
  }
}
