import CVulkan
import FCNRuntime

/// The command buffers of a program in one session, recorded once.
final class Recording {
  /// What a recording is for.
  enum Purpose: Hashable {
    /// Runs of as many steps as may be submitted together.
    case run
    /// One step at a time, with the time of each.
    case times
    /// One step at a time.
    case steps
  }

  private(set) var items: [(item: SegmentPlan.Item, commands: VkCommandBuffer?)] = []
  /// The budget that its segments were cut for.
  let segmentFlops: Int
  private let pool: CommandPool
  private let device: VulkanDevice
  /// Two for each dispatch.
  private var timestamps: VkQueryPool?

  init(_ binding: ProgramBinding, _ purpose: Purpose, segmentFlops: Int) throws(RuntimeError) {
    device = binding.device
    self.segmentFlops = segmentFlops
    pool = try CommandPool(device)
    let program = binding.program
    if purpose == .times, device.info.timestampPeriod != nil, !program.dispatches.isEmpty {
      try check(
        fcn_vk_create_timestamps(device.functions, device.handle, UInt32(program.dispatches.count * 2), &timestamps),
        "vkCreateQueryPool")
    }
    let segments = SegmentPlan(
      steps: program.counts, flops: program.dispatches.map(\.flops),
      cut: purpose == .run ? .flops(segmentFlops) : .steps
    )
    for item in segments.items {
      switch item {
      case .host: items.append((item, nil))
      case .device(let range): items.append((item, try record(range, binding)))
      }
    }
  }

  private func record(_ range: Range<Int>, _ binding: ProgramBinding) throws(RuntimeError) -> VkCommandBuffer {
    let program = binding.program
    let vk = device.functions
    let compute = VkPipelineStageFlags(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT.rawValue)
    let (read, write) = (
      VkAccessFlags(VK_ACCESS_SHADER_READ_BIT.rawValue), VkAccessFlags(VK_ACCESS_SHADER_WRITE_BIT.rawValue)
    )
    return try pool.record(program.dispatches[range.lowerBound].node) { commands in
      if let timestamps {
        vk.pointee.CmdResetQueryPool(commands, timestamps, UInt32(range.lowerBound * 2), UInt32(range.count * 2))
      }
      for index in range {
        let dispatch = program.dispatches[index]
        let isTimed = timestamps != nil
        if (program.barriers.isBefore[index] && index != device.options.omittedBarrier) || isTimed {
          fcn_vk_barrier(vk, commands, compute, write, compute, read | write)
        }
        stamp(commands, index * 2, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT)
        vk.pointee.CmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, program.pipelines[index])
        var set = binding.sets[index]
        let layout = device.layouts[dispatch.form]!.pipeline
        vk.pointee.CmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, nil)
        dispatch.push.words.withUnsafeBytes {
          vk.pointee.CmdPushConstants(
            commands, layout, VkShaderStageFlags(VK_SHADER_STAGE_COMPUTE_BIT.rawValue), 0,
            UInt32($0.count), $0.baseAddress)
        }
        vk.pointee.CmdDispatch(
          commands, UInt32(dispatch.groups[0]), UInt32(dispatch.groups[1]), UInt32(dispatch.groups[2]))
        stamp(commands, index * 2 + 1, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT)
      }
      // The host may read next.
      fcn_vk_barrier(
        vk, commands, compute, write, VkPipelineStageFlags(VK_PIPELINE_STAGE_HOST_BIT.rawValue),
        VkAccessFlags(VK_ACCESS_HOST_READ_BIT.rawValue))
    }
  }

  private func stamp(_ commands: VkCommandBuffer, _ query: Int, _ stage: VkPipelineStageFlagBits) {
    guard let timestamps else { return }
    device.functions.pointee.CmdWriteTimestamp(commands, stage, timestamps, UInt32(query))
  }

  /// Milliseconds that dispatches took, once they are done; nil without timestamps.
  func milliseconds(_ range: Range<Int>) -> Double? {
    guard let timestamps, let period = device.info.timestampPeriod, !range.isEmpty else { return nil }
    var ticks = [UInt64](repeating: 0, count: range.count * 2)
    let bytes = ticks.count * 8
    let result = ticks.withUnsafeMutableBytes {
      device.functions.pointee.GetQueryPoolResults(
        device.handle, timestamps, UInt32(range.lowerBound * 2), UInt32(range.count * 2), bytes, $0.baseAddress, 8,
        VkQueryResultFlags(VK_QUERY_RESULT_64_BIT.rawValue))
    }
    guard result == VK_SUCCESS else { return nil }
    let mask = device.info.timestampBits >= 64 ? UInt64.max : (1 << UInt64(device.info.timestampBits)) - 1
    return stride(from: 0, to: ticks.count, by: 2).reduce(0) { sum, index in
      sum + Double((ticks[index + 1] &- ticks[index]) & mask) * period * 1e-6
    }
  }

  deinit { if let timestamps { device.functions.pointee.DestroyQueryPool(device.handle, timestamps, nil) } }
}
