import Glibc
import Synchronization

/// Memory of freed results for the next ones: a large block that was written before costs no page faults. At most
/// `limit` blocks are kept while nobody uses them; they go with the pool.
package final class StoragePool: Sendable {
  private let limit: Int
  private let idle = Mutex<[Block]>([])

  private struct Block: @unchecked Sendable {
    var start: UnsafeMutableRawPointer
    var count: Int
  }

  package init(limit: Int) { self.limit = limit }

  /// `count` uninitialised bytes that come back when the storage is freed; small ones are not kept.
  /// - Throws: `TensorError.memory` when the allocation fails.
  package func storage(count: Int) throws(TensorError) -> Storage {
    guard count >= Storage.large else { return try Storage(count: count) }
    let block = idle.withLock { blocks in
      blocks.firstIndex { $0.count == count }.map { blocks.remove(at: $0) }
    }
    return try Storage(count: count, block: block?.start, of: self)
  }

  /// Takes a block back. The newest are kept: they are the likeliest to be asked for again.
  func giveBack(_ start: UnsafeMutableRawPointer, count: Int) {
    let block = Block(start: start, count: count)
    let surplus = idle.withLock { blocks in
      blocks.append(block)
      return blocks.count > limit ? blocks.removeFirst() : nil
    }
    if let surplus { free(surplus.start) }
  }

  deinit {
    for block in idle.withLock({ $0 }) { free(block.start) }
  }
}
