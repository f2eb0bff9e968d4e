import FCNGraph
import FCNRuntime
import FCNTensor

/// Aligned floats that a kernel owns.
final class FloatStore: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  private let storage: Storage

  /// - Parameter zeroed: false where all of it is written at once.
  init(count: Int, zeroed: Bool = true) throws(RuntimeError) {
    do throws(TensorError) { storage = try Storage(count: max(1, count) * 4, zeroed: zeroed) } catch {
      throw RuntimeError(error)
    }
    pointer = storage.mutableBytes.baseAddress!.assumingMemoryBound(to: Float.self)
  }
}

func convolutionOffer(_ name: String, _ scratchBytes: Int) -> KernelOffer {
  var offer = KernelOffer(name)
  offer.scratchBytes = scratchBytes
  offer.absorbsActivation = true
  offer.absorbsResidual = true
  offer.packsInputs = [1, 2]
  return offer
}

/// Why a kernel does not take a convolution.
struct Refusal: Error {
  var reason: String
}

func convolutionRefusal(_ candidate: Candidate) -> String? {
  if !candidate.isFloat32 { return "element type \(candidate.output.elementType.rawValue)" }
  if candidate.constant(1) == nil { return "the weights are computed at run time" }
  if candidate.node.input(2) != nil && candidate.constant(2) == nil { return "the bias is computed at run time" }
  return nil
}

extension Candidate {
  /// The weights of a convolution as it uses them; a copy if they have factors.
  func weights() throws(RuntimeError) -> HostTensor {
    let given = constant(1)!
    guard let (factors, form) = node.op.channelFactors else { return given }
    do throws(TensorError) { return try factors.scaled(given, form: form) } catch { throw RuntimeError(error) }
  }

  /// Packs the weights of a convolution: as they are given, at any address, and the factor of each output channel if
  /// there are any. A copy at a better address would cost as much as the packing.
  func packWeights(_ body: (UnsafeRawPointer, _ factors: UnsafePointer<Double>?) -> Void) {
    let given = constant(1)!
    precondition(given.elementType == .float32)
    withExtendedLifetime(given) {
      let weights = given.storage.bytes.baseAddress!
      guard let (factors, _) = node.op.channelFactors else { return body(weights, nil) }
      factors.values.withUnsafeBufferPointer { body(weights, $0.baseAddress!) }
    }
    releaseWeights()
  }

  /// Once they are packed.
  func releaseWeights() { constant(1)!.storage.releasePages() }
}

func convolutionBias(_ candidate: Candidate) -> [Float] {
  candidate.constant(2).map { $0.withElements(Float.self) { Array($0) } } ?? []
}
