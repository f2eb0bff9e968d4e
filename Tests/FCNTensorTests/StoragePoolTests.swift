import FCNTensor
import Testing

@Suite struct StoragePoolTests {
  private let large = 8 << 20

  private func start(_ storage: Storage) -> UInt { UInt(bitPattern: storage.bytes.baseAddress) }

  /// Another block may take the freed one's place, were it given back to the system.
  @Test func givesFreedMemoryToTheNext() throws {
    let pool = StoragePool(limit: 1)
    var first: Storage? = try pool.storage(count: large)
    let place = start(first!)
    first = nil
    let other = try Storage(count: large)
    let second = try pool.storage(count: large)
    #expect(start(other) != place)
    #expect(start(second) == place)
    second.mutableBytes.storeBytes(of: 7, as: UInt8.self)
    #expect(second.bytes[0] == 7)
  }

  @Test func neverSharesWhatIsInUse() throws {
    let pool = StoragePool(limit: 4)
    var all = try (0..<3).map { _ in try pool.storage(count: large) }
    let freed = start(all.removeLast())
    all += try (0..<2).map { _ in try pool.storage(count: large) }
    #expect(Set(all.map(start)).count == 4)
    #expect(all.map(start).contains(freed))
  }

  @Test func keepsOtherSizesApart() throws {
    let pool = StoragePool(limit: 2)
    var first: Storage? = try pool.storage(count: large)
    let place = start(first!)
    first = nil
    let other = try pool.storage(count: large + 64)
    #expect(start(other) != place)
    other.mutableBytes[large + 63] = 1
  }

  /// The newest are kept, as many as the limit says.
  @Test func keepsNoMoreThanItsLimit() throws {
    let pool = StoragePool(limit: 1)
    var (first, second): (Storage?, Storage?) = (try pool.storage(count: large), try pool.storage(count: large))
    let places = (start(first!), start(second!))
    first = nil
    second = nil
    let kept = try pool.storage(count: large)
    #expect(start(kept) == places.1)
    #expect(start(kept) != places.0)
  }

  /// A closed pool keeps nothing, and what it lent lives on.
  @Test func outlivesItsOwner() throws {
    let pool = StoragePool(limit: 1)
    let kept = try pool.storage(count: large)
    _ = try pool.storage(count: large)
    pool.close()
    let next = try pool.storage(count: large)
    #expect(start(next) != start(kept))
    kept.mutableBytes[large - 1] = 3
    #expect(kept.bytes[large - 1] == 3)
  }
}
