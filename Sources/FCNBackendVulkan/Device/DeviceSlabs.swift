import FCNRuntime

/// Addresses in buffers of one size, the last may be shorter: what a device allocates at a time is limited, an arena is
/// not. Nothing that is bound lies in two of them.
final class DeviceSlabs: @unchecked Sendable {
  let device: VulkanDevice
  let slabs: [DeviceBuffer]
  private let slabBytes: Int

  /// - Parameter slabBytes: of each buffer but the last.
  /// - Throws: `RuntimeError.memory` with the size.
  init(
    _ device: VulkanDevice, _ use: DeviceInfo.MemoryUse, bytes: Int, slabBytes: Int, what: String
  ) throws(RuntimeError) {
    self.device = device
    self.slabBytes = slabBytes
    var slabs: [DeviceBuffer] = []
    var rest = bytes
    repeat {
      slabs.append(try DeviceBuffer(device, use, bytes: min(rest, slabBytes), what: what))
      rest -= slabBytes
    } while rest > 0
    self.slabs = slabs
  }

  /// The buffer that holds `count` bytes from `address` on, and where.
  func place(_ address: Int, _ count: Int) -> (buffer: DeviceBuffer, offset: Int) {
    let (slab, offset) = (slabs[address / slabBytes], address % slabBytes)
    precondition(offset + count <= slab.byteCount)
    return (slab, offset)
  }

  /// Fills all with NaN, where they are mapped.
  func fill() { for slab in slabs { slab.fill() } }
}
