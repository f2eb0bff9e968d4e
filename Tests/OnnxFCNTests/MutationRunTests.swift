import FCNTensor
import FCNTestKit
import OnnxFCN
import Testing

/// Damaged models run, or end in one clear line; they neither trap nor hang. 500 seeded mutations where the real models
/// are there; tools/mutate does the same through the command line and also watches memory.
@Suite struct MutationRunTests {
  /// Bytes of the tensors of one run: far above what the intact models need here.
  private static let engine = Result { () throws(FCNError) in
    try Engine(options: EngineOptions(threads: 2, memoryBudget: 256 << 20))
  }

  private func wounded(_ original: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = original
    for _ in 0..<generator.integer(in: 1...3) where !bytes.isEmpty {
      let end = generator.integer(in: 0...1) == 0 ? bytes.count : bytes.count / 10 + 1
      let at = generator.integer(in: 0...min(end, bytes.count) - 1)
      switch generator.integer(in: 0...6) {
      case 0: bytes[at] ^= 1 << UInt8(generator.integer(in: 0...7))
      case 1: bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][generator.integer(in: 0...4)]
      case 2: bytes.removeLast(bytes.count - at)
      case 3: bytes.removeSubrange(at..<min(bytes.count, at + generator.integer(in: 1...64)))
      case 4:
        let from = generator.integer(in: 0...bytes.count - 1)
        bytes.insert(contentsOf: bytes[from..<min(bytes.count, from + generator.integer(in: 1...512))], at: at)
      case 5: bytes.replaceSubrange(at...at, with: Wire.varint(.max))
      default: bytes.replaceSubrange(at...at, with: Wire.varint(1 << generator.integer(in: 7...62)))
      }
    }
    return bytes
  }

  private func check(_ folder: String, count: Int) throws {
    let engine = try MutationRunTests.engine.get()
    let original = try MutationModels.bytes(folder)
    let shape = try MutationModels.shape(folder)
    let intact = Outcome(original, shape: shape, engine: engine)
    #expect(intact.category == nil || intact.category == .input, "\(intact)")
    let numbers = MutationNumbers(original)
    for seed in 0..<count {
      var generator = SeededGenerator(UInt64(seed))
      let bytes: [UInt8]
      if seed % 2 == 0 {
        bytes = wounded(original, &generator)
      } else {
        bytes = numbers.replaced(
          at: numbers.places[generator.integer(in: 0...numbers.places.count - 1)],
          by: MutationNumbers.hostile[generator.integer(in: 0...MutationNumbers.hostile.count - 1)])
      }
      let outcome = Outcome(bytes, shape: shape, engine: engine)
      #expect(outcome.isClear && outcome.isWithin(seconds: 20), "seed \(seed): \(outcome)")
    }
  }

  @Test(arguments: MutationModels.committed)
  func committedModelsSurvive(_ folder: String) throws { try check(folder, count: 22) }

  @Test(
    .enabled(if: MutationModels.hasReal, "the shared models are not beside the package"), arguments: MutationModels.real
  )
  func realModelsSurvive(_ folder: String) throws { try check(folder, count: 21) }

  @Test func everyTruncationOfASmallModelEndsClearly() throws {
    let engine = try MutationRunTests.engine.get()
    let whole = Wire.model(nodes: [Wire.node("Relu", ["x"], ["y"])])
    #expect(Outcome(whole, shape: [1, 2, 8, 8], engine: engine).category == nil)
    for count in 0..<whole.count {
      let outcome = Outcome(Array(whole.prefix(count)), shape: [1, 2, 8, 8], engine: engine)
      #expect(outcome.isClear, "\(count): \(outcome)")
    }
  }
}
