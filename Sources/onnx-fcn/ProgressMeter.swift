import ArgumentParser
import OnnxFCN
import Synchronization

enum ProgressStyle: String, ExpressibleByArgument, CaseIterable, Sendable { case auto, bar, plain, json, none }

/// Progress of runs that take more than a second, on standard error.
final class ProgressMeter: Sendable {
  private struct State {
    var label = ""
    var place = ""
    var began = 0.0
    var last = 0.0
    var isShown = false
  }

  private let style: ProgressStyle
  private let state = Mutex(State())

  init(_ style: ProgressStyle, isQuiet: Bool) {
    if isQuiet {
      self.style = .none
    } else {
      self.style = style == .auto ? (Console.isErrorTerminal ? .bar : .plain) : style
    }
  }

  func begin(_ label: String, index: Int, of count: Int) {
    state.withLock {
      $0 = State(label: label, place: count > 1 ? "\(index + 1)/\(count) " : "", began: monotonicSeconds())
    }
  }

  /// Called from the running thread after every step.
  func step(_ done: Int, _ total: Int) {
    if style == .none { return }
    state.withLock { state in
      let now = monotonicSeconds()
      let pause = style == .bar ? 0.1 : 2.0
      guard now - state.began > 1, now - state.last > pause, done < total else { return }
      state.last = now
      let percent = done * 100 / total
      switch style {
      case .bar:
        let filled = done * 24 / total
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
        Console.status("\r[\(bar)] \(percent) % \(state.place)\(state.label)\u{1B}[K")
        state.isShown = true
      case .json:
        Console.note("{\"event\":\"progress\",\"done\":\(done),\"total\":\(total),\"percent\":\(percent)}")
      case .plain: Console.note("\(state.place)\(state.label): \(percent) %")
      case .auto, .none: break
      }
    }
  }

  /// Takes the bar away.
  func end() {
    state.withLock { state in
      if state.isShown { Console.status("\r\u{1B}[K") }
      state.isShown = false
    }
  }
}
