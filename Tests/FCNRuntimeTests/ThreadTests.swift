import FCNBackendCPU
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Glibc
import Synchronization
import Testing

/// Bits depend neither on the number of threads nor on who else runs.
@Suite struct ThreadTests {
  @Test(arguments: Network.all)
  func threadCountsAgree(_ network: Network) throws {
    let inputs = try network.inputs()
    let sized = try SizedGraph(try network.graph(), for: inputs)
    for family in [KernelFamily.auto, .direct, .blas] {
      let results = try [1, 2, 5].map { count in
        try PlannedRun(sized, CPUBackend(pool: ThreadPool(threadCount: count), family: family)).outputs(inputs)
      }
      for other in results.dropFirst() {
        for (a, b) in zip(results[0], other) { #expect(a.hasBits(of: b), "\(family.rawValue)") }
      }
    }
  }

  /// Kernels of blocked feature maps cut their work by the number of threads.
  @Test(arguments: OperatorCase.all.filter { $0.name.hasPrefix("blocked") })
  func threadCountsAgreeOnCases(_ example: OperatorCase) throws {
    let (graph, inputs) = try example.make()
    let sized = try SizedGraph(graph, for: inputs)
    for set in InstructionSet.allCases where set.isAvailable {
      let results = try [1, 2, 5].map { count in
        try PlannedRun(sized, CPUBackend(pool: ThreadPool(threadCount: count), instructionSet: set)).outputs(inputs)
      }
      for other in results.dropFirst() {
        for (a, b) in zip(results[0], other) { #expect(a.hasBits(of: b), "\(set.rawValue)") }
      }
    }
  }

  /// One executable, eight threads, each with a session and its own input.
  @Test(arguments: ["unet_deconv", "lraspp_mnv3", "unet3d"])
  func sharedExecutable(_ name: String) throws {
    let network = Network(name: name)
    let given = try network.inputs()[0]
    let sized = try SizedGraph(try network.graph(), for: [given])
    let inputs = try (0..<8).map { index in
      try HostTensor(
        doubles: given.doubles().map { $0 * (1 + Double(index)) / 3 }, elementType: .float32, shape: given.shape)
    }
    let run = try PlannedRun(sized, CPUBackend(pool: ThreadPool(threadCount: 3)))
    let expected = try inputs.map { try run.outputs([$0])[0] }
    let wrong = Mutex<[String]>([])
    let jobs = inputs.indices.map { index in
      Job {
        for _ in 0..<5 {
          do {
            let result = try run.outputs([inputs[index]])[0]
            if !result.hasBits(of: expected[index]) { wrong.withLock { $0.append("input \(index)") } }
          } catch { wrong.withLock { $0.append("\(error)") } }
        }
      }
    }
    Job.run(jobs)
    #expect(wrong.withLock { $0 } == [])
  }

  /// A session keeps nothing from one run to the next.
  @Test func sessionRunsAgain() throws {
    let network = Network(name: "unet_bilinear")
    let given = try network.inputs()[0]
    let run = try PlannedRun(try SizedGraph(try network.graph(), for: [given]), Backends.families[0])
    let other = try HostTensor(doubles: given.doubles().map { -$0 }, elementType: .float32, shape: given.shape)
    let session = try run.executable.makeSession()
    var results: [HostTensor] = []
    for input in [given, other, given] {
      let sink = TensorSink()
      try session.run([input], into: [sink], control: RunControl())
      results.append(try #require(sink.tensor))
    }
    #expect(results[0].hasBits(of: results[2]) && !results[0].hasBits(of: results[1]))
  }

  @Test(arguments: [1, 2, 5, 300])
  func everyIndexOnce(_ threads: Int) {
    let pool = ThreadPool(threadCount: threads)
    #expect(pool.threadCount == min(threads, 256))
    for count in [0, 1, 2, 7, 1000] {
      let seen = (0..<count).map { _ in Counter() }
      let busy = (0..<pool.threadCount).map { _ in Counter() }
      let clashes = Counter()
      pool.run(count) { index, worker in
        if busy[worker].add(1) != 0 { _ = clashes.add(1) }
        _ = seen[index].add(1)
        _ = busy[worker].add(-1)
      }
      #expect(seen.allSatisfy { $0.value == 1 } && clashes.value == 0)
    }
  }

  /// A thread that is held up leaves the rest of its range to others, and callers share the pool.
  @Test func othersTakeOver() {
    let pool = ThreadPool(threadCount: 3)
    let (done, late) = (Counter(), Counter())
    pool.run(100) { index, _ in
      if index == 0 {
        var patience = 20_000
        while done.value < 99 && patience > 0 {
          usleep(1000)
          patience -= 1
        }
        if done.value < 99 { _ = late.add(1) }
      }
      _ = done.add(1)
    }
    #expect(done.value == 100 && late.value == 0)

    let seen = (0..<2).map { _ in (0..<500).map { _ in Counter() } }
    let jobs = seen.map { counters in
      Job { for _ in 0..<20 { pool.run(counters.count) { index, _ in _ = counters[index].add(1) } } }
    }
    Job.run(jobs)
    #expect(seen.allSatisfy { $0.allSatisfy { $0.value == 20 } })
  }

  private final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func add(_ amount: Int) -> Int { count.wrappingAdd(amount, ordering: .acquiringAndReleasing).oldValue }
    var value: Int { count.load(ordering: .acquiring) }
  }

  /// Work for a thread of its own.
  private final class Job: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    /// Starts all and waits for all.
    static func run(_ jobs: [Job]) {
      let threads = jobs.map { job in
        var thread = pthread_t()
        let code = pthread_create(
          &thread, nil,
          { argument in
            Unmanaged<Job>.fromOpaque(argument!).takeRetainedValue().body()
            return nil
          }, Unmanaged.passRetained(job).toOpaque())
        precondition(code == 0)
        return thread
      }
      for thread in threads { pthread_join(thread, nil) }
    }
  }
}
