import FCNGraph

/// The samples that each sample of a resized axis is made of: the support of the triangle filter, ends left out.
package struct ResizingReach: Sendable, Hashable {
  package var from: Int
  package var to: Int

  package init(from: Int, to: Int) {
    self.from = from
    self.to = to
  }

  /// In the source, which may lie beyond it: the filter then takes what there is.
  ///
  /// All i with |i − c| < max(1, n/m), where c = (index + ½)·n/m − ½ for n samples that become m.
  package func samples(_ index: Int) -> ClosedRange<Int> {
    let unit = 2 * to
    let center = (2 * index + 1) * from - to
    let radius = 2 * max(from, to)
    return (center - radius).dividedDown(by: unit) + 1...(center + radius).dividedUp(by: unit) - 1
  }

  /// The results that are made of `clean` alone.
  package func clean(_ clean: Range<Int>) -> Range<Int> {
    (0..<to).stretch { index in
      let samples = self.samples(index)
      return samples.lowerBound >= clean.lowerBound && samples.upperBound < clean.upperBound
    }
  }
}

extension GridMapping.Axis {
  /// The samples of the picture that are made of the output samples `clean` alone: of the nearest one, and where
  /// `isInterpolated` of both neighbours too. A value that is held constant beyond the last centre is not clean.
  package func trusted(_ clean: Range<Int>, isInterpolated: Bool) -> Range<Int> {
    (0..<picture).stretch { index in
      clean.contains(nearest(index)) && (!isInterpolated || isInside(index) && hasCleanNeighbours(index, clean))
    }
  }

  private func hasCleanNeighbours(_ index: Int, _ clean: Range<Int>) -> Bool {
    let (low, high, weight) = linear(index)
    return clean.contains(low) && (weight == 0 || clean.contains(high))
  }

  /// Whether the sample's centre lies between the first and the last centre of the covered output:
  /// 0 ≤ (i + ½)·r·u/(p·d) − ½ ≤ covered − 1.
  private func isInside(_ index: Int) -> Bool {
    guard let ratio else { return true }
    let unit = 2 * picture * ratio.down
    let place = (2 * index + 1) * resampled * ratio.up - picture * ratio.down
    return place >= 0 && place <= (covered - 1) * unit
  }
}

extension Range<Int> {
  /// From the first to the last element that fits.
  fileprivate func stretch(_ fits: (Int) -> Bool) -> Range<Int> {
    guard let first = first(where: fits), let last = last(where: fits) else { return lowerBound..<lowerBound }
    return first..<last + 1
  }
}
