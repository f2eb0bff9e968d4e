import FCNGraph
package import FCNRuntime
package import FCNTensor
import Synchronization

/// An executable with idle sessions: concurrent runs take one each, one is kept for the next run.
package final class PreparedPlan: Sendable {
  package let executable: any Executable
  private let idle = Mutex<IdleSessions>(IdleSessions())

  private struct IdleSessions: @unchecked Sendable {
    var list: [any SessionCore] = []
  }

  init(_ executable: any Executable) { self.executable = executable }

  package var plan: Plan { executable.plan }

  /// Runs with a session of its own.
  package func run(_ inputs: [HostTensor], control: RunControl = RunControl()) throws(RuntimeError) -> [HostTensor] {
    let sinks = plan.sized.graph.outputs.map { _ in TensorSink() }
    let session = try take()
    do throws(RuntimeError) {
      try session.run(inputs, into: sinks, control: control)
    } catch {
      give(session)
      throw error
    }
    give(session)
    return sinks.map { $0.tensor! }
  }

  private func take() throws(RuntimeError) -> any SessionCore {
    let found: Taken = idle.withLock { Taken(session: $0.list.popLast()) }
    if let session = found.session { return session }
    return try executable.makeSession()
  }

  private struct Taken: @unchecked Sendable { var session: (any SessionCore)? }

  private func give(_ session: any SessionCore) {
    let taken = Taken(session: session)
    idle.withLock { if $0.list.isEmpty { $0.list.append(taken.session!) } }
  }
}
