/// Finds the smallest size not below a picture's that a network takes.
package struct SizeSearch {
  package struct Size: Sendable, Hashable {
    package var height: Int
    package var width: Int

    package init(height: Int, width: Int) {
      self.height = height
      self.width = width
    }
  }

  package enum Verdict: Sendable, Hashable {
    /// It runs, and the output's grid lies evenly on the input's.
    case fits
    /// It runs, but the output is a coarser grid that does not divide the input.
    case uneven
    case refused
  }

  private let verdict: (Size) -> Verdict
  /// Steps of the sizes that are tried on both axes.
  package static let steps = [2, 4, 8, 16, 32, 64, 128, 256]

  /// - Parameter verdict: whether the network takes a size; called about thirty times at most.
  package init(verdict: @escaping (Size) -> Verdict) { self.verdict = verdict }

  /// The size itself; else the next multiples of 2, 4, 8 … 256, then those plus 1, each axis as small as then goes.
  /// A size that runs with an uneven output is taken if no even one is found.
  package func next(from size: Size) -> Size? {
    var uneven: Size?
    let own = verdict(size)
    if own == .fits { return size }
    if own == .uneven { uneven = size }
    for rest in [0, 1] {
      for step in SizeSearch.steps {
        let candidate = Size(height: up(size.height, step, rest), width: up(size.width, step, rest))
        switch verdict(candidate) {
        case .fits: return shrunk(candidate, from: size, step, rest)
        case .uneven: uneven = uneven ?? candidate
        case .refused: break
        }
      }
    }
    return uneven
  }

  private func up(_ length: Int, _ step: Int, _ rest: Int) -> Int {
    (max(length - rest, 1) + step - 1) / step * step + rest
  }

  /// Each axis alone at the smallest step that still fits.
  private func shrunk(_ found: Size, from size: Size, _ step: Int, _ rest: Int) -> Size {
    var best = found
    for axis in [\Size.height, \Size.width] {
      for smaller in [1] + SizeSearch.steps.filter({ $0 < step }) {
        var candidate = best
        candidate[keyPath: axis] = smaller == 1 ? size[keyPath: axis] : up(size[keyPath: axis], smaller, rest)
        if candidate == best { break }
        if verdict(candidate) == .fits {
          best = candidate
          break
        }
      }
    }
    return best
  }
}
