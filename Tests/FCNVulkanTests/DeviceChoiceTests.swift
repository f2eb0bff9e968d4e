import FCNBackendVulkan
import FCNRuntime
import Testing

/// Which device a request means, on made-up machines.
@Suite struct DeviceChoiceTests {
  private func device(_ index: Int, _ name: String, _ kind: DeviceInfo.Kind, bytes: Int = 1 << 30) -> DeviceInfo {
    var info = DeviceInfo()
    (info.index, info.name, info.kind) = (index, name, kind)
    info.apiVersion = (1, 1, 0)
    info.queueFamily = 0
    info.largestGroupSize = 256
    info.sharedMemory = 16384
    info.pushBytes = 128
    info.storageBuffers = 8
    info.deviceUUID = [UInt8(index + 1)]
    info.heaps = [.init(bytes: bytes, isLocal: true)]
    return info
  }

  private func chosen(_ request: DeviceRequest, _ devices: [DeviceInfo]) throws -> Int? {
    try DeviceChoice.choose(request, among: devices)?.index
  }

  @Test func automaticNeverTakesAProcessor() throws {
    #expect(try chosen(.auto, [device(0, "llvmpipe", .cpu)]) == nil)
    #expect(try chosen(.auto, []) == nil)
    let all = [device(0, "llvmpipe", .cpu), device(1, "UHD", .integrated), device(2, "RTX", .discrete)]
    #expect(try chosen(.auto, all) == 2)
    #expect(try chosen(.auto, Array(all[..<2])) == 1)
  }

  @Test func explicitRequests() throws {
    let all = [
      device(0, "llvmpipe (LLVM)", .cpu), device(1, "UHD 770", .integrated), device(2, "uhd 990", .integrated),
    ]
    #expect(try chosen(.best, [all[0]]) == 0)
    #expect(try chosen(.index(0), all) == 0)
    #expect(try chosen(.name("LLVMPIPE"), all) == 0)
    #expect(try chosen(.name("UHD"), all) == 1)
    #expect(DeviceRequest(argument: nil) == .best)
    #expect(DeviceRequest(argument: "3") == .index(3))
    #expect(DeviceRequest(argument: "RTX") == .name("RTX"))
  }

  @Test func missingDevicesAreErrorsThatListThem() {
    let all = [device(0, "llvmpipe", .cpu), device(1, "UHD", .integrated)]
    for request in [DeviceRequest.index(7), .name("RTX")] {
      #expect { try chosen(request, all) } throws: { error in
        guard let error = error as? RuntimeError, error.code == .device else { return false }
        return error.detail.contains("0 llvmpipe (cpu)") && error.detail.contains("1 UHD (integrated)")
      }
    }
    #expect { try chosen(.best, []) } throws: { ($0 as? RuntimeError)?.detail.contains("no Vulkan device") ?? false }
  }

  @Test func unfitDevicesAreRefused() throws {
    var small = device(0, "small", .discrete)
    small.pushBytes = 64
    #expect(small.refusal?.contains("maxPushConstantsSize") ?? false)
    #expect(try chosen(.auto, [small, device(1, "UHD", .integrated)]) == 1)
    #expect { try chosen(.index(0), [small]) } throws: { ($0 as? RuntimeError)?.code == .device }
    var old = device(0, "old", .discrete)
    old.apiVersion = (1, 0, 68)
    #expect(old.refusal?.contains("1.1") ?? false)
    var idle = device(0, "idle", .discrete)
    idle.queueFamily = nil
    #expect(idle.refusal != nil)
  }

  /// The larger memory, then Mesa's driver of one and the same device.
  @Test func ties() throws {
    let two = [device(0, "A", .discrete, bytes: 4 << 30), device(1, "B", .discrete, bytes: 8 << 30)]
    #expect(try chosen(.auto, two) == 1)
    var (amd, mesa) = (device(0, "RX", .discrete), device(1, "RX (RADV)", .discrete))
    (amd.deviceUUID, mesa.deviceUUID) = ([9], [9])
    mesa.driver = "radv Mesa 22.3.6"
    #expect(try chosen(.auto, [amd, mesa]) == 1)
  }

  @Test func absentLoaderIsNoError() throws {
    #expect(try VulkanInstance.open(library: "libvulkan-absent.so") == nil)
    #expect(try VulkanInstance.open(library: "libm.so.6") == nil)
    var options = VulkanOptions()
    options.library = "libvulkan-absent.so"
    #expect(try VulkanBackend.open(options, host: Vulkan.host) == nil)
    options.device = .best
    #expect { try VulkanBackend.open(options, host: Vulkan.host) } throws: { ($0 as? RuntimeError)?.code == .device }
  }
}
