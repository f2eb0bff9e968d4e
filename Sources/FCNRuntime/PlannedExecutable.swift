import FCNGraph
import FCNTensor
import Glibc

/// A plan with its kernels: what every backend that runs on this machine's memory prepares.
package final class PlannedExecutable: Executable {
  private let program: HostProgram
  package var plan: Plan { program.plan }

  /// - Parameter kernels: one per step; views are never run.
  package init(_ plan: Plan, kernels: [any StepKernel], pool: ThreadPool) throws(RuntimeError) {
    program = try HostProgram(plan, kernels: kernels, pool: pool)
  }

  package func makeSession() throws(RuntimeError) -> any SessionCore { try PlannedSession(program) }
}

/// Arena and scratch memory of one thread of use.
final class PlannedSession: SessionCore {
  private let plan: Plan
  private let host: HostRun

  init(_ program: HostProgram) throws(RuntimeError) {
    plan = program.plan
    host = try HostRun(program)
  }

  func run(_ inputs: [any RegionSource], into outputs: [any RegionSink], control: RunControl) throws(RuntimeError) {
    defer { host.release() }
    try host.begin(inputs, into: outputs)
    for (index, step) in plan.steps.enumerated() {
      let cancelled = RuntimeError(.cancelled, "cancelled after \(index) of \(plan.steps.count) steps")
      if control.isCancelled { throw cancelled }
      let start = control.onTime == nil ? 0 : Clock.milliseconds()
      if !step.isAlias {
        try host.run(step: index, control: control)
        // The kernel may have left the rest of its loop out.
        if control.isCancelled { throw cancelled }
      }
      if let onTime = control.onTime { onTime(index, Clock.milliseconds() - start) }
      control.onStep?(index, plan.steps.count)
      if let observer = control.observer, let output = step.outputs[0], let view = host.view(output) {
        observer(index, view)
      }
    }
    try host.end(outputs)
  }
}

/// Time since some fixed moment.
package enum Clock {
  package static func milliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
  }
}
