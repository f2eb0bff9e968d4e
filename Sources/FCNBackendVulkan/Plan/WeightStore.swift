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
    let memory: DeviceSlabs
  }

  private var items: [Entry] = []
  private var known: [String: Binding] = [:]
  private var byteCount = 0
  private let earlier: Packed?
  private let facts: DeviceFacts

  /// - Parameter earlier: of the same network on the same device; its memory is used again where it has everything.
  init(_ facts: DeviceFacts, _ earlier: Packed? = nil) {
    self.facts = facts
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
    let range = max(4, count) * 4
    let place = Binding(buffer: .weights, offset: facts.fitting(byteCount, range), range: range)
    items.append(Entry(place: place, fill: fill))
    known[key] = place
    byteCount = place.offset + (range + 255) / 256 * 256
    return place
  }

  /// The places in the device's memory.
  func upload(_ device: VulkanDevice, _ pool: ThreadPool) throws(RuntimeError) -> Packed {
    if let earlier, earlier.items.count == items.count { return earlier }
    let slabBytes = facts.slabBytes
    let memory = try DeviceSlabs(device, .unified, bytes: byteCount, slabBytes: slabBytes, what: "weights")
    let isMapped = memory.slabs.allSatisfy { $0.mapping != nil }
    var next = 0
    while next < items.count {
      let first = items[next].place.offset / slabBytes
      let end = items[next...].firstIndex { $0.place.offset / slabBytes != first } ?? items.count
      let slab = memory.slabs[first]
      if isMapped {
        write(items[next..<end], to: Target(pointer: slab.mapping! - first * slabBytes), pool)
      } else {
        try stage(items[next..<end], from: first * slabBytes, to: slab, pool)
      }
      next = end
    }
    return Packed(items: items, known: known, memory: memory)
  }

  /// - Parameter start: the address of the slab's first byte.
  private func stage(
    _ items: ArraySlice<Entry>, from start: Int, to slab: DeviceBuffer, _ pool: ThreadPool
  ) throws(RuntimeError) {
    // In parts of the staging buffer's size, or of the largest place's.
    let limit = max(64 << 20, items.map(\.place.range).max() ?? 0)
    let staging = try DeviceBuffer(slab.device, .host, bytes: min(limit, slab.byteCount), what: "staging")
    var next = items.startIndex
    while next < items.endIndex {
      let first = items[next].place.offset
      let end = items[next...].firstIndex { $0.place.offset + $0.place.range - first > limit } ?? items.endIndex
      write(items[next..<end], to: Target(pointer: staging.mapping! - first), pool)
      let last = items[end - 1].place
      try Transfer.copy(
        from: staging, at: 0, to: slab, at: first - start, bytes: last.offset + last.range - first)
      next = end
    }
  }

  private struct Target: @unchecked Sendable { let pointer: UnsafeMutableRawPointer }

  private func write(_ items: ArraySlice<Entry>, to target: Target, _ pool: ThreadPool) {
    let start = items.startIndex
    pool.run(items.count) { index, _ in
      let item = items[start + index]
      let floats = (target.pointer + item.place.offset).assumingMemoryBound(to: Float.self)
      item.fill(UnsafeMutableBufferPointer(start: floats, count: item.place.range / 4))
    }
  }
}
