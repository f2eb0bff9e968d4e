import CVulkan
import FCNRuntime

/// Turns a `VkResult` into an error: what was called, what was expected, what came.
///
/// - Parameter what: the function, with its sizes.
func check(_ result: VkResult, _ what: @autoclosure () -> String, node: String = "") throws(RuntimeError) {
  guard result.rawValue < 0 else { return }
  let code: RuntimeError.Code =
    switch result {
    case VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_FRAGMENTATION,
      VK_ERROR_OUT_OF_POOL_MEMORY, VK_ERROR_TOO_MANY_OBJECTS, VK_ERROR_MEMORY_MAP_FAILED:
      .memory
    case VK_ERROR_DEVICE_LOST: .deviceLost
    default: .device
    }
  throw RuntimeError(code, node: node, "\(what()): expected VK_SUCCESS, got \(name(of: result))")
}

func name(of result: VkResult) -> String {
  switch result {
  case VK_ERROR_OUT_OF_HOST_MEMORY: "VK_ERROR_OUT_OF_HOST_MEMORY"
  case VK_ERROR_OUT_OF_DEVICE_MEMORY: "VK_ERROR_OUT_OF_DEVICE_MEMORY"
  case VK_ERROR_INITIALIZATION_FAILED: "VK_ERROR_INITIALIZATION_FAILED"
  case VK_ERROR_DEVICE_LOST: "VK_ERROR_DEVICE_LOST"
  case VK_ERROR_MEMORY_MAP_FAILED: "VK_ERROR_MEMORY_MAP_FAILED"
  case VK_ERROR_LAYER_NOT_PRESENT: "VK_ERROR_LAYER_NOT_PRESENT"
  case VK_ERROR_EXTENSION_NOT_PRESENT: "VK_ERROR_EXTENSION_NOT_PRESENT"
  case VK_ERROR_FEATURE_NOT_PRESENT: "VK_ERROR_FEATURE_NOT_PRESENT"
  case VK_ERROR_INCOMPATIBLE_DRIVER: "VK_ERROR_INCOMPATIBLE_DRIVER"
  case VK_ERROR_TOO_MANY_OBJECTS: "VK_ERROR_TOO_MANY_OBJECTS"
  case VK_ERROR_OUT_OF_POOL_MEMORY: "VK_ERROR_OUT_OF_POOL_MEMORY"
  case VK_ERROR_FRAGMENTATION: "VK_ERROR_FRAGMENTATION"
  case VK_ERROR_INVALID_SHADER_NV: "VK_ERROR_INVALID_SHADER_NV"
  default: "VkResult \(result.rawValue)"
  }
}
