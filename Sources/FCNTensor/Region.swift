/// A box of tensor indices in *global* coordinates: one half-open range per axis.
package struct Region: Sendable, Hashable, CustomStringConvertible {
  package var ranges: [Range<Int>]

  package init(_ ranges: [Range<Int>]) { self.ranges = ranges }

  package var rank: Int { ranges.count }
  package subscript(_ axis: Int) -> Range<Int> {
    get { ranges[axis] }
    set { ranges[axis] = newValue }
  }

  /// The extents, as the shape of a buffer that holds the region.
  package var shape: Shape { Shape(ranges.map(\.count)) }
  package var count: Int { ranges.reduce(1) { $0 * $1.count } }
  package var isEmpty: Bool { ranges.contains { $0.isEmpty } }

  /// The smallest box that holds both; an empty region adds nothing.
  package func hull(_ other: Region) -> Region {
    if isEmpty { return other }
    if other.isEmpty { return self }
    return Region(
      zip(ranges, other.ranges).map {
        min($0.lowerBound, $1.lowerBound)..<max($0.upperBound, $1.upperBound)
      })
  }

  package func intersection(_ other: Region) -> Region {
    Region(zip(ranges, other.ranges).map { $0.clamped(to: $1) })
  }

  package func contains(_ other: Region) -> Bool {
    other.isEmpty
      || zip(ranges, other.ranges).allSatisfy {
        $0.lowerBound <= $1.lowerBound && $0.upperBound >= $1.upperBound
      }
  }

  /// `[0:1, 0:3, 16:80, 16:80]`
  package var description: String {
    "[" + ranges.map { "\($0.lowerBound):\($0.upperBound)" }.joined(separator: ", ") + "]"
  }
}

extension Shape {
  /// The whole index range of every axis.
  package var region: Region { Region(dims.map { 0..<$0 }) }
}
