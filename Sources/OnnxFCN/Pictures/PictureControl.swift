package import FCNRuntime

/// Cancels runs and hears of their progress. One control may serve many runs, one after another.
public final class PictureControl: Sendable {
  package let run: RunControl

  /// - Parameter onProgress: called after every step with the number of steps done and of all, from the running thread.
  public init(onProgress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil) {
    if let onProgress {
      run = RunControl(onStep: { index, total in onProgress(index + 1, total) })
    } else {
      run = RunControl()
    }
  }

  /// Runs stop after their current step, and later ones do not begin. May be called from any thread.
  public func cancel() { run.cancel() }
  public var isCancelled: Bool { run.isCancelled }

  func check() throws(FCNError) {
    if isCancelled { throw FCNError(.cancelled, "interrupted") }
  }
}
