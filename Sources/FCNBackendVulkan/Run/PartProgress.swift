import FCNRuntime
import Synchronization

/// What the listener of a request hears of its parts, in steps of the whole request: steps that are over grow with the
/// parts that are, and the time of a step is that of all parts together.
final class PartProgress: Sendable {
  private struct Tally {
    /// Steps of the parts that are over, and of the whole that the listener knows to be.
    var done = 0
    var told = 0
    var milliseconds: [Double]
  }

  private let control: RunControl
  /// Of each part, the step of the whole request for each of its own.
  private let steps: [[Int]]
  private let total: Int
  private let state: Mutex<Tally>

  init(_ plan: Plan, parts: [Plan], _ control: RunControl) {
    self.control = control
    let whole = plan.steps
    var places: [StoredValue: Int] = [:]
    for (index, step) in whole.enumerated() { for case let output? in step.outputs { places[output] = index } }
    // Kernels do not depend on regions: a part has the steps of the whole or fewer.
    steps = parts.map { part in
      part.steps.map { step in step.outputs.compactMap { $0.flatMap { places[$0] } }.first ?? 0 }
    }
    total = whole.count
    state = Mutex(Tally(milliseconds: Array(repeating: 0, count: whole.count)))
  }

  func control(ofPart part: Int) -> RunControl {
    let places = steps[part]
    var onStep: (@Sendable (Int, Int) -> Void)?
    if let listener = control.onStep { onStep = { [self] _, _ in tell(listener) } }
    var onTime: ((Int, Double) -> Void)?
    if control.onTime != nil {
      onTime = { [self] step, time in state.withLock { $0.milliseconds[places[step]] += time } }
    }
    var observer: ((Int, BufferView) -> Void)?
    if let listener = control.observer { observer = { step, view in listener(places[step], view) } }
    return RunControl(onStep: onStep, onTime: onTime, observer: observer, parent: control)
  }

  /// One more step of a part is over.
  private func tell(_ onStep: (Int, Int) -> Void) {
    let all = steps.reduce(0) { $0 + $1.count }
    let range = state.withLock { state in
      state.done += 1
      let range = state.told..<max(state.told, state.done * total / all)
      state.told = range.upperBound
      return range
    }
    for step in range { onStep(step, total) }
  }

  /// After the last part.
  func end() {
    guard let onTime = control.onTime else { return }
    for (step, time) in state.withLock({ $0.milliseconds }).enumerated() { onTime(step, time) }
  }
}
