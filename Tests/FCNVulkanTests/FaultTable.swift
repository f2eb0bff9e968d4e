import CFCNShaders
import CVulkan
import Synchronization

/// Functions of the driver that count what is made and not destroyed, and fail when they are told to.
enum FaultTable {
  enum Function: Int, CaseIterable, Sendable {
    case allocateMemory, createBuffer, mapMemory, createPipelines, createShader, createDescriptorPool,
      createCommandPool,
      createFence, beginCommands, submit, wait

    /// What it fails with.
    var result: VkResult {
      switch self {
      case .allocateMemory, .createBuffer, .createDescriptorPool, .createCommandPool, .createFence, .beginCommands:
        VK_ERROR_OUT_OF_DEVICE_MEMORY
      case .mapMemory: VK_ERROR_MEMORY_MAP_FAILED
      case .createPipelines, .createShader: VK_ERROR_INITIALIZATION_FAILED
      case .submit, .wait: VK_ERROR_DEVICE_LOST
      }
    }
  }

  struct State {
    var real = fcn_vk()
    var calls = [Int](repeating: 0, count: Function.allCases.count)
    /// Which call of which function fails, from 1, and whether all later ones do.
    var failing: (function: Function, call: Int, always: Bool, result: VkResult)?
    /// Allocations beyond it fail; nil: none.
    var largestAllocation: Int?
    /// Bytes of all allocations that were asked for.
    var allocations: [Int] = []
    /// Shaders that no pipeline is made of, how often that was tried, and their modules.
    var refusedShaders: Set<String> = []
    var refusals = 0
    var refusedModules: Set<VkShaderModule> = []
    /// Groups of dispatches along each axis, as they are recorded.
    var groups: [[UInt32]] = []
    /// Made and not destroyed.
    var live = 0
    /// Devices give no queue; how many were destroyed.
    var hidesQueue = false
    var destroyedDevices = 0
  }

  /// Guarded by the tests being serial; the driver calls from their threads only.
  nonisolated(unsafe) static var state = State()

  static func reset(_ failing: (function: Function, call: Int, always: Bool, result: VkResult)? = nil) {
    let real = state.real
    state = State()
    state.real = real
    state.failing = failing
  }

  private static func failure(_ function: Function) -> VkResult? {
    state.calls[function.rawValue] += 1
    guard let failing = state.failing, failing.function == function else { return nil }
    let call = state.calls[function.rawValue]
    return call == failing.call || failing.always && call > failing.call ? failing.result : nil
  }

  private static func made(_ result: VkResult) -> VkResult {
    if result == VK_SUCCESS { state.live += 1 }
    return result
  }

  private static func shortage(_ info: UnsafePointer<VkMemoryAllocateInfo>?) -> VkResult? {
    let bytes = Int(info!.pointee.allocationSize)
    state.allocations.append(bytes)
    return bytes > state.largestAllocation ?? .max ? VK_ERROR_OUT_OF_DEVICE_MEMORY : nil
  }

  private static func refusal(_ info: UnsafePointer<VkComputePipelineCreateInfo>?) -> VkResult? {
    guard let module = info!.pointee.stage.module, state.refusedModules.contains(module) else { return nil }
    state.refusals += 1
    return VK_ERROR_INITIALIZATION_FAILED
  }

