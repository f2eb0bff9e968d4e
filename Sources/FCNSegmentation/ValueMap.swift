/// `--map 0:0,255:1`: what the values of a truth picture mean. Values that are not listed stay as they are.
package struct ValueMap: Sendable, Hashable {
  package let pairs: [UInt16: UInt16]

  package init(_ pairs: [UInt16: UInt16]) { self.pairs = pairs }

  /// - Throws: `.option` unless `text` is `FROM:TO` pairs with commas between, each 0…65535, no FROM twice.
  package init(parsing text: String) throws(SegmentationError) {
    var pairs: [UInt16: UInt16] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: ":", omittingEmptySubsequences: false).map { UInt16($0) }
      guard ends.count == 2, let from = ends[0], let to = ends[1] else {
        throw SegmentationError(.option, "map: expected FROM:TO,… in 0…65535, got \"\(part)\"")
      }
      guard pairs.updateValue(to, forKey: from) == nil else {
        throw SegmentationError(.option, "map: \(from) is mapped twice")
      }
    }
    self.pairs = pairs
  }

  /// 255 reads 1: for truth with exactly the values 0 and 255 when there are two classes; else nil.
  package static func binary255(_ truth: LabelMap, classCount: Int) -> ValueMap? {
    guard classCount == 2 else { return nil }
    var seen = (zero: false, full: false)
    for label in truth.labels {
      switch label {
      case 0: seen.zero = true
      case 255: seen.full = true
      default: return nil
      }
    }
    return seen.zero && seen.full ? ValueMap([255: 1]) : nil
  }

  /// The map with every label replaced.
  package func callAsFunction(_ map: LabelMap, classCount: Int) throws(SegmentationError) -> LabelMap {
    let table = (0...(map.labels.max() ?? 0)).map { pairs[$0] ?? $0 }
    return try LabelMap(
      width: map.width, height: map.height, labels: map.labels.map { table[Int($0)] }, classCount: classCount)
  }
}
