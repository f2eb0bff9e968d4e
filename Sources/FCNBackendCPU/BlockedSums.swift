import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// The packed weights of a convolution on blocked feature maps, and the sums over them: tasks of positions by output
/// blocks, finished and stored.
struct BlockedSums: Sendable {
  let form: BlockedConvolution
  let table: KernelTable
  let blocks: OutputBlocks
  private let weights: FloatStore
  private let phases: [Phase]
  /// Where the weights of a group and phase begin: `[groups][phases]`.
  private let starts: [Int]
  private let epilogue: Epilogue
  private let zeros: FloatStore

  /// What every task of a phase needs of its form; it points to the zeros.
  private struct Phase: @unchecked Sendable {
    /// Terms of one output's sum.
    let terms: Int
    /// Without source and offsets.
    let reduction: fcn_reduction
  }

  init(_ candidate: Candidate, _ step: PlanStep) throws(RuntimeError) {
    guard case .success(let form) = BlockedConvolution.of(candidate) else { preconditionFailure("was refused") }
    self.form = form
    table = candidate.table
    blocks = OutputBlocks(channels: form.outputChannels, wide: table.pointee.wide)
    epilogue = try Epilogue(
      bias: convolutionBias(candidate), channels: form.outputChannels * form.groups,
      activation: step.activation.flatMap(Activation.init) ?? .none)
    zeros = try FloatStore(count: max(form.pixelFloats, Layout.block))
    let lanes = blocks.count * Layout.block
    var total = 0
    var starts: [Int] = []
    for _ in 0..<form.groups {
      for phase in form.phases.indices {
        starts.append(total)
        total += max(lanes * form.depth(phase), form.narrowFloats(phase))
      }
    }
    self.starts = starts
    phases = form.phases.indices.map { [zeros] phase in
      Phase(
        terms: form.depth(phase),
        reduction: fcn_reduction(
          src: nil, zeros: zeros.pointer, blocks: form.inputBlocks, block_stride: 0, channels: form.channels(phase),
          last_channels: form.lastChannels(phase), taps: form.reducedTaps(phase), offsets: nil, offsets_stride: 0,
          pitch: 0, sums_pitch: 0))
    }
    weights = try FloatStore(count: total, zeroed: form.isNarrow)
    if form.isNarrow { packNarrow(candidate) } else { pack(candidate) }
  }

  /// `[blocks][taps][outputs][16]`, zeros beyond the channels.
  private func packNarrow(_ candidate: Candidate) {
    let taps = form.kernel.reduce(1, *)
    let rowStride = form.isTransposed ? taps : form.inputChannels * taps
    candidate.packWeights { source, factors in
      for phase in form.phases.indices {
        var place = weights.pointer + starts[phase]
        let offsets = form.weightOffsets(phase)
        let tapCount = form.phases[phase].reduce(1) { $0 * $1.taps.count }
        for block in 0..<form.inputBlocks {
          let channels = min(Layout.block, form.inputChannels - block * Layout.block)
          for tap in 0..<tapCount {
            for m in 0..<form.outputChannels {
              for lane in 0..<channels {
                let term = block * Layout.block * tapCount + tap * channels + lane
                let weight = source.loadUnaligned(
                  fromByteOffset: 4 * (m * rowStride + offsets[term]), as: Float.self)
                place[lane] = factors.map { Float(Double(weight) * $0[m]) } ?? weight
              }
              place += Layout.block
            }
          }
        }
      }
    }
  }

  private func pack(_ candidate: Candidate) {
    let taps = form.kernel.reduce(1, *)
    let groupStride = form.isTransposed ? form.inputChannels : form.outputChannels
    let rowCount = form.isTransposed ? form.outputChannels : form.inputChannels
    let rowStride = form.isTransposed ? taps : form.inputChannels * taps
    candidate.packWeights { source, factors in
      for phase in form.phases.indices {
        let offsets = form.weightOffsets(phase)
        candidate.pool.run(form.groups * blocks.runs.count) { task, _ in
          let (group, run) = (task / blocks.runs.count, blocks.runs[task % blocks.runs.count])
          let first = run.first * Layout.block
          table.pointee.f32_pack_lanes(
            source + 4 * (group * groupStride * rowCount * taps + first * rowStride),
            min(run.wide * Layout.block, form.outputChannels - first),
            rowStride, offsets, offsets.count, run.wide * Layout.block,
            factors.map { $0 + group * form.outputChannels + first },
            weights.pointer + starts[group * form.phases.count + phase] + first * offsets.count)
        }
      }
    }
  }

