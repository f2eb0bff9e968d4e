import FCNGraph
import FCNRuntime
import FCNTensor

/// A request as one program, or as several for parts of the outputs where the whole is beyond the device.
final class VulkanExecutable: Executable {
  /// Of the whole request.
  let plan: Plan
  let device: OpenDevice
  let programs: [VulkanProgram]
  let weights: WeightStore.Packed

  /// - Parameters:
  ///   - parts: plans whose output regions cover those of `plan`.
  ///   - weights: of the same network on this device, if it was prepared before.
  init(
    _ plan: Plan, parts: [Plan], _ device: OpenDevice, _ host: any HostBackend, weights: WeightStore.Packed? = nil
  ) throws(RuntimeError) {
    self.plan = plan
    self.device = device
    let store = WeightStore(device.facts, weights)
    var programs: [VulkanProgram] = []
    for part in parts {
      programs.append(try VulkanProgram(part, device, host, store))
    }
    self.programs = programs
    self.weights = try store.upload(device.device, host.pool)
    device.pipelines.save()
  }

  var partCount: Int { programs.count }

  /// Bytes of a session's arena on the device, with scratch memory, and of that on the host.
  var deviceBytes: Int { programs.map(\.deviceBytes).max() ?? 0 }
  var hostBytes: Int { programs.map(\.plan.arenaBytes).max() ?? 0 }
  var arenaBytes: Int { deviceBytes + hostBytes }
  var largerArenaBytes: Int { max(deviceBytes, hostBytes) }

  func makeSession() throws(RuntimeError) -> any SessionCore {
    try VulkanSession(plan, programs, weights, device, deviceBytes: deviceBytes, hostBytes: hostBytes)
  }
}
