import FCNGraph
import FCNTensor

/// A kernel bound to one step of a plan; immutable, shared by sessions.
package protocol StepKernel: Sendable {
  func run(_ context: StepContext) throws(RuntimeError)
}

/// What a kernel sees of a running session.
package struct StepContext {
  package let inputs: [BufferView?]
  package let outputs: [BufferView?]
  package let residual: BufferView?
  let pool: ThreadPool
  let control: RunControl
  /// `scratchBytes` for each of the pool's threads, 64-byte aligned.
  package let scratch: UnsafeMutableRawPointer
  package let scratchStride: Int
  /// `sharedBytes`, 64-byte aligned.
  package let shared: UnsafeMutableRawPointer
  /// Inputs of a Concat that lie in place already.
  package let placedInputs: Set<Int>

  package var threadCount: Int { pool.threadCount }

  /// A parallel loop of the session's pool; a cancelled run leaves the rest of it out.
  package func run(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
    pool.run(count, unless: { control.isCancelled }, body)
  }

  package func scratch(worker: Int) -> UnsafeMutableRawPointer { scratch + worker * scratchStride }
}
