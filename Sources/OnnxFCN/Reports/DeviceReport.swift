import FCNBackendCPU
import FCNBackendVulkan
import FCNRuntime
package import FCNTensor

/// What networks can run on here.
package struct DeviceReport: Sendable {
  private let devices: [DeviceInfo]
  /// Why there are none.
  private let absence: String?
  private let instructionSets: [String]
  private let threads = ThreadPool.availableProcessors()
  /// The name that `auto` takes.
  private let automatic: String

  /// - Parameter library: of the Vulkan loader; nil: the platform's.
  package init(library: String? = nil) {
    instructionSets = InstructionSet.allCases.filter(\.isAvailable).map(\.rawValue)
    var found: [DeviceInfo] = []
    var absence: String?
    do throws(RuntimeError) {
      if let instance = try VulkanInstance.open(library: library) {
        found = instance.devices
        if found.isEmpty { absence = "no device" }
      } else {
        absence = "no loader (libvulkan.so.1) or no driver"
      }
    } catch { absence = error.description }
    devices = found
    self.absence = absence
    automatic = (try? DeviceChoice.choose(.auto, among: found))?.map { "vulkan:\($0.index)" } ?? "cpu"
  }

  package var lines: [String] {
    var lines = ["cpu        \(threads) processors, \(instructionSets.joined(separator: ", "))"]
    for device in devices {
      let version = "\(device.apiVersion.major).\(device.apiVersion.minor).\(device.apiVersion.patch)"
      lines.append("vulkan:\(device.index)   \(device.name), \(device.kind.rawValue), Vulkan \(version)")
      lines.append("           driver \(device.driver)")
      lines.append(
        "           memory \(binary(device.localBytes))\(device.isUnified ? " shared with the host" : ""), "
          + "allocation \(binary(device.largestAllocation)), binding \(binary(device.largestRange))")
      lines.append(
        "           workgroups \(device.largestGroupSize) wide, \(binary(device.sharedMemory)) shared, subgroups "
          + "\(device.subgroupSize) wide\(device.canShuffle ? " with shuffle" : "")"
          + (device.timestampPeriod == nil ? ", no timestamps" : ""))
      if let refusal = device.refusal {
        lines.append("           not used: \(refusal)")
      } else if device.kind == .cpu {
        lines.append("           a processor: only by --device vulkan:\(device.index), never by auto")
      }
    }
    if let absence { lines.append("vulkan     none: \(absence)") }
    lines.append("auto       \(automatic)")
    return lines
  }

  package var json: JSONValue {
    .object([
      JSONMember("auto", .string(automatic)),
      JSONMember(
        "cpu",
        .object([
          JSONMember("processors", .integer(threads)),
          JSONMember("instructionSets", .array(instructionSets.map(JSONValue.string))),
        ])),
      JSONMember("vulkan", .array(devices.map(DeviceReport.json))),
      JSONMember("absence", absence.map(JSONValue.string) ?? .null),
    ])
  }

  private static func json(_ device: DeviceInfo) -> JSONValue {
    let version = device.apiVersion
    return .object([
      JSONMember("device", .string("vulkan:\(device.index)")), JSONMember("name", .string(device.name)),
      JSONMember("kind", .string(device.kind.rawValue)), JSONMember("driver", .string(device.driver)),
      JSONMember("apiVersion", .string("\(version.major).\(version.minor).\(version.patch)")),
      JSONMember("vendorID", .integer(Int(device.vendor))), JSONMember("deviceID", .integer(Int(device.device))),
      JSONMember("refusal", device.refusal.map(JSONValue.string) ?? .null),
      JSONMember("localBytes", .integer(device.localBytes)), JSONMember("isUnified", .bool(device.isUnified)),
      JSONMember("maxMemoryAllocationSize", .integer(device.largestAllocation)),
      JSONMember("maxBufferSize", .integer(device.largestBuffer)),
      JSONMember("maxStorageBufferRange", .integer(device.largestRange)),
      JSONMember("minStorageBufferOffsetAlignment", .integer(device.offsetAlignment)),
      JSONMember("maxComputeWorkGroupCount", .array(device.largestGroupCounts.map(JSONValue.integer))),
      JSONMember("maxComputeWorkGroupInvocations", .integer(device.largestGroupSize)),
      JSONMember("maxComputeSharedMemorySize", .integer(device.sharedMemory)),
      JSONMember("maxPushConstantsSize", .integer(device.pushBytes)),
      JSONMember("maxPerStageDescriptorStorageBuffers", .integer(device.storageBuffers)),
      JSONMember("subgroupSize", .integer(device.subgroupSize)),
      JSONMember("subgroupShuffle", .bool(device.canShuffle)),
      JSONMember("robustBufferAccess", .bool(device.hasRobustBufferAccess)),
      JSONMember("timestampPeriod", JSONValue(device.timestampPeriod)),
      JSONMember(
        "heaps",
        .array(
          device.heaps.map {
            .object([JSONMember("bytes", .integer($0.bytes)), JSONMember("deviceLocal", .bool($0.isLocal))])
          })),
    ])
  }
}