  /// Sums of a task's positions, whose offsets are given, for a share of the output blocks, finished and stored.
  func reduce(
    _ reduction: inout fcn_reduction, _ task: ConvolutionTask, _ place: ConvolutionTarget,
    _ stored: ConvolutionTarget.Tables, _ scratch: ConvolutionScratch
  ) {
    var target = fcn_store_target()
    stored.fill(scratch.places, scratch.residualPlaces, task.first..<task.first + task.count, table)
    (target.places, target.residual_places) = (UnsafePointer(scratch.places), UnsafePointer(scratch.residualPlaces))
    let terms = phases[task.phase].terms
    let first = weights.pointer + starts[task.group * phases.count + task.phase]
    for index in task.runs {
      let run = blocks.runs[index]
      let block = task.group * blocks.count + run.first
      let packed = first + run.first * Layout.block * terms
      place.aim(&target, image: task.image, block: block, z: task.z, channels: form.outputChannels * form.groups)
      target.epilogue = epilogue.from(block: block)
      reduction.sums_pitch = run.wide * Layout.block
      if !place.isPlanar {
        table.pointee.f32_reduce(&reduction, run.wide, task.count, packed, scratch.sums, &target)
        continue
      }
      if form.isNarrow {
        table.pointee.f32_reduce_narrow(&reduction, form.outputChannels, task.count, packed, scratch.sums)
      } else {
        table.pointee.f32_reduce(&reduction, run.wide, task.count, packed, scratch.sums, nil)
      }
      table.pointee.f32_store_planes(scratch.sums, run.wide, task.count, &target)
    }
  }

  /// - Parameter count: positions that the offsets of a tap have room for.
  func reduction(_ phase: Int, _ src: UnsafePointer<Float>, blockStride: Int, count: Int) -> fcn_reduction {
    var reduction = phases[phase].reduction
    (reduction.src, reduction.block_stride, reduction.offsets_stride) = (src, blockStride, count)
    return reduction
  }
}

/// Positions of one slice and a share of the output blocks.
struct ConvolutionTask {
  var image: Int
  var group: Int
  var phase: Int
  /// Output slice, and the lattice position that makes it.
  var z: Int
  var depth: Int
  var first: Int
  var count: Int
  var runs: Range<Int>
}

extension BlockedConvolution {
  /// Floats of the weights of few outputs.
  func narrowFloats(_ phase: Int) -> Int {
    isNarrow ? phases[phase].reduce(inputBlocks * Layout.block * outputChannels) { $0 * $1.taps.count } : 0
  }

  func scratchBytes(_ table: KernelTable) -> Int { ConvolutionScratch.bytes(self, positions: positions(table)) }
}

/// A worker's scratch: offsets of a task's positions, where they are stored, their sums, and what the task copies of
/// its input.
struct ConvolutionScratch {
  let offsets, places, residualPlaces: UnsafeMutablePointer<Int>
  /// `[positions][32]`, and behind them the input: at multiples of 64 bytes.
  let sums, input: UnsafeMutablePointer<Float>

  init(_ base: UnsafeMutableRawPointer, taps: Int, positions: Int) {
    offsets = base.assumingMemoryBound(to: Int.self)
    places = offsets + taps * positions
    residualPlaces = places + positions
    sums = UnsafeMutableRawPointer(residualPlaces + positions).alignedUp(toMultipleOf: 64)
      .assumingMemoryBound(to: Float.self)
    input = sums + positions * 2 * Layout.block
  }

  static func bytes(_ form: BlockedConvolution, positions: Int) -> Int {
    let offsets = (form.largestTaps + 2) * positions * MemoryLayout<Int>.size
    var floats = positions * 2 * Layout.block
    if form.packsPixels { floats += positions * form.pixelFloats }
    if form.readsPlanes { floats += form.largestPatch }
    return offsets + floats * MemoryLayout<Float>.size + 512
  }
}
