import Glibc
import Synchronization

/// Turns SIGINT and SIGTERM into a call. The handler, which may run in any thread (libraries have made some before
/// `main`), only writes to a pipe that a thread of its own reads. The second signal ends the process at once.
enum Interruption {
  static func onInterrupt(_ body: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return }
    interruptionPipe.store(ends[1], ordering: .sequentiallyConsistent)
    let waiter = Waiter(descriptor: ends[0], body: body)
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<Waiter>.fromOpaque(context!).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(waiter).toOpaque())
    guard result == 0 else { return }
    pthread_detach(thread)
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        let saved = errno
        var byte: UInt8 = 0
        _ = write(interruptionPipe.load(ordering: .relaxed), &byte, 1)
        errno = saved
      }
    }
    signal(SIGPIPE, SIG_IGN)
  }

  private final class Waiter {
    private let descriptor: Int32
    private let body: @Sendable () -> Void

    init(descriptor: Int32, body: @escaping @Sendable () -> Void) {
      self.descriptor = descriptor
      self.body = body
    }

    func run() {
      wait()
      body()
      wait()
      _exit(130)
    }

    private func wait() {
      var byte: UInt8 = 0
      while read(descriptor, &byte, 1) < 0 && errno == EINTR {}
    }
  }
}

/// Where the handler writes: signal handlers capture nothing.
private let interruptionPipe = Atomic<Int32>(-1)
