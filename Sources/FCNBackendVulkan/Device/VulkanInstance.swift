package import CVulkan
package import FCNRuntime

/// The loader's library and an instance; nothing is linked, so that a program starts where there is no Vulkan.
package final class VulkanInstance: @unchecked Sendable {
  /// Functions up to those of the instance.
  private(set) var functions = fcn_vk()
  private(set) var handle: VkInstance?
  private var library: UnsafeMutableRawPointer?
  private var messenger: VkDebugUtilsMessengerEXT?
  private var messages: OpaquePointer?
  private(set) var physical: [VkPhysicalDevice] = []
  /// In the order of the loader, which numbers them.
  package private(set) var devices: [DeviceInfo] = []

  /// Nil where there is no loader, or no driver.
  ///
  /// - Parameter adjust: replaces functions after they are loaded, which tests do.
  /// - Throws: `RuntimeError.device` where the validation layer is asked for and not there, or the driver fails.
  package static func open(
    library: String? = nil, validates: Bool = false, adjust: ((inout fcn_vk) -> Void)? = nil
  ) throws(RuntimeError) -> VulkanInstance? {
    let instance = VulkanInstance()
    guard try instance.make(library, validates, adjust) else { return nil }
    return instance
  }

  private init() {}

  private func make(
    _ name: String?, _ validates: Bool, _ adjust: ((inout fcn_vk) -> Void)?
  ) throws(RuntimeError) -> Bool {
    library = fcn_vk_open(name)
    guard let library, fcn_vk_load(&functions, library) else { return false }
    adjust?(&functions)
    if validates { messages = fcn_vk_messages_create() }
    let result = fcn_vk_create_instance(&functions, messages, &handle, &messenger)
    if result == VK_ERROR_INCOMPATIBLE_DRIVER { return false }
    try check(result, "vkCreateInstance")
    adjust?(&functions)
    var count: UInt32 = 0
    let counted = functions.EnumeratePhysicalDevices(handle, &count, nil)
    if counted == VK_ERROR_INITIALIZATION_FAILED { return false }
    try check(counted, "vkEnumeratePhysicalDevices")
    var list = [VkPhysicalDevice?](repeating: nil, count: Int(count))
    try check(functions.EnumeratePhysicalDevices(handle, &count, &list), "vkEnumeratePhysicalDevices")
    physical = list.prefix(Int(count)).compactMap { $0 }
    for (index, device) in physical.enumerated() {
      var info = fcn_vk_device_info()
      fcn_vk_describe(&functions, device, &info)
      devices.append(DeviceInfo(info, index: index))
    }
    return true
  }

  /// What the validation layer said so far, and its first message.
  package var validation: (count: Int, first: String) {
    guard let messages else { return (0, "") }
    var text = [CChar](repeating: 0, count: 2048)
    fcn_vk_messages_first(messages, &text, text.count)
    let end = text.firstIndex(of: 0) ?? text.count
    return (
      fcn_vk_messages_count(messages), String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    )
  }

  package func forgetMessages() { if let messages { fcn_vk_messages_reset(messages) } }

  deinit {
    if let handle {
      if let messenger { functions.DestroyDebugUtilsMessengerEXT(handle, messenger, nil) }
      functions.DestroyInstance(handle, nil)
    }
    if let messages { fcn_vk_messages_destroy(messages) }
    if let library { fcn_vk_close(library) }
  }
}
