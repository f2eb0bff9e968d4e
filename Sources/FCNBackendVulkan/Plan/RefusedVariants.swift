import FCNRuntime
import Synchronization

/// Variants of kernels that the driver could not make a pipeline of. The next one takes the place of each: buffers that
/// of texel buffers, shaders without shuffles that of those with, then the next kernel of the node's list.
final class RefusedVariants: Sendable {
  private struct Refusals {
    /// Shaders, and kernels with the reason.
    var texels: Set<String> = []
    var shuffles = false
    var kernels: [String: String] = [:]
    var failures = 0
  }

  private let state = Mutex(Refusals())
  private let warn: (@Sendable (String) -> Void)?

  init(_ options: VulkanOptions) { warn = options.warn }

  /// Failures for which there was a next variant.
  var failures: Int { state.withLock { $0.failures } }

  /// - Parameter kernel: the name of the offer; nil: nothing takes the shader's place.
  func refuse(_ dispatch: Dispatch, kernel: String?, _ error: RuntimeError) {
    if error.code == .deviceLost { return }
    let isPlain = dispatch.shader.hasSuffix("_plain") || !ShaderInterface.has(dispatch.shader + "_plain")
    let next: String? = state.withLock { state in
      if dispatch.form == .texels {
        state.texels.insert(dispatch.shader)
        state.failures += 1
        return "\(dispatch.shader) with buffers"
      }
      if !isPlain && !state.shuffles {
        state.shuffles = true
        state.failures += 1
        return "shaders without shuffles"
      }
      guard let kernel else { return nil }
      state.kernels[kernel] = error.detail
      state.failures += 1
      return "the next kernel after \(kernel)"
    }
    if let next { warn?("\(error); \(next) takes over") }
  }

  func applied(to facts: DeviceFacts) -> DeviceFacts {
    var facts = facts
    let (texels, shuffles) = state.withLock { ($0.texels, $0.shuffles) }
    facts.refusedTexels.formUnion(texels)
    if shuffles { facts.options.avoidsShuffles = true }
    return facts
  }

  /// The offer, or its refusal.
  func judged(_ offer: KernelOffer) -> KernelOffer {
    guard offer.refusal == nil, let reason = state.withLock({ $0.kernels[offer.name] }) else { return offer }
    return .refused(offer.name, reason)
  }
}
