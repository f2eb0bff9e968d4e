import FCNBackendCPU
import FCNBackendVulkan
import FCNRuntime
import Glibc
import Testing

/// The device that the tests use: lavapipe, or what `ONNX_FCN_TEST_DEVICE` names (the part after `vulkan:`). Where
/// `ONNX_FCN_REQUIRE_VULKAN` is set, a missing device or validation layer is a failure, else tests are skipped.
enum Vulkan {
  static let pool = ThreadPool(threadCount: 2)
  static let host = CPUBackend(pool: pool)

  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  static let isRequired = variable("ONNX_FCN_REQUIRE_VULKAN") != nil
  static let device = variable("ONNX_FCN_TEST_DEVICE") ?? "llvmpipe"

  /// With NaN in fresh memory and with the validation layer.
  static var options: VulkanOptions {
    var options = VulkanOptions()
    options.device = DeviceRequest(argument: device)
    options.validates = true
    options.fillsArenas = true
    options.robustBufferAccess = true
    return options
  }

  static func open(_ change: (inout VulkanOptions) -> Void = { _ in }) throws -> VulkanBackend {
    var options = options
    change(&options)
    return try #require(try VulkanBackend.open(options, host: host))
  }

  /// Shared by the tests that change nothing.
  static let shared: Result<VulkanBackend, any Error> = Result { try open() }

  static var isMissing: Bool { if case .failure = shared { !isRequired } else { false } }
  static let reason: Comment = "no device llvmpipe with the validation layer"

  /// Fails where the validation layer said something since the last call.
  static func expectSilence(_ backend: VulkanBackend, sourceLocation: SourceLocation = #_sourceLocation) {
    let said = backend.validation
    #expect(said.count == 0, "\(said.first)", sourceLocation: sourceLocation)
    backend.forgetMessages()
  }
}
