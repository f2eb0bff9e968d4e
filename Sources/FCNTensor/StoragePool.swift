import Glibc
import Synchronization

/// Memory of freed results for the next ones: a large block that was written before costs no page faults. At most
/// `limit` blocks are kept while nobody uses them, until the pool is closed.
package final class StoragePool: Sendable {
  private let limit: Int
  private let state = Mutex(State())

  private struct State {
    var idle: [Block] = []
    var isClosed = false
  }

  private struct Block: @unchecked Sendable {
    var start: UnsafeMutableRawPointer
    var count: Int
  }

  package init(limit: Int) { self.limit = limit }

  /// `count` uninitialised bytes that come back when the storage is freed; small ones are not kept.
  /// - Throws: `TensorError.memory` when the allocation fails.
  package func storage(count: Int) throws(TensorError) -> Storage {
    guard count >= Storage.large else { return try Storage(count: count) }
    let block = state.withLock { state in
      state.idle.firstIndex { $0.count == count }.map { state.idle.remove(at: $0) }
    }
    return try Storage(count: count, block: block?.start, givenBackTo: { [self] in giveBack($0, count: $1) })
  }

  /// Takes a block back. The newest are kept: they are the likeliest to be asked for again.
  private func giveBack(_ start: UnsafeMutableRawPointer, count: Int) {
    let block = Block(start: start, count: count)
    let surplus: Block? = state.withLock { state in
      if state.isClosed { return block }
      state.idle.append(block)
      return state.idle.count > limit ? state.idle.removeFirst() : nil
    }
    if let surplus { free(surplus.start) }
  }

  /// Frees what is kept, and from now on what comes back: nobody will ask again.
  package func close() {
    let idle = state.withLock { state in
      defer { state = State(idle: [], isClosed: true) }
      return state.idle
    }
    for block in idle { free(block.start) }
  }

  deinit { close() }
}
