import FCNGraph
import FCNTensor

/// A kernel bound to one step of a plan; immutable, shared by sessions.
package protocol StepKernel: Sendable {
  func run(_ context: StepContext) throws(RuntimeError)
}

/// What a kernel sees of a running session.
package struct StepContext {
  package let inputs: [BufferView?]
  package let outputs: [BufferView?]
  package let residual: BufferView?
  let pool: ThreadPool
  let control: RunControl
  /// `scratchBytes` for each of the pool's threads, 64-byte aligned.
  package let scratch: UnsafeMutableRawPointer
  package let scratchStride: Int
  /// `sharedBytes`, 64-byte aligned.
  package let shared: UnsafeMutableRawPointer
  /// Inputs of a Concat that lie in place already.
  package let placedInputs: Set<Int>

  package var threadCount: Int { pool.threadCount }

  /// A parallel loop of the session's pool; a cancelled run leaves the rest of it out.
  package func run(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
    pool.run(count, unless: { control.isCancelled }, body)
  }

  package func scratch(worker: Int) -> UnsafeMutableRawPointer { scratch + worker * scratchStride }
}

/// A plan with its kernels: what every backend that runs on this machine's memory prepares.
package final class PlannedExecutable: Executable {
  package let plan: Plan
  let kernels: [any StepKernel]
  let pool: ThreadPool
  let constants: [ValueID: HostTensor]
  let scratchStride: Int
  let sharedBytes: Int

  /// - Parameter kernels: one per step; views are never run.
  package init(_ plan: Plan, kernels: [any StepKernel], pool: ThreadPool) throws(RuntimeError) {
    self.plan = plan
    self.kernels = kernels
    self.pool = pool
    scratchStride = ((plan.steps.map(\.offer.scratchBytes).max() ?? 0) + 4095) / 4096 * 4096
    sharedBytes = plan.steps.map(\.offer.sharedBytes).max() ?? 0
    var constants: [ValueID: HostTensor] = [:]
    for step in plan.steps {
      for (position, input) in step.inputs.enumerated() where !step.offer.packsInputs.contains(position) {
        guard let input, let constant = plan.sized.constants[input.id.index], constants[input.id] == nil else {
          continue
        }
        constants[input.id] = try PlannedExecutable.aligned(constant)
      }
    }
    for output in plan.sized.graph.outputs {
      if let constant = plan.sized.constants[output.index] { constants[output] = constant }
    }
    self.constants = constants
  }

  /// Spans of a mapped file may lie at any byte.
  private static func aligned(_ tensor: HostTensor) throws(RuntimeError) -> HostTensor {
    if Int(bitPattern: tensor.storage.bytes.baseAddress) % 16 == 0 { return tensor }
    do throws(TensorError) {
      let storage = try Storage(count: tensor.byteCount)
      storage.mutableBytes.copyMemory(from: tensor.storage.bytes)
      return try HostTensor(elementType: tensor.elementType, shape: tensor.shape, storage: storage)
    } catch { throw RuntimeError(error) }
  }

  package func makeSession() throws(RuntimeError) -> any SessionCore { try PlannedSession(self) }
}

/// Arena and scratch memory of one thread of use.
final class PlannedSession: SessionCore {
  private let executable: PlannedExecutable
  private let arena: Storage
  private let scratch: Storage
  private let shared: Storage
  /// Outputs that are made where their sinks keep them; of the current run.
  private var direct: [StoredValue: UnsafeMutableRawPointer] = [:]

  init(_ executable: PlannedExecutable) throws(RuntimeError) {
    self.executable = executable
    do throws(TensorError) {
      arena = try Storage(count: max(64, executable.plan.arenaBytes))
      scratch = try Storage(count: executable.scratchStride * executable.pool.threadCount + 64)
      shared = try Storage(count: executable.sharedBytes + 64)
    } catch { throw RuntimeError(error) }
  }