  /// Replaces the functions of a device; earlier tables have none of them.
  @Sendable static func adjust(_ table: inout fcn_vk) {
    guard table.AllocateMemory != nil else { return }
    FaultTable.state.real = table
    table.GetDeviceQueue = { device, family, index, queue in
      if FaultTable.state.hidesQueue { return queue!.pointee = nil }
      FaultTable.state.real.GetDeviceQueue(device, family, index, queue)
    }
    table.DestroyDevice = {
      FaultTable.state.destroyedDevices += 1; FaultTable.state.real.DestroyDevice($0, $1)
    }
    table.AllocateMemory = {
      FaultTable.failure(.allocateMemory) ?? FaultTable.shortage($1)
        ?? FaultTable.made(FaultTable.state.real.AllocateMemory($0, $1, $2, $3))
    }
    table.FreeMemory = {
      if $1 != nil { FaultTable.state.live -= 1 }; FaultTable.state.real.FreeMemory($0, $1, $2)
    }
    table.CreateBuffer = {
      FaultTable.failure(.createBuffer) ?? FaultTable.made(FaultTable.state.real.CreateBuffer($0, $1, $2, $3))
    }
    table.DestroyBuffer = {
      FaultTable.state.live -= 1; FaultTable.state.real.DestroyBuffer($0, $1, $2)
    }
    table.CreateBufferView = { FaultTable.made(FaultTable.state.real.CreateBufferView($0, $1, $2, $3)) }
    table.DestroyBufferView = {
      FaultTable.state.live -= 1; FaultTable.state.real.DestroyBufferView($0, $1, $2)
    }
    table.MapMemory = {
      FaultTable.failure(.mapMemory) ?? FaultTable.made(FaultTable.state.real.MapMemory($0, $1, $2, $3, $4, $5))
    }
    table.UnmapMemory = {
      FaultTable.state.live -= 1; FaultTable.state.real.UnmapMemory($0, $1)
    }
    table.CreateComputePipelines = {
      FaultTable.failure(.createPipelines) ?? FaultTable.refusal($3)
        ?? FaultTable.made(FaultTable.state.real.CreateComputePipelines($0, $1, $2, $3, $4, $5))
    }
    table.DestroyPipeline = {
      FaultTable.state.live -= 1; FaultTable.state.real.DestroyPipeline($0, $1, $2)
    }
    table.CreateShaderModule = {
      if let failure = FaultTable.failure(.createShader) { return failure }
      let result = FaultTable.made(FaultTable.state.real.CreateShaderModule($0, $1, $2, $3))
      for name in FaultTable.state.refusedShaders where fcn_shader_named(name)?.pointee.words == $1?.pointee.pCode {
        FaultTable.state.refusedModules.insert($3!.pointee!)
      }
      return result
    }
    table.DestroyShaderModule = {
      FaultTable.state.live -= 1; FaultTable.state.real.DestroyShaderModule($0, $1, $2)
    }
    adjustCommands(&table)
  }

  private static func adjustCommands(_ table: inout fcn_vk) {
    table.CreateDescriptorPool = {
      FaultTable.failure(.createDescriptorPool)
        ?? FaultTable.made(FaultTable.state.real.CreateDescriptorPool($0, $1, $2, $3))
    }
    table.DestroyDescriptorPool = {
      FaultTable.state.live -= 1; FaultTable.state.real.DestroyDescriptorPool($0, $1, $2)
    }
    table.CreateCommandPool = {
      FaultTable.failure(.createCommandPool) ?? FaultTable.made(FaultTable.state.real.CreateCommandPool($0, $1, $2, $3))
    }
    table.DestroyCommandPool = {
      FaultTable.state.live -= 1; FaultTable.state.real.DestroyCommandPool($0, $1, $2)
    }
    table.CreateFence = {
      FaultTable.failure(.createFence) ?? FaultTable.made(FaultTable.state.real.CreateFence($0, $1, $2, $3))
    }
    table.DestroyFence = {
      FaultTable.state.live -= 1; FaultTable.state.real.DestroyFence($0, $1, $2)
    }
    table.BeginCommandBuffer = {
      FaultTable.failure(.beginCommands) ?? FaultTable.state.real.BeginCommandBuffer($0, $1)
    }
    table.CmdDispatch = {
      FaultTable.state.groups.append([$1, $2, $3])
      FaultTable.state.real.CmdDispatch($0, $1, $2, $3)
    }
    table.QueueSubmit = { FaultTable.failure(.submit) ?? FaultTable.state.real.QueueSubmit($0, $1, $2, $3) }
    table.WaitForFences = { device, count, fences, all, time in
      if let failure = FaultTable.failure(.wait) {
        // What was submitted ends all the same.
        if failure != VK_TIMEOUT { _ = FaultTable.state.real.WaitForFences(device, count, fences, all, .max) }
        return failure
      }
      return FaultTable.state.real.WaitForFences(device, count, fences, all, time)
    }
  }
}
