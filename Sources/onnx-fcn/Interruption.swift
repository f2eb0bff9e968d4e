import Glibc

/// Turns SIGINT and SIGTERM into a call: both are blocked in every thread and waited for by one of its own. The second
/// ends the process at once.
enum Interruption {
  /// Call before any thread is made.
  static func onInterrupt(_ body: @escaping @Sendable () -> Void) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGPIPE, SIG_IGN)
    let waiter = Waiter(signals: signals, body: body)
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<Waiter>.fromOpaque(context!).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(waiter).toOpaque())
    if result == 0 { pthread_detach(thread) }
  }

  private final class Waiter {
    private var signals: sigset_t
    private let body: @Sendable () -> Void

    init(signals: sigset_t, body: @escaping @Sendable () -> Void) {
      self.signals = signals
      self.body = body
    }

    func run() {
      var received: Int32 = 0
      sigwait(&signals, &received)
      body()
      sigwait(&signals, &received)
      _exit(130)
    }
  }
}
