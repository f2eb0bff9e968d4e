import FCNTensor
import Testing

@Suite struct StoragePoolTests {
  private let large = 8 << 20

  private func start(_ storage: Storage) -> UInt { UInt(bitPattern: storage.bytes.baseAddress) }

  @Test func givesFreedMemoryToTheNext() throws {
    let pool = StoragePool(limit: 1)
    var first: Storage? = try pool.storage(count: large)
    let place = start(first!)
    first = nil
    let second = try pool.storage(count: large)
    #expect(start(second) == place)
    #expect(second.bytes.count == large)
    second.mutableBytes.storeBytes(of: 7, as: UInt8.self)
    #expect(second.bytes[0] == 7)
  }

  @Test func neverSharesWhatIsInUse() throws {
    let pool = StoragePool(limit: 4)
    let all = try (0..<4).map { _ in try pool.storage(count: large) }
    #expect(Set(all.map(start)).count == 4)
  }

  @Test func keepsOtherSizesApart() throws {
    let pool = StoragePool(limit: 2)
    _ = try pool.storage(count: large)
    let other = try pool.storage(count: large + 64)
    #expect(other.bytes.count == large + 64)
    other.mutableBytes[large + 63] = 1
  }

  /// Storages outlive the pool that they came from, and the pool what it keeps.
  @Test func outlivesItsOwner() throws {
    var pool: StoragePool? = StoragePool(limit: 1)
    let kept = try pool!.storage(count: large)
    _ = try pool!.storage(count: large)
    pool = nil
    kept.mutableBytes[large - 1] = 3
    #expect(kept.bytes[large - 1] == 3)
  }
}