  func run(_ inputs: [any RegionSource], into outputs: [any RegionSink], control: RunControl) throws(RuntimeError) {
    let plan = executable.plan
    try place(outputs)
    defer { direct = [:] }
    try read(inputs)
    for (index, step) in plan.steps.enumerated() {
      let cancelled = RuntimeError(.cancelled, "cancelled after \(index) of \(plan.steps.count) steps")
      if control.isCancelled { throw cancelled }
      if !step.isAlias {
        try executable.kernels[index].run(
          StepContext(
            inputs: step.inputs.map { $0.flatMap(view) }, outputs: step.outputs.map { $0.flatMap(view) },
            residual: step.residual.flatMap(view), pool: executable.pool, control: control,
            scratch: scratch.mutableBytes.baseAddress!, scratchStride: executable.scratchStride,
            shared: shared.mutableBytes.baseAddress!, placedInputs: step.placedInputs))
        // The kernel may have left the rest of its loop out.
        if control.isCancelled { throw cancelled }
      }
      control.onStep?(index, plan.steps.count)
      if let observer = control.observer, let output = step.outputs[0], let view = view(output) {
        observer(index, view)
      }
    }
    try write(outputs)
  }

  private func place(_ outputs: [any RegionSink]) throws(RuntimeError) {
    let plan = executable.plan
    for ((id, sink), region) in zip(zip(plan.sized.graph.outputs, outputs), plan.outputRegions) {
      let value = StoredValue(id)
      guard plan.sole.contains(value), direct[value] == nil, let buffer = plan.buffers[value], buffer.region == region,
        buffer.firstStep >= 0, !region.isEmpty
      else { continue }
      do throws(TensorError) {
        if let memory = try sink.memory(for: region, buffer.elementType) { direct[value] = memory.baseAddress! }
      } catch { throw RuntimeError(error, node: plan.sized.graph[id].name) }
    }
  }

  private func view(_ value: StoredValue) -> BufferView? {
    if let buffer = executable.plan.buffers[value] {
      return BufferView(
        pointer: direct[value] ?? arena.mutableBytes.baseAddress! + buffer.offset, elementType: buffer.elementType,
        shape: buffer.shape,
        region: buffer.region, layout: buffer.layout)
    }
    guard let constant = executable.constants[value.id] else { return nil }
    return BufferView(
      pointer: UnsafeMutableRawPointer(mutating: constant.storage.bytes.baseAddress!),
      elementType: constant.elementType,
      shape: constant.shape, region: constant.shape.region)
  }

  private func read(_ inputs: [any RegionSource]) throws(RuntimeError) {
    let graph = executable.plan.sized.graph
    guard inputs.count == graph.inputs.count else {
      throw RuntimeError(.input, "inputs: expected \(graph.inputs.count), got \(inputs.count)")
    }
    for (id, source) in zip(graph.inputs, inputs) {
      let expected = executable.plan.sized.type(id)
      guard source.shape == expected.shape, source.elementType == expected.elementType else {
        throw RuntimeError(
          .input, "input \(graph[id].name): expected \(expected), got \(source.elementType.rawValue) \(source.shape)")
      }
      guard let view = view(StoredValue(id)) else { continue }
      do throws(TensorError) {
        if view.elementType == source.elementType {
          try source.read(view.region, into: view.bytes)
        } else {
          let part = try HostTensor(source.elementType, view.region.shape, zeroed: false)
          try source.read(view.region, into: part.storage.mutableBytes)
          let values = part.doubles()
          values.withUnsafeBytes { view.bytes.copyMemory(from: $0) }
        }
      } catch { throw RuntimeError(error, node: graph[id].name) }
    }
  }

  private func write(_ outputs: [any RegionSink]) throws(RuntimeError) {
    let graph = executable.plan.sized.graph
    for ((id, sink), region) in zip(zip(graph.outputs, outputs), executable.plan.outputRegions) {
      guard let view = view(StoredValue(id)) else { continue }
      do throws(TensorError) {
        if view.region == region {
          try sink.write(region, of: view.shape, view.elementType, from: UnsafeRawBufferPointer(view.bytes))
        } else {
          let part = try HostTensor(view.elementType, region.shape, zeroed: false)
          try copyRegion(
            from: UnsafeRawBufferPointer(view.bytes), sourceRegion: view.region, to: part.storage.mutableBytes,
            targetRegion: region, region: region, elementSize: view.elementType.size)
          try sink.write(region, of: view.shape, view.elementType, from: part.storage.bytes)
        }
      } catch { throw RuntimeError(error, node: graph[id].name) }
    }
  }
}
