import FCNGraph
package import FCNRuntime
package import FCNTensor
import Synchronization

/// An executable with idle sessions: concurrent runs take one each, one is kept for the next run, and so is the memory
/// of one run's outputs. Where a device fails, the next way of running the same request takes over.
package final class PreparedPlan: Sendable {
  private let state: Mutex<State>
  /// Held while a replacement is made: of the runs that failed, one makes it and the others wait for it.
  private let fallback: Mutex<RequestFallback?>
  private let outputs: StoragePool

  private struct State: @unchecked Sendable {
    var executable: any Executable
    var idle: [any SessionCore] = []
    /// How often the executable was replaced.
    var generation = 0
  }

  init(_ executable: any Executable, fallback: RequestFallback? = nil) {
    state = Mutex(State(executable: executable))
    self.fallback = Mutex(fallback)
    outputs = StoragePool(limit: executable.plan.sized.graph.outputs.count)
  }

  deinit { outputs.close() }

  package var executable: any Executable { state.withLock { $0.executable } }
  package var plan: Plan { executable.plan }

  /// Runs with a session of its own.
  package func run(_ inputs: [HostTensor], control: RunControl = RunControl()) throws(RuntimeError) -> [HostTensor] {
    while true {
      let taken = take()
      do throws(RuntimeError) {
        let session: any SessionCore
        if let idle = taken.idle { session = idle } else { session = try taken.executable.makeSession() }
        let sinks = taken.executable.plan.sized.graph.outputs.map { _ in TensorSink(pool: outputs) }
        // A session that failed is not used again: its device may not be done with it.
        try session.run(inputs, into: sinks, control: control)
        give(session, taken.generation)
        return sinks.map { $0.tensor! }
      } catch {
        guard try replace(after: error, taken.generation) else { throw error }
      }
    }
  }

  private struct Taken: @unchecked Sendable {
    var executable: any Executable
    var idle: (any SessionCore)?
    var generation: Int
  }

  private func take() -> Taken {
    state.withLock { Taken(executable: $0.executable, idle: $0.idle.popLast(), generation: $0.generation) }
  }

  private func give(_ session: any SessionCore, _ generation: Int) {
    let taken = Given(session: session)
    state.withLock { state in
      if state.idle.isEmpty && state.generation == generation { state.idle.append(taken.session) }
    }
  }

  private struct Given: @unchecked Sendable { var session: any SessionCore }

  /// Whether there is now something else to run; another thread may have seen to it.
  private func replace(after error: RuntimeError, _ generation: Int) throws(RuntimeError) -> Bool {
    switch error.code {
    case .device, .deviceLost, .memory: break
    case .input, .unsupported, .cancelled, .data: return false
    }
    return try fallback.withLock { (fallback) throws(RuntimeError) in
      guard let failed = failed(generation) else { return true }
      guard let made = try fallback?.next(after: error, failed) else { return false }
      let replacement = Replacement(executable: made)
      state.withLock { state in
        state.executable = replacement.executable
        state.idle = []
        state.generation += 1
      }
      return true
    }
  }

  private struct Replacement: @unchecked Sendable { var executable: any Executable }

  /// The executable of that generation; nil: it was replaced.
  private func failed(_ generation: Int) -> (any Executable)? {
    state.withLock { state in
      if state.generation != generation { return nil }
      // The arenas of an idle session are of no use to what comes.
      state.idle = []
      return state.executable
    }
  }
}
