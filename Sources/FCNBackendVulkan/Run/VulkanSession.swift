import CVulkan
import FCNGraph
import FCNRuntime
import FCNTensor

/// Arenas, descriptor sets and command buffers of one thread of use.
final class VulkanSession: SessionCore {
  private let plan: Plan
  private let parts: [PartRun]
  private let flight: Flight

  init(
    _ plan: Plan, _ programs: [VulkanProgram], _ weights: WeightStore.Packed, _ open: OpenDevice,
    deviceBytes: Int, hostBytes: Int
  ) throws(RuntimeError) {
    self.plan = plan
    let device = open.device
    // The parts run one after another in the same memory.
    let arena = try DeviceSlabs(
      device, .unified, bytes: deviceBytes, slabBytes: device.facts.slabBytes, what: "the device arena")
    let hostArena = try DeviceSlabs(device, .host, bytes: hostBytes, slabBytes: .max, what: "the host arena")
    let spare = try DeviceBuffer(device, .unified, bytes: 256, what: "unused bindings")
    if device.options.fillsArenas {
      arena.fill()
      hostArena.fill()
    }
    flight = try Flight(device)
    var parts: [PartRun] = []
    for program in programs {
      let binding = try ProgramBinding(
        program, device, memory: [weights.memory, arena, hostArena], spare: spare)
      let host = try HostRun(
        program.host, arena: hostArena.slabs[0].mapping!, owner: hostArena, bound: program.shared)
      parts.append(PartRun(binding, host, open, arena, [weights.memory, hostArena, spare], flight))
    }
    self.parts = parts
  }

  func run(_ inputs: [any RegionSource], into outputs: [any RegionSink], control: RunControl) throws(RuntimeError) {
    guard parts.count > 1 else { return try parts[0].run(inputs, into: outputs, control: control) }
    let stitches = zip(plan.sized.graph.outputs, zip(plan.outputRegions, outputs)).map { id, pair in
      StitchSink(region: pair.0, into: pair.1, name: plan.sized.graph[id].name)
    }
    let progress = PartProgress(plan, parts: parts.map(\.plan), control)
    for index in parts.indices {
      try parts[index].run(inputs, into: stitches, control: progress.control(ofPart: index))
    }
    progress.end()
    do throws(TensorError) { for stitch in stitches { try stitch.finish() } } catch { throw RuntimeError(error) }
  }

  deinit {
    // What the device may still use must stay.
    if flight.isAbandoned {
      for part in parts { _ = Unmanaged.passRetained(part) }
    }
  }
}

/// Gathers the parts of an output and gives the whole to its sink.
private final class StitchSink: RegionSink {
  private let region: Region
  private let sink: any RegionSink
  private let name: String
  private var whole: HostTensor?
  private var shape: Shape?

  init(region: Region, into sink: any RegionSink, name: String) {
    self.region = region
    self.sink = sink
    self.name = name
  }

  func write(
    _ part: Region, of shape: Shape, _ elementType: ElementType, from source: UnsafeRawBufferPointer
  ) throws(TensorError) {
    self.shape = shape
    if whole == nil { whole = try HostTensor(elementType, region.shape, zeroed: false) }
    try copyRegion(
      from: source, sourceRegion: part, to: whole!.storage.mutableBytes, targetRegion: region, region: part,
      elementSize: elementType.size)
  }

  func finish() throws(TensorError) {
    guard let whole, let shape else { return }
    try sink.write(region, of: shape, whole.elementType, from: whole.storage.bytes)
  }
}
