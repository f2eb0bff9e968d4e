import Glibc
import OnnxFCN
import Synchronization
import Testing

/// One model is immutable: any number of threads run it, with the same bits.
@Suite struct ModelTests {
  private static let path =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    + "/testdata/networks/unet_bilinear/model.onnx"

  private static func input(_ seed: Int) throws -> Tensor {
    let values = (0..<3 * 64 * 48).map { Float(($0 &* 7919 &+ seed) % 1009) / 1009 }
    return try Tensor(shape: [1, 3, 64, 48], floats: values)
  }

  private static func model(threads: Int) throws -> Model {
    try Model(path: path, engine: Engine(options: EngineOptions(threads: threads)))
  }

  private static func bits(_ tensors: [Tensor]) -> [[UInt8]] { tensors.map { $0.withUnsafeBytes { Array($0) } } }

  @Test func eightThreadsShareOneModel() throws {
    let model = try Self.model(threads: 2)
    let inputs = try (0..<4).map(Self.input)
    let alone = try inputs.map { Self.bits(try model.run([$0])) }
    let differing = Mutex<[Int]>([])
    let work = Work { thread in
      for index in inputs.indices {
        let result = (try? model.run([inputs[index]])).map(Self.bits)
        if result != alone[index] { differing.withLock { $0.append(thread) } }
      }
    }
    work.run(threads: 8)
    #expect(differing.withLock { $0 }.isEmpty)
  }

  @Test(arguments: [2, 5]) func bitsDoNotDependOnThreads(_ threads: Int) throws {
    let x = try Self.input(3)
    let one = Self.bits(try Self.model(threads: 1).run([x]))
    #expect(Self.bits(try Self.model(threads: threads).run([x])) == one)
  }

  @Test func sizesFollowOneAnother() throws {
    let model = try Self.model(threads: 2)
    let first = Self.bits(try model.run([try Self.input(1)]))
    for side in [16, 32, 48, 64, 80, 96] {
      let x = try Tensor(shape: [1, 3, side, side], floats: [Float](repeating: 0.25, count: 3 * side * side))
      #expect(try model.run([x])[0].shape.suffix(2) == [side, side])
    }
    #expect(Self.bits(try model.run([try Self.input(1)])) == first)
  }

  /// Memory of released results serves later runs, that of held ones never. Results of 4 MiB and more are kept so.
  @Test func heldResultsStayWhatTheyAre() throws {
    let path = Self.path.replacing("unet_bilinear", with: "plain")
    let model = try Model(path: path, engine: Engine(options: EngineOptions(threads: 2)))
    let side = 768
    let inputs = try (1..<4).map { seed in
      try Tensor(
        shape: [1, 3, side, side],
        floats: (0..<3 * side * side).map { Float(($0 &* 7919 &+ seed) % 1009) / 1009 })
    }
    var held: [Tensor]? = try model.run([inputs[0]])
    #expect(held![0].count * 4 >= 4 << 20)
    let first = Self.bits(held!)
    let second = Self.bits(try model.run([inputs[1]]))
    #expect(second != first)
    _ = try model.run([inputs[2]])
    #expect(Self.bits(held!) == first)
    held = nil
    #expect(Self.bits(try model.run([inputs[1]])) == second)
    #expect(Self.bits(try model.run([inputs[0]])) == first)
  }

  @Test func missingInputsAreAnError() throws {
    let error = #expect(throws: FCNError.self) { try Self.model(threads: 1).run([]) }
    #expect(error?.category == .input)
  }
}

/// A body run by several threads at once.
private final class Work: Sendable {
  private let body: @Sendable (Int) -> Void
  private let next = Atomic<Int>(0)

  init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }

  func run(threads count: Int) {
    var threads: [pthread_t] = []
    for _ in 0..<count {
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { context in
          let work = Unmanaged<Work>.fromOpaque(context!).takeUnretainedValue()
          work.body(work.next.wrappingAdd(1, ordering: .relaxed).oldValue)
          return nil
        }, Unmanaged.passUnretained(self).toOpaque())
      threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
  }
}
