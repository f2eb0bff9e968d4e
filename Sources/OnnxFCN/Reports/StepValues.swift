import FCNRuntime
import FCNTensor

/// What the steps of a run made, gathered from the parts that a request may be run in.
final class StepValues {
  /// A value, and which of its elements were made; nil: all.
  struct Value {
    let tensor: HostTensor
    fileprivate var made: [Bool]?

    /// Elements that only one of the two has become 0 in both.
    static func meet(_ a: Value, _ b: Value) {
      if a.made == nil && b.made == nil { return }
      for value in [a, b] {
        let size = value.tensor.elementType.size
        let bytes = value.tensor.storage.mutableBytes
        for index in 0..<value.tensor.shape.count where !(a.made?[index] ?? true) || !(b.made?[index] ?? true) {
          for byte in index * size..<(index + 1) * size { bytes[byte] = 0 }
        }
      }
    }
  }

  private(set) var values: [String: Value] = [:]

  /// A value held as `view` is added to what is there of it; one that has no memory is left out.
  func add(_ name: String, _ view: BufferView) {
    guard let part = try? view.copied() else { return }
    if view.region == view.shape.region {
      values[name] = Value(tensor: part)
      return
    }
    var value = values.removeValue(forKey: name)
    if value?.tensor.shape != view.shape {
      guard let whole = try? HostTensor(view.elementType, view.shape) else { return }
      value = Value(tensor: whole, made: Array(repeating: false, count: view.shape.count))
    }
    guard var value else { return }
    try? copyRegion(
      from: part.storage.bytes, sourceRegion: view.region, to: value.tensor.storage.mutableBytes,
      targetRegion: view.shape.region, region: view.region, elementSize: view.elementType.size)
    StepValues.forEachRow(of: view.region, in: view.shape) { row in
      for index in row { value.made?[index] = true }
    }
    values[name] = value
  }

  /// Flat indices of the region's rows.
  private static func forEachRow(of region: Region, in shape: Shape, _ body: (Range<Int>) -> Void) {
    if region.isEmpty { return }
    guard let last = region.ranges.last else { return body(0..<1) }
    let strides = shape.strides
    let outer = region.ranges.dropLast()
    for row in 0..<outer.reduce(1, { $0 * $1.count }) {
      var (rest, start) = (row, last.lowerBound)
      for (axis, range) in outer.enumerated().reversed() {
        start += (range.lowerBound + rest % range.count) * strides[axis]
        rest /= range.count
      }
      body(start..<start + last.count)
    }
  }
}
