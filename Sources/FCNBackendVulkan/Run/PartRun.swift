import CVulkan
import FCNGraph
import FCNRuntime
import FCNTensor

/// One program in the memory of one session.
final class PartRun {
  private let binding: ProgramBinding
  private let host: HostRun
  private let open: OpenDevice
  private let arena: DeviceSlabs
  /// Kept as long as the descriptor sets.
  private let others: [AnyObject]
  private let flight: Flight
  private var recordings: [Recording.Purpose: Recording] = [:]
  /// Where outputs of steps are read that the host does not see.
  private var readBack: DeviceBuffer?

  var plan: Plan { binding.program.plan }

  init(
    _ binding: ProgramBinding, _ host: HostRun, _ open: OpenDevice, _ arena: DeviceSlabs, _ others: [AnyObject],
    _ flight: Flight
  ) {
    self.binding = binding
    self.host = host
    self.open = open
    self.arena = arena
    self.others = others
    self.flight = flight
  }

  func run(_ inputs: [any RegionSource], into outputs: [any RegionSink], control: RunControl) throws(RuntimeError) {
    defer { host.release() }
    do throws(RuntimeError) {
      try host.begin(inputs, into: outputs)
      try steps(control)
    } catch {
      // The next run writes what these submissions read.
      try? flight.waitForAll()
      throw error
    }
    if control.isCancelled { throw RuntimeError(.cancelled, "cancelled after the last step") }
    try host.end(outputs)
  }

  private func recording(_ control: RunControl) throws(RuntimeError) -> Recording {
    let purpose: Recording.Purpose = control.onTime != nil ? .times : control.observer != nil ? .steps : .run
    let segments = open.segments
    if let known = recordings[purpose], purpose != .run || !segments.replaces(known.segmentFlops) { return known }
    let made = try Recording(binding, purpose, segmentFlops: segments.flops)
    recordings[purpose] = made
    return made
  }

  private func steps(_ control: RunControl) throws(RuntimeError) {
    let recording = try recording(control)
    let watches = control.onTime != nil || control.observer != nil
    var progress = StepProgress(binding.program)
    var meter = BusyTime()
    for (item, commands) in recording.items {
      if control.isCancelled {
        throw RuntimeError(.cancelled, "cancelled after \(progress.done) of \(plan.steps.count) steps")
      }
      let start = Clock.milliseconds()
      var milliseconds: Double?
      switch item {
      case .host(let step):
        try flight.waitForAll()
        meter.stop()
        try host.run(step: step, control: control)
        if control.isCancelled { continue }
      case .device(let range):
        meter.start()
        try flight.submit(commands!, what: "\(binding.program.dispatches[range.lowerBound].node)…")
        if watches {
          try flight.waitForAll()
          milliseconds = recording.milliseconds(range)
        }
      }
      for step in progress.finish(item) {
        control.onTime?(step, progress.hasWork(step) ? milliseconds ?? (Clock.milliseconds() - start) : 0)
        control.onStep?(step, plan.steps.count)
        if let observer = control.observer, let view = try view(step) { observer(step, view) }
      }
    }
    try flight.waitForAll()
    meter.stop()
    if !watches {
      open.note(flops: binding.program.dispatches.reduce(0) { $0 + $1.flops }, milliseconds: meter.milliseconds)
    }
    for step in progress.rest { control.onStep?(step, plan.steps.count) }
  }

  /// A step's output, wherever it lies.
  private func view(_ step: Int) throws(RuntimeError) -> BufferView? {
    guard let value = plan.steps[step].outputs[0] else { return nil }
    guard value.layout.isOnDevice else { return host.view(value) }
    guard let buffer = plan.buffers[value], buffer.byteCount > 0 else { return nil }
    let place = arena.place(buffer.offset, buffer.byteCount)
    var pointer = place.buffer.mapping.map { $0 + place.offset }
    if pointer == nil {
      if readBack == nil {
        let bytes = plan.buffers.values.filter(\.layout.isOnDevice).map(\.byteCount).max() ?? 0
        readBack = try DeviceBuffer(arena.device, .host, bytes: bytes, what: "reading back")
      }
      let copy = readBack!
      try Transfer.copy(from: place.buffer, at: place.offset, to: copy, at: 0, bytes: buffer.byteCount)
      pointer = copy.mapping!
    }
    return BufferView(
      pointer: pointer!, elementType: buffer.elementType, shape: buffer.shape, region: buffer.region,
      layout: buffer.layout)
  }
}

/// Time in which something was submitted and not done.
private struct BusyTime {
  private(set) var milliseconds = 0.0
  private var since: Double?

  mutating func start() { since = since ?? Clock.milliseconds() }

  mutating func stop() {
    if let since { milliseconds += Clock.milliseconds() - since }
    since = nil
  }
}

/// Which steps are over once an item of a recording is.
private struct StepProgress {
  private let counts: [Int?]
  /// Steps that are over, and dispatches.
  private(set) var done = 0
  private var dispatches = 0

  init(_ program: VulkanProgram) { counts = program.counts }

  /// Steps that end with the item, views included.
  mutating func finish(_ item: SegmentPlan.Item) -> Range<Int> {
    let start = done
    switch item {
    case .host(let step): done = step + 1
    case .device(let range):
      while done < counts.count, let count = counts[done], dispatches + count <= range.upperBound {
        dispatches += count
        done += 1
      }
    }
    return start..<done
  }

  /// Whether a step takes time: views do not.
  func hasWork(_ step: Int) -> Bool { counts[step] != 0 }

  var rest: Range<Int> { done..<counts.count }
}
