import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// One run of a Winograd convolution over an output region. Where patches of some cells fit in a thread's cache, a task
/// transforms them, multiplies and transforms back; else stages of many cells share their patches among all threads, so
/// that the weights are read once for many cells. Both compute the same.
struct WinogradRun {
  private let products: WinogradProducts
  private let grid: WinogradGrid
  private let context: StepContext
  private let x: BufferView
  private let source: BlockedBox
  private let target: ConvolutionTarget
  /// First outputs of the cells.
  private let cells: [fcn_cell]

  init(_ products: WinogradProducts, _ context: StepContext, _ x: BufferView, _ y: BufferView) {
    self.products = products
    grid = products.grid
    self.context = context
    self.x = x
    source = BlockedBox(x)
    target = ConvolutionTarget(y, context.residual)
    let columns = grid.origins(target.w)
    cells = grid.origins(target.h).flatMap { y in columns.map { fcn_cell(y: y, x: $0) } }
  }

  private struct Task {
    var image: Int
    var group: Int
    /// Of the run's.
    var cells: Range<Int>
    var runs: Range<Int>
    var slices: Range<Int>
  }

  // MARK: Patches of a task's own

  func runTasks() {
    let chunks = cells.count.dividedUp(by: grid.taskCells)
    let others = target.n.count * grid.groups
    let wanted = 4 * context.threadCount
    let shares = products.blocks.shares(others: others * chunks, wanted: wanted)
    let parts = max(1, min(target.d.count / 4, wanted / max(1, others * chunks * shares.count)))
    var tasks: [Task] = []
    for image in target.n {
      for group in 0..<grid.groups {
        for chunk in 0..<chunks {
          let range = chunk * grid.taskCells..<min(cells.count, (chunk + 1) * grid.taskCells)
          for share in shares {
            for part in 0..<parts {
              let low = target.d.lowerBound + target.d.count * part / parts
              let high = target.d.lowerBound + target.d.count * (part + 1) / parts
              tasks.append(Task(image: image, group: group, cells: range, runs: share, slices: low..<high))
            }
          }
        }
      }
    }
    context.run(tasks.count) { index, worker in
      compute(tasks[index], context.scratch(worker: worker).assumingMemoryBound(to: Float.self))
    }
  }

  /// Slices in order; the patches of a slice stay in a ring as long as depth taps read them.
  private func compute(_ task: Task, _ scratch: UnsafeMutablePointer<Float>) {
    let (taps, depth) = (grid.depth.kernel, grid.depth)
    let sums = scratch + taps * grid.patchFloats
    var offsets = [Int](repeating: -1, count: taps)
    var kept = [Int](repeating: Int.min, count: taps)
    for z in task.slices {
      for tap in 0..<taps {
        let slice = z - depth.low + tap * depth.dilation
        let isRead = isHeld(slice, task)
        // Of dilated taps, each residue has its own part of the ring.
        let slot = taps == 1 ? 0 : ringSlot(slice)
        if isRead && kept[slot] != slice {
          gather(slice, task, scratch + slot * grid.patchFloats)
          kept[slot] = slice
        }
        offsets[tap] = isRead ? slot * grid.patchFloats : -1
      }
      for run in products.blocks.runs[task.runs] {
        products.multiply(
          scratch, offsets: offsets, count: task.cells.count,
          .init(run: run, weights: products.weights(group: task.group, run: run), sums: sums))
        store(task, run, z, sums)
      }
    }
  }

  /// Slices that one output slice reads together, `dilation` apart, have different slots.
  private func ringSlot(_ slice: Int) -> Int {
    let taps = grid.depth.kernel
    let index = slice.dividedDown(by: grid.depth.dilation)
    return index - index.dividedDown(by: taps) * taps
  }

  // MARK: Patches of a stage, shared

  func runStages() {
    for image in target.n {
      for group in 0..<grid.groups {
        for first in stride(from: 0, to: cells.count, by: grid.stageCells) {
          runStage(image, group, first..<min(cells.count, first + grid.stageCells))
        }
      }
    }
  }

