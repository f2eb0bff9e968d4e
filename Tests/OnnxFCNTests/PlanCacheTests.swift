import FCNTensor
import Glibc
import OnnxFCN
import Synchronization
import Testing

/// Plans that threads make at the same time, and reports of sizes that no machine runs.
@Suite struct PlanCacheTests {
  private static func model(_ dims: [Int], threads: Int = 1) throws -> Model {
    let weights = Wire.floats("w", (0..<64 * 64).map { Float($0 % 7) - 3 }, shape: [1, 1, 64, 64])
    let pads = Wire.attribute("pads", [32, 32, 31, 31])
    let nodes = [
      Wire.node("Conv", ["x", "w"], ["h"], [pads], name: "first"),
      Wire.node("Conv", ["h", "w"], ["y"], [pads], name: "second"),
    ]
    return try Model(
      bytes: Wire.model(nodes: nodes, constants: [weights], input: dims),
      engine: Engine(options: EngineOptions(threads: threads)))
  }

  /// The work of two layers is more than an integer counts: the sum stops at the largest.
  @Test func operationsSaturate() throws {
    let side = 1 << 25
    let report = try ModelReport(try Self.model([1, 1, side, side]), sizes: .declared)
    #expect(report.failure == nil && report.kernels.count == 2)
    #expect(report.kernels.map(\.flops) == [.max, .max])
    #expect(report.flops == .max)
    let small = try ModelReport(try Self.model([1, 1, 64, 64]), sizes: .declared)
    #expect(small.flops == 2 * 2 * 64 * 64 * 64 * 64)
  }

  /// Threads that plan the same sizes at once all get the plan that is kept, and it runs.
  @Test func threadsShareOnePlan() throws {
    let model = try Self.model([1, 1, 20, 24], threads: 2)
    for round in 0..<8 {
      let dims = [1, 1, 20 + round, 24]
      let x = try HostTensor((0..<dims.reduce(1, *)).map { Float($0 % 13) - 6 }, shape: Shape(dims))
      let made = Mutex<[PreparedPlan]>([])
      let results = Mutex<[HostTensor]>([])
      let failures = Mutex<[String]>([])
      let race = Race { _ in
        do {
          let plan = try model.prepared([x.shape])
          made.withLock { $0.append(plan) }
          for result in try plan.run([x]) { results.withLock { $0.append(result) } }
        } catch { failures.withLock { $0.append("\(error)") } }
      }
      race.run(threads: 2)
      #expect(failures.withLock { $0 }.isEmpty)
      let kept = try model.prepared([x.shape])
      #expect(made.withLock { $0.count } == 2 && made.withLock { $0.allSatisfy { $0 === kept } })
      let expected = try kept.run([x])[0].doubles()
      #expect(results.withLock { $0.count } == 2)
      #expect(results.withLock { $0.allSatisfy { $0.doubles() == expected } })
    }
  }
}

/// A body run by several threads that start together.
private final class Race: Sendable {
  private let body: @Sendable (Int) -> Void
  private let arrived = Atomic<Int>(0)
  private let expected = Atomic<Int>(0)

  init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }

  func run(threads count: Int) {
    expected.store(count, ordering: .releasing)
    var threads: [pthread_t] = []
    for _ in 0..<count {
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { context in
          Unmanaged<Race>.fromOpaque(context!).takeUnretainedValue().start()
          return nil
        }, Unmanaged.passUnretained(self).toOpaque())
      threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
  }

  private func start() {
    let number = arrived.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
    while arrived.load(ordering: .acquiring) < expected.load(ordering: .acquiring) { sched_yield() }
    body(number)
  }
}
