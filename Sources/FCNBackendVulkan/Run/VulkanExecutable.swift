import FCNGraph
import FCNRuntime
import FCNTensor

/// A request as one program, or as several for parts of the outputs where the whole is beyond the device.
final class VulkanExecutable: Executable {
  /// Of the whole request.
  let plan: Plan
  let device: VulkanDevice
  let programs: [VulkanProgram]
  let weights: DeviceBuffer
  let segmentFlops: Int

  /// - Parameter parts: plans whose output regions cover those of `plan`.
  init(
    _ plan: Plan, parts: [Plan], _ device: VulkanDevice, _ host: any HostBackend, segmentFlops: Int
  ) throws(RuntimeError) {
    self.plan = plan
    self.device = device
    self.segmentFlops = segmentFlops
    let store = WeightStore()
    var programs: [VulkanProgram] = []
    for part in parts {
      programs.append(try VulkanProgram(part, device, host, store, segmentFlops: segmentFlops))
    }
    self.programs = programs
    weights = try store.upload(device, host.pool)
    device.pipelines.save()
  }

  func makeSession() throws(RuntimeError) -> any SessionCore { try VulkanSession(self) }
}
