import CVulkan

/// What a device is and can do.
package struct DeviceInfo: Sendable {
  package enum Kind: String, Sendable, CaseIterable { case discrete, integrated, virtual, cpu, other }

  package struct Heap: Sendable, Hashable {
    package var bytes: Int
    package var isLocal: Bool

    package init(bytes: Int, isLocal: Bool) {
      self.bytes = bytes
      self.isLocal = isLocal
    }
  }

  package struct MemoryType: Sendable, Hashable {
    package var flags: UInt32
    package var heap: Int
  }

  /// In the order of the loader.
  package var index = 0
  package var name = ""
  package var driver = ""
  package var kind = Kind.other
  package var apiVersion: (major: Int, minor: Int, patch: Int) = (0, 0, 0)
  package var vendor: UInt32 = 0
  package var device: UInt32 = 0
  package var driverVersion: UInt32 = 0
  package var deviceUUID: [UInt8] = []
  package var cacheUUID: [UInt8] = []
  package var largestRange = 0
  package var largestAllocation = 0
  package var largestBuffer = 0
  package var largestGroupCounts = [0, 0, 0]
  package var largestGroupSize = 0
  package var sharedMemory = 0
  package var pushBytes = 0
  package var storageBuffers = 0
  package var offsetAlignment = 0
  /// Elements of a texel buffer, and of where one begins in bytes.
  package var largestTexelCount = 0
  package var texelAlignment = 0
  package var subgroupSize = 0
  /// In compute shaders.
  package var canShuffle = false
  package var hasRobustBufferAccess = false
  /// Nil: no queue computes.
  package var queueFamily: UInt32?
  /// Nanoseconds of a tick; nil: the queue has no timestamps.
  package var timestampPeriod: Double?
  package var timestampBits = 0
  package var heaps: [Heap] = []
  package var memoryTypes: [MemoryType] = []

  package init() {}

  init(_ info: fcn_vk_device_info, index: Int) {
    self.index = index
    name = DeviceInfo.text(info.name)
    driver = [DeviceInfo.text(info.driver), DeviceInfo.text(info.driver_text)].filter { !$0.isEmpty }
      .joined(separator: " ")
    kind =
      switch info.type {
      case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: .discrete
      case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: .integrated
      case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: .virtual
      case VK_PHYSICAL_DEVICE_TYPE_CPU: .cpu
      default: .other
      }
    let version = Int(info.api_version)
    apiVersion = (version >> 22 & 0x7f, version >> 12 & 0x3ff, version & 0xfff)
    (vendor, device, driverVersion) = (info.vendor, info.device, info.driver_version)
    deviceUUID = DeviceInfo.bytes(info.device_uuid)
    cacheUUID = DeviceInfo.bytes(info.cache_uuid)
    setLimits(info)
    heaps = DeviceInfo.array(info.memory.memoryHeaps, Int(info.memory.memoryHeapCount), VkMemoryHeap.self).map {
      Heap(
        bytes: Int(clamping: $0.size),
        isLocal: $0.flags & UInt32(VK_MEMORY_HEAP_DEVICE_LOCAL_BIT.rawValue) != 0)
    }
    memoryTypes = DeviceInfo.array(info.memory.memoryTypes, Int(info.memory.memoryTypeCount), VkMemoryType.self).map {
      MemoryType(flags: $0.propertyFlags, heap: Int($0.heapIndex))
    }
  }

  private mutating func setLimits(_ info: fcn_vk_device_info) {
    let limits = info.limits
    largestRange = Int(limits.maxStorageBufferRange)
    largestAllocation = info.max_allocation == 0 ? 1 << 30 : Int(clamping: info.max_allocation)
    largestBuffer = info.max_buffer == 0 ? largestAllocation : Int(clamping: info.max_buffer)
    let counts = limits.maxComputeWorkGroupCount
    largestGroupCounts = [Int(counts.0), Int(counts.1), Int(counts.2)]
    largestGroupSize = Int(limits.maxComputeWorkGroupInvocations)
    sharedMemory = Int(limits.maxComputeSharedMemorySize)
    pushBytes = Int(limits.maxPushConstantsSize)
    storageBuffers = Int(limits.maxPerStageDescriptorStorageBuffers)
    offsetAlignment = Int(limits.minStorageBufferOffsetAlignment)
    largestTexelCount = Int(limits.maxTexelBufferElements)
    texelAlignment = Int(limits.minTexelBufferOffsetAlignment)
    subgroupSize = Int(info.subgroup_size)
    let computes = info.subgroup_stages & UInt32(VK_SHADER_STAGE_COMPUTE_BIT.rawValue) != 0
    canShuffle = computes && info.subgroup_operations & UInt32(VK_SUBGROUP_FEATURE_SHUFFLE_BIT.rawValue) != 0
    hasRobustBufferAccess = info.robust_buffer_access != 0
    queueFamily = info.queue_family == .max ? nil : info.queue_family
    timestampBits = Int(info.timestamp_bits)
    timestampPeriod = timestampBits > 0 ? Double(limits.timestampPeriod) : nil
  }

  /// Host memory is as near to the device as its own.
  package var isUnified: Bool { kind != .discrete && memoryType(.unified, allowed: .max) != nil }

  /// Bytes of the largest heap of the device.
  package var localBytes: Int { heaps.filter(\.isLocal).map(\.bytes).max() ?? 0 }

  /// Why it cannot run our kernels.
  package var refusal: String? {
    func least(_ what: String, _ value: Int, _ wanted: Int) -> String? {
      value < wanted ? "\(what): expected at least \(wanted), got \(value)" : nil
    }
    if (apiVersion.major, apiVersion.minor) < (1, 1) {
      return "Vulkan \(apiVersion.major).\(apiVersion.minor): expected at least 1.1"
    }
    if queueFamily == nil { return "no queue that computes" }
    return least("maxComputeWorkGroupInvocations", largestGroupSize, 256)
      ?? least("maxComputeSharedMemorySize", sharedMemory, 16384) ?? least("maxPushConstantsSize", pushBytes, 128)
      ?? least("maxPerStageDescriptorStorageBuffers", storageBuffers, 6)
  }

  private static func text<T>(_ tuple: T) -> String {
    let all = bytes(tuple)
    return String(decoding: all.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func bytes<T>(_ tuple: T) -> [UInt8] { withUnsafeBytes(of: tuple) { Array($0) } }

  private static func array<T, E>(_ tuple: T, _ count: Int, _ type: E.Type) -> [E] {
    withUnsafeBytes(of: tuple) { Array($0.bindMemory(to: E.self).prefix(count)) }
  }
}

extension DeviceInfo {
  /// What memory is for.
  enum MemoryUse {
    /// Arena and weights that the host writes directly.
    case unified
    case device
    /// The host's arena, and staging.
    case host
  }

  /// The first memory type of the wanted properties, best first.
  func memoryType(_ use: MemoryUse, allowed: UInt32) -> UInt32? {
    let local = UInt32(VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT.rawValue)
    let visible = UInt32(VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT.rawValue)
    let cached = UInt32(VK_MEMORY_PROPERTY_HOST_CACHED_BIT.rawValue)
    let wanted =
      switch use {
      case .unified: [local | visible | cached, local | visible]
      case .device: [local, 0]
      case .host: [visible | cached, visible]
      }
    for flags in wanted {
      for (index, type) in memoryTypes.enumerated()
      where type.flags & flags == flags && allowed >> UInt32(index) & 1 != 0 {
        return UInt32(index)
      }
    }
    return nil
  }
}
