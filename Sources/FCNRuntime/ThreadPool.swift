import Glibc
import Synchronization

/// A fixed set of worker threads, made once per engine. Workers sleep while there is nothing to do, after watching for
/// the next loop for some microseconds: a network is hundreds of short loops. The caller of a parallel loop works too,
/// and several callers may share the pool. Loops never nest.
package final class ThreadPool: @unchecked Sendable {
  /// Threads that work on a loop, the caller included.
  package let threadCount: Int
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let wake: UnsafeMutablePointer<pthread_cond_t>
  private let done: UnsafeMutablePointer<pthread_cond_t>
  private var jobs: [Job] = []
  private var isStopping = false
  /// Loops begun so far.
  private let begun = Atomic<Int>(0)

  /// How long a thread watches before it sleeps: about what waking it costs.
  private static let watch = 40_000
  private var threads: [pthread_t] = []

  /// A loop. Neighbouring indices touch neighbouring lines of memory, which threads should not take from each other:
  /// each works through a range of its own, and only then through what others have left.
  private final class Job: @unchecked Sendable {
    private let count: Int
    private let body: (Int, Int) -> Void
    private let ranges: Int
    /// The next index of each range, `pitch` counters apart: threads that work through ranges of their own write to
    /// different lines, also of those that are fetched in pairs.
    private let next: UnsafeMutablePointer<Atomic<Int>>
    private static let pitch = 16
    /// Workers inside `body`, and worker numbers given out; written under the pool's mutex.
    let active = Atomic<Int>(0)
    var joined = 0

    init(count: Int, threads: Int, body: @escaping (Int, Int) -> Void) {
      self.count = count
      self.body = body
      ranges = min(count, threads)
      next = .allocate(capacity: ranges * Job.pitch)
      for range in 0..<ranges { (next + range * Job.pitch).initialize(to: Atomic(start(range))) }
    }

    deinit {
      for range in 0..<ranges { (next + range * Job.pitch).deinitialize(count: 1) }
      next.deallocate()
    }

    private func start(_ range: Int) -> Int { count / ranges * range + min(range, count % ranges) }

    func work(as worker: Int) {
      for distance in 0..<ranges {
        let range = (worker + distance) % ranges
        let end = start(range + 1)
        while next[range * Job.pitch].load(ordering: .relaxed) < end {
          let index = next[range * Job.pitch].wrappingAdd(1, ordering: .relaxed).oldValue
          if index >= end { break }
          body(index, worker)
        }
      }
    }

    var isExhausted: Bool {
      (0..<ranges).allSatisfy { next[$0 * Job.pitch].load(ordering: .relaxed) >= start($0 + 1) }
    }
  }

  /// - Parameter threadCount: at least 1; the pool makes one thread less.
  package init(threadCount: Int) {
    self.threadCount = max(1, min(threadCount, 256))
    mutex = .allocate(capacity: 1)
    wake = .allocate(capacity: 1)
    done = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wake, nil)
    pthread_cond_init(done, nil)
    for _ in 1..<self.threadCount {
      var thread = pthread_t()
      let me = Unmanaged.passUnretained(self).toOpaque()
      let code = pthread_create(
        &thread, nil,
        { argument in
          Unmanaged<ThreadPool>.fromOpaque(argument!).takeUnretainedValue().serve()
          return nil
        }, me)
      if code == 0 { threads.append(thread) }
    }
  }

  /// Processors that are online.
  package static func availableProcessors() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// As `run` below, but indices are left out once `isCancelled`; then the results are incomplete.
  package func run(
    _ count: Int, unless isCancelled: () -> Bool, _ body: (_ index: Int, _ worker: Int) -> Void
  ) {
    run(count) { index, worker in if !isCancelled() { body(index, worker) } }
  }

  /// Calls `body(index, worker)` once for every index below `count`; `worker` < `threadCount` is unique among
  /// concurrent calls of this loop. Returns when all are done.
  package func run(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
    if count <= 1 || threadCount == 1 {
      for index in 0..<max(0, count) { body(index, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      let job = Job(count: count, threads: threadCount, body: body)
      job.joined = 1
      pthread_mutex_lock(mutex)
      jobs.append(job)
      begun.wrappingAdd(1, ordering: .releasing)
      pthread_cond_broadcast(wake)
      pthread_mutex_unlock(mutex)
      job.work(as: 0)
      ThreadPool.watch { job.active.load(ordering: .acquiring) == 0 }
      pthread_mutex_lock(mutex)
      jobs.removeAll { $0 === job }
      while job.active.load(ordering: .acquiring) > 0 { pthread_cond_wait(done, mutex) }
      pthread_mutex_unlock(mutex)
    }
  }

  private func serve() {
    pthread_mutex_lock(mutex)
    while true {
      if !isStopping && !hasWork {
        let seen = begun.load(ordering: .acquiring)
        pthread_mutex_unlock(mutex)
        ThreadPool.watch { begun.load(ordering: .acquiring) != seen }
        pthread_mutex_lock(mutex)
      }
      while !isStopping && !hasWork { pthread_cond_wait(wake, mutex) }
      if isStopping { break }
      guard let job = jobs.first(where: { !$0.isExhausted && $0.joined < threadCount }) else { continue }
      let worker = job.joined
      job.joined += 1
      job.active.wrappingAdd(1, ordering: .acquiringAndReleasing)
      pthread_mutex_unlock(mutex)
      job.work(as: worker)
      pthread_mutex_lock(mutex)
      if job.active.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { pthread_cond_broadcast(done) }
    }
    pthread_mutex_unlock(mutex)
  }

  /// Guarded by the mutex.
  private var hasWork: Bool { jobs.contains { !$0.isExhausted && $0.joined < threadCount } }

  /// Returns as soon as the condition holds, or after a while.
  private static func watch(_ condition: () -> Bool) {
    func nanoseconds() -> Int {
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
    if condition() { return }
    let end = nanoseconds() + watch
    while !condition() && nanoseconds() < end {}
  }

  deinit {
    pthread_mutex_lock(mutex)
    isStopping = true
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(mutex)
    for thread in threads { pthread_join(thread, nil) }
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(wake)
    pthread_cond_destroy(done)
    mutex.deallocate()
    wake.deallocate()
    done.deallocate()
  }
}
