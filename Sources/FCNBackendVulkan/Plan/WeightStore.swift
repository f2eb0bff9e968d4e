import FCNRuntime
import Synchronization

/// The constants of a plan in the kernels' own forms: places are given out first, then all are written at once.
final class WeightStore {
  typealias Fill = @Sendable (UnsafeMutableBufferPointer<Float>) -> Void

  struct Entry: Sendable {
    var place: Binding
    var fill: Fill
  }

  /// Constants in the device's memory.
  struct Packed: Sendable {
    fileprivate let items: [Entry]
    fileprivate let known: [String: Binding]
    let buffer: DeviceBuffer
  }

  private var items: [Entry] = []
  private var known: [String: Binding] = [:]
  private var byteCount = 0
  private let earlier: Packed?

  /// - Parameter earlier: of the same network on the same device; its memory is used again where it has everything.
  init(_ earlier: Packed? = nil) {
    self.earlier = earlier
    items = earlier?.items ?? []
    known = earlier?.known ?? [:]
    byteCount = items.map { $0.place.offset + ($0.place.range + 255) / 256 * 256 }.max() ?? 0
  }

  /// A place of `count` floats that `fill` writes later, whole.
  ///
  /// - Parameter key: places of one key are the same.
  func place(_ key: String, count: Int, _ fill: @escaping Fill) -> Binding {
    if let place = known[key] { return place }
    let place = Binding(buffer: .weights, offset: byteCount, range: max(4, count) * 4)
    items.append(Entry(place: place, fill: fill))
    known[key] = place
    byteCount += (place.range + 255) / 256 * 256
    return place
  }

  /// The places in the device's memory.
  func upload(_ device: VulkanDevice, _ pool: ThreadPool) throws(RuntimeError) -> Packed {
    if let earlier, earlier.items.count == items.count { return earlier }
    let buffer = try DeviceBuffer(device, .unified, bytes: byteCount, what: "weights")
    if let mapping = buffer.mapping {
      write(items, to: Target(pointer: mapping), pool)
    } else {
      try stage(to: buffer, pool)
    }
    return Packed(items: items, known: known, buffer: buffer)
  }

  private func stage(to buffer: DeviceBuffer, _ pool: ThreadPool) throws(RuntimeError) {
    let device = buffer.device
    // In parts of the staging buffer's size, or of the largest place's.
    let limit = max(64 << 20, items.map(\.place.range).max() ?? 0)
    let staging = try DeviceBuffer(device, .host, bytes: min(limit, byteCount), what: "staging")
    var next = 0
    while next < items.count {
      let start = items[next].place.offset
      var end = next
      while end < items.count, items[end].place.offset + items[end].place.range - start <= limit { end += 1 }
      let part = Array(items[next..<end])
      write(part, to: Target(pointer: staging.mapping! - start), pool)
      let last = items[end - 1].place
      try Transfer.copy(
        from: staging, at: 0, to: buffer, at: start, bytes: last.offset + last.range - start)
      next = end
    }
  }

  private struct Target: @unchecked Sendable { let pointer: UnsafeMutableRawPointer }

  private func write(_ items: [Entry], to target: Target, _ pool: ThreadPool) {
    pool.run(items.count) { index, _ in
      let place = items[index].place
      let floats = (target.pointer + place.offset).assumingMemoryBound(to: Float.self)
      items[index].fill(UnsafeMutableBufferPointer(start: floats, count: place.range / 4))
    }
  }
}
