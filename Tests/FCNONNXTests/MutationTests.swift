import FCNGraph
import FCNONNX
import FCNTensor
import Testing

/// Damaged models end in a model or in an error, never in a trap. Seeded; each seed is one case.
@Suite struct MutationTests {
  /// Opens, reads every tensor, imports; whether that went well.
  private func exercise(_ bytes: [UInt8]) -> Bool {
    do throws(ONNXError) {
      let file = try ModelFile(bytes: bytes)
      for tensor in file.model.graph.initializers { _ = try file.tensor(tensor).doubles() }
      return try !ImportedModel(bytes: bytes, name: "model").graph.text().isEmpty
    } catch {
      return error.description.isEmpty
    }
  }

  private func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      if bytes.isEmpty { break }
      let at = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: bytes[at] = [0, 0x7F, 0x80, 0xFF][Int.random(in: 0..<4, using: &generator)]
      case 3: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...16, using: &generator)))
      case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 16)], at: at)
      default: bytes.removeLast(bytes.count - at)
      }
    }
    return bytes
  }

  @Test(arguments: 0..<20)
  func smallModelSurvives(_ seed: Int) {
    let original = smallModel()
    var generator = SeededGenerator(seed: UInt64(seed))
    let results = (0..<500).map { _ in exercise(mutated(original, &generator)) }
    #expect(results.contains(true) && results.contains(false))
  }

  @Test(
    .enabled(if: SharedFolder.exists, "the shared models are not beside the package"),
    arguments: ["models/sci_lowlight", "models/unet_sedgen", "models/xfeat_interp", "exports/membrane_qlinear"])
  func realModelsSurvive(_ name: String) throws {
    let bytes = try SharedFolder.bytes("\(name)/model.onnx")
    var generator = SeededGenerator(seed: UInt64(name.utf8.count))
    // Damage in the first kilobytes hits the structure; the rest of the file is mostly weights.
    let head = Array(bytes.prefix(20_000))
    let results = (0..<200).map { _ in exercise(mutated(head, &generator) + bytes[head.count...]) }
    #expect(results.contains(true) && results.contains(false))
  }
}