  private func runStage(_ image: Int, _ group: Int, _ range: Range<Int>) {
    let shared = context.shared.assumingMemoryBound(to: Float.self)
    let depth = grid.depth
    let low = target.d.lowerBound - depth.low
    let planes = target.d.count + depth.extent - 1
    let whole = Task(image: image, group: group, cells: range, runs: 0..<0, slices: target.d)
    let portion = 8
    let portions = range.count.dividedUp(by: portion)
    context.run(planes * portions) { index, _ in
      let slice = low + index / portions
      guard isHeld(slice, whole) else { return }
      let first = index % portions * portion
      var task = whole
      task.cells = range.lowerBound + first..<min(range.upperBound, range.lowerBound + first + portion)
      gather(slice, task, shared + index / portions * grid.patchFloats + first * grid.patchLayout.cell)
    }
    // A task takes one run of output blocks, whose weights it transforms first, and some chunks of cells, those of a
    // slice together: each weight comes from the third cache once for all of them.
    let chunks = range.count.dividedUp(by: grid.taskCells)
    let all = target.d.count * chunks
    let runs = products.blocks.runs
    let parts = max(1, min(all, (4 * context.threadCount).dividedUp(by: runs.count)))
    context.run(runs.count * parts) { index, worker in
      let (run, part) = (index / parts, index % parts)
      var task = whole
      task.runs = run..<run + 1
      let product = product(group, runs[run], context.scratch(worker: worker).assumingMemoryBound(to: Float.self))
      var chunk = all * part / parts
      let end = all * (part + 1) / parts
      while chunk < end {
        let (slice, first) = chunk.quotientAndRemainder(dividingBy: chunks)
        let count = min(end - chunk, chunks - first)
        let place = first * grid.taskCells
        task.cells = range.lowerBound + place..<min(range.upperBound, range.lowerBound + place + count * grid.taskCells)
        multiply(task, target.d.lowerBound + slice, low: low, place: place, product)
        chunk += count
      }
    }
  }

  /// The transformed weights of a run of output blocks, and after them room for its sums.
  private func product(
    _ group: Int, _ run: OutputBlocks.Run, _ place: UnsafeMutablePointer<Float>
  ) -> WinogradProducts.Product {
    products.transform(group: group, run: run, place)
    return WinogradProducts.Product(
      run: run, weights: UnsafePointer(place),
      sums: place + grid.frequencies * grid.weightStride(wide: run.wide))
  }

  private func multiply(
    _ task: Task, _ z: Int, low: Int, place: Int, _ product: WinogradProducts.Product
  ) {
    let (taps, depth) = (grid.depth.kernel, grid.depth)
    var offsets = [Int](repeating: -1, count: taps)
    for tap in 0..<taps {
      let slice = z - depth.low + tap * depth.dilation
      guard isHeld(slice, task) else { continue }
      offsets[tap] = (slice - low) * grid.patchFloats + place * grid.patchLayout.cell
    }
    products.multiply(
      UnsafePointer(context.shared.assumingMemoryBound(to: Float.self)), offsets: offsets,
      count: task.cells.count, product)
    store(task, product.run, z, product.sums)
  }

  // MARK: Transforms

  private func isHeld(_ slice: Int, _ task: Task) -> Bool {
    let first = task.group * grid.inputBlocks
    return source.d.contains(slice) && source.n.contains(task.image) && source.blocks.lowerBound <= first
      && first + grid.inputBlocks <= source.blocks.upperBound
  }

  /// The transformed patches of the task's cells in one slice. Beyond what the image's last outputs read nothing
  /// counts, held or not: all regions see the same.
  private func gather(_ slice: Int, _ task: Task, _ patches: UnsafeMutablePointer<Float>) {
    var map = fcn_map(
      src: x.floats + source.offset(image: task.image, block: task.group * grid.inputBlocks, z: slice),
      blocks: grid.inputBlocks, block_stride: source.blockStride, h_stride: source.rowStride,
      h_lo: source.h.lowerBound, h_hi: min(source.h.upperBound, grid.inputLimit.rows), w_lo: source.w.lowerBound,
      w_hi: min(source.w.upperBound, grid.inputLimit.columns))
    let corners = cells[task.cells].map { fcn_cell(y: $0.y - grid.low.rows, x: $0.x - grid.low.columns) }
    products.cells.pointee.gather(&map, corners, corners.count, grid.dilation, grid.patchLayout, patches)
  }

  private func store(_ task: Task, _ run: OutputBlocks.Run, _ z: Int, _ sums: UnsafeMutablePointer<Float>) {
    let block = task.group * products.blocks.count + run.first
    var place = target.cellTarget(
      image: task.image, block: block, z: z, channels: grid.groups * grid.outputChannels, wide: run.wide)
    place.epilogue = products.epilogue.from(block: block)
    let store = target.isPlanar ? products.cells.pointee.store_planar : products.cells.pointee.store
    cells.withUnsafeBufferPointer { cells in
      store!(
        sums, grid.sumLayout(wide: run.wide), run.wide, cells.baseAddress! + task.cells.lowerBound, task.cells.count,
        grid.dilation, &place)
    }
  }
}
