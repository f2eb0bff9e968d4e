import FCNGraph
package import FCNTensor

/// What one thread of use holds in this machine's memory: arena, scratch, and where outputs are made.
package final class HostRun {
  private let program: HostProgram
  private let arena: UnsafeMutableRawPointer
  /// Of the arena.
  private let owner: AnyObject
  private let scratch: Storage
  private let shared: Storage
  /// Values that must lie in the arena.
  private let bound: Set<StoredValue>
  /// Of the current run: outputs that are made where their sinks keep them, and inputs that are read where their
  /// sources hold them.
  private var direct: [StoredValue: UnsafeMutableRawPointer] = [:]
  /// Alive while steps read from them.
  private var sources: [any RegionSource] = []

  /// An arena of its own.
  package convenience init(_ program: HostProgram) throws(RuntimeError) {
    let arena: Storage
    do throws(TensorError) { arena = try Storage(count: max(64, program.plan.arenaBytes)) } catch {
      throw RuntimeError(error)
    }
    try self.init(program, arena: arena.mutableBytes.baseAddress!, owner: arena)
  }

  /// - Parameters:
  ///   - arena: `plan.arenaBytes`, 64-byte aligned, alive as long as `owner`.
  ///   - bound: values that someone else reads or writes in the arena.
  package init(
    _ program: HostProgram, arena: UnsafeMutableRawPointer, owner: AnyObject, bound: Set<StoredValue> = []
  ) throws(RuntimeError) {
    self.program = program
    self.arena = arena
    self.owner = owner
    self.bound = bound
    do throws(TensorError) {
      scratch = try Storage(count: program.scratchStride * program.pool.threadCount + 64)
      shared = try Storage(count: program.sharedBytes + 64)
    } catch { throw RuntimeError(error) }
  }

  /// Where a planar or blocked value lies; nil for what no step of this memory reads.
  package func view(_ value: StoredValue) -> BufferView? {
    if let buffer = program.plan.buffers[value] {
      if value.layout.isOnDevice { return nil }
      return BufferView(
        pointer: direct[value] ?? arena + buffer.offset, elementType: buffer.elementType, shape: buffer.shape,
        region: buffer.region, layout: buffer.layout)
    }
    guard let constant = program.constants[value.id] else { return nil }
    return BufferView(
      pointer: UnsafeMutableRawPointer(mutating: constant.storage.bytes.baseAddress!),
      elementType: constant.elementType, shape: constant.shape, region: constant.shape.region)
  }

  /// Runs one step's kernel; views and steps of a device do nothing.
  package func run(step index: Int, control: RunControl) throws(RuntimeError) {
    let step = program.plan.steps[index]
    guard !step.isAlias, let kernel = program.kernels[index] else { return }
    try kernel.run(
      StepContext(
        inputs: step.inputs.map { $0.flatMap(view) }, outputs: step.outputs.map { $0.flatMap(view) },
        residual: step.residual.flatMap(view), pool: program.pool, control: control,
        scratch: scratch.mutableBytes.baseAddress!, scratchStride: program.scratchStride,
        shared: shared.mutableBytes.baseAddress!, placedInputs: step.placedInputs))
  }

  /// Places the outputs and reads the planned region of every input.
  package func begin(_ inputs: [any RegionSource], into outputs: [any RegionSink]) throws(RuntimeError) {
    try place(outputs)
    sources = inputs
    try read(inputs)
  }

  private func place(_ outputs: [any RegionSink]) throws(RuntimeError) {
    direct = [:]
    let plan = program.plan
    for ((id, sink), region) in zip(zip(plan.sized.graph.outputs, outputs), plan.outputRegions) {
      let value = StoredValue(id)
      guard plan.sole.contains(value), direct[value] == nil, let buffer = plan.buffers[value], buffer.region == region,
        buffer.firstStep >= 0, !region.isEmpty, !bound.contains(value)
      else { continue }
      do throws(TensorError) {
        if let memory = try sink.memory(for: region, buffer.elementType) { direct[value] = memory.baseAddress! }
      } catch { throw RuntimeError(error, node: plan.sized.graph[id].name) }
    }
  }

  private func read(_ inputs: [any RegionSource]) throws(RuntimeError) {
    let graph = program.plan.sized.graph
    guard inputs.count == graph.inputs.count else {
      throw RuntimeError(.input, "inputs: expected \(graph.inputs.count), got \(inputs.count)")
    }
    for (id, source) in zip(graph.inputs, inputs) {
      let expected = program.plan.sized.type(id)
      guard source.shape == expected.shape, source.elementType == expected.elementType else {
        throw RuntimeError(
          .input, "input \(graph[id].name): expected \(expected), got \(source.elementType.rawValue) \(source.shape)")
      }
      guard let view = view(StoredValue(id)) else { continue }
      if let held = held(StoredValue(id), view, source) {
        direct[StoredValue(id)] = held
        continue
      }
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

  /// Where the source holds an input that no step writes over.
  private func held(
    _ value: StoredValue, _ view: BufferView, _ source: any RegionSource
  ) -> UnsafeMutableRawPointer? {
    guard program.plan.sole.contains(value), !bound.contains(value), view.elementType == source.elementType,
      !view.region.isEmpty
    else { return nil }
    return source.bytes(of: view.region).map { UnsafeMutableRawPointer(mutating: $0.baseAddress!) }
  }

  /// Forgets where the sources and sinks of a run, complete or not, hold their values: nobody reads or writes there any
  /// more.
  package func release() {
    direct = [:]
    sources = []
  }

  /// Gives the outputs to their sinks.
  package func end(_ outputs: [any RegionSink]) throws(RuntimeError) {
    let graph = program.plan.sized.graph
    for ((id, sink), region) in zip(zip(graph.outputs, outputs), program.plan.outputRegions) {
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
