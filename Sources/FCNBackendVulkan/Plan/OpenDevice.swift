import CVulkan
import FCNRuntime
import Synchronization

/// A device as plans and runs share it: pipelines made so far, what its driver refused, how fast it is.
final class OpenDevice: Sendable {
  let device: VulkanDevice
  let pipelines: PipelineStore
  private let variants: RefusedVariants
  private let budget: Mutex<SegmentBudget>

  init(_ device: VulkanDevice, _ variants: RefusedVariants, segments: SegmentBudget) {
    self.device = device
    self.variants = variants
    pipelines = PipelineStore(device)
    budget = Mutex(segments)
  }

  /// Without what the driver refused.
  var facts: DeviceFacts { variants.applied(to: device.facts) }

  /// Operations of a segment of commands.
  var segments: SegmentBudget { budget.withLock { $0 } }
  func note(flops: Int, milliseconds: Double) {
    budget.withLock { $0.note(flops: flops, milliseconds: milliseconds) }
  }

  /// - Parameter kernel: the name of the offer that the dispatch is from; nil: nothing takes its place.
  /// - Throws: where the driver refuses the shader, which is known from then on.
  func pipeline(_ dispatch: Dispatch, kernel: String?) throws(RuntimeError) -> VkPipeline {
    do throws(RuntimeError) {
      return try pipelines.pipeline(dispatch.key, dispatch.form, node: dispatch.node)
    } catch {
      variants.refuse(dispatch, kernel: kernel, error)
      throw error
    }
  }
}
