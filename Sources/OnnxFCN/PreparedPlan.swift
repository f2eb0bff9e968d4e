import FCNGraph
package import FCNRuntime
package import FCNTensor
import Synchronization

/// An executable with idle sessions: concurrent runs take one each, one is kept for the next run, and so is the memory
/// of one run's outputs. Where a device fails, the next way of running the same request takes over.
package final class PreparedPlan: Sendable {
  private let state: Mutex<State>
  private let outputs: StoragePool

  private struct State: @unchecked Sendable {
    var executable: any Executable
    var idle: [any SessionCore] = []
    var fallback: RequestFallback?
    /// How often the executable was replaced.
    var generation = 0
  }

  init(_ executable: any Executable, fallback: RequestFallback? = nil) {
    state = Mutex(State(executable: executable, fallback: fallback))
    outputs = StoragePool(limit: executable.plan.sized.graph.outputs.count)
  }

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
    return try state.withLock { (state) throws(RuntimeError) in
      if state.generation != generation { return true }
      // The arenas of an idle session are of no use to what comes.
      state.idle = []
      guard let made = try state.fallback?.next(after: error, state.executable) else { return false }
      state.executable = made
      state.generation += 1
      return true
    }
  }
}
