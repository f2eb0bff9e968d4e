import CVulkan
import FCNRuntime

/// Submissions of one session that are not known to be done, a few at most.
final class Flight {
  private let device: VulkanDevice
  private let limit: Int
  private var fences: [VkFence?] = []
  /// What is in flight, oldest first, with the index of its fence.
  private var pending: [(fence: Int, what: String)] = []
  /// A submission did not end: nothing that it uses may go.
  private(set) var isAbandoned = false
  /// What submissions use and would be gone with their owner; kept for ever after an abandoned one.
  var users: [AnyObject] = []

  /// Nanoseconds of one wait; between two the watchdog is asked.
  private static let turn: UInt64 = 100_000_000

  init(_ device: VulkanDevice, limit: Int = 2) throws(RuntimeError) {
    self.device = device
    self.limit = limit
    for _ in 0..<limit {
      var fence: VkFence?
      try check(fcn_vk_create_fence(device.functions, device.handle, &fence), "vkCreateFence")
      fences.append(fence)
    }
  }

  /// Waits for the oldest submission where there are too many.
  ///
  /// - Parameter what: named in errors.
  func submit(_ commands: VkCommandBuffer, what: String) throws(RuntimeError) {
    if pending.count == limit { try waitForOldest() }
    let free = (0..<limit).first { index in !pending.contains { $0.fence == index } }!
    try check(device.functions.pointee.ResetFences(device.handle, 1, &fences[free]), "vkResetFences")
    try device.submit(commands, fence: fences[free])
    pending.append((free, what))
  }

  func waitForAll() throws(RuntimeError) { while !pending.isEmpty { try waitForOldest() } }

  private func waitForOldest() throws(RuntimeError) {
    let (index, what) = pending[0]
    if isAbandoned {
      throw RuntimeError(.device, "\(what) on \(device.info.name): expected an end, a submission before it has none")
    }
    let limit = device.options.watchdogMilliseconds ?? (device.info.kind == .cpu ? 600_000 : 120_000)
    let start = Clock.milliseconds()
    while true {
      let result = device.functions.pointee.WaitForFences(
        device.handle, 1, &fences[index], VkBool32(VK_TRUE), Flight.turn)
      if result == VK_TIMEOUT {
        if Clock.milliseconds() - start < limit { continue }
        abandon()
        throw RuntimeError(
          .device, "\(what) on \(device.info.name): expected an end within \(Int(limit)) ms, got none")
      }
      if result != VK_SUCCESS { giveUp(result) }
      try check(result, "\(what) on \(device.info.name)")
      pending.removeFirst()
      return
    }
  }

  /// After a failed wait. Nothing in flight may lose its memory: a lost device ends every wait at once.
  private func giveUp(_ cause: VkResult) {
    for (index, _) in pending.dropFirst(cause == VK_ERROR_DEVICE_LOST ? 1 : 0) {
      let result = device.functions.pointee.WaitForFences(
        device.handle, 1, &fences[index], VkBool32(VK_TRUE), 10 * Flight.turn)
      if result != VK_SUCCESS && result != VK_ERROR_DEVICE_LOST { abandon() }
    }
    pending = []
  }

  /// The device may go on with what is in flight for ever.
  private func abandon() {
    isAbandoned = true
    for object in users { _ = Unmanaged.passRetained(object) }
    users = []
  }

  deinit {
    if isAbandoned { return }
    for fence in fences { device.functions.pointee.DestroyFence(device.handle, fence, nil) }
  }
}
