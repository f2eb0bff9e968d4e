import CFCNKernels
import FCNGraph
import FCNTensor

/// Sizes of a Winograd convolution; they depend on the whole image only.
struct WinogradGrid: Sendable {
  /// Outputs of a cell along each axis.
  static let cell = 4
  static let frequencies = 36
  /// Channels below which the transforms cost more than they save.
  private static let fewestChannels = 8
  /// Cells below which four times the weights are not worth their memory, and weights that are few anyway.
  private static let fewestCells = 64
  private static let fewWeights = 1 << 14

  let groups: Int
  /// Per group.
  let inputChannels: Int
  let outputChannels: Int
  /// Cells of a block: a vector strip, row by row.
  let rows: Int
  let columns: Int
  let strip: Int
  let low: (rows: Int, columns: Int)
  /// Inputs from here on are read by no output.
  let inputLimit: (rows: Int, columns: Int)
  /// Floats of a row of a block's outputs or patches.
  let pitch: Int
  /// Floats from one frequency to the next.
  let panelStride: Int
  let accStride: Int
  /// Floats of the packed weights of one frequency.
  let frequencyWeights: Int

  var groupWeights: Int { WinogradGrid.frequencies * frequencyWeights }

  var scratchBytes: Int {
    (WinogradGrid.frequencies * (panelStride + accStride) + max(6, WinogradGrid.cell * rows) * pitch) * 4
  }

  struct Refusal: Error {
    var reason: String
  }

  static func of(_ candidate: Candidate) -> Result<WinogradGrid, Refusal> {
    func refused(_ reason: String) -> Result<WinogradGrid, Refusal> { .failure(Refusal(reason: reason)) }
    guard case .convolution(let payload) = candidate.node.op else { return refused("a transposed convolution") }
    let rule = candidate.sizing.rule.inputs[0]
    guard rule.count == 4, case .window(let h) = rule[2].rule, case .window(let w) = rule[3].rule else {
      return refused("\(rule.count - 2) spatial axes")
    }
    for axis in [h, w] where axis.kernel != 3 || axis.stride != 1 || axis.dilation != 1 {
      return refused("kernel \(axis.kernel), stride \(axis.stride), dilation \(axis.dilation)")
    }
    guard let x = candidate.type(0), candidate.output.shape.count > 0 else { return refused("empty") }
    let input = x.shape[1] / payload.groups
    let output = candidate.output.shape[1] / payload.groups
    guard input >= fewestChannels, output >= fewestChannels else { return refused("\(input) to \(output) channels") }
    guard candidate.output.shape[2] >= cell, candidate.output.shape[3] >= cell else { return refused("a small image") }
    let shape = candidate.output.shape
    let cells = shape[2].dividedUp(by: cell) * shape[3].dividedUp(by: cell)
    guard cells >= fewestCells || input * output <= fewWeights else {
      return refused("\(cells) cells for \(input) × \(output) channels")
    }
    return .success(
      WinogradGrid(candidate, groups: payload.groups, input: input, output: output, h: h, w: w))
  }

  private init(_ candidate: Candidate, groups: Int, input: Int, output: Int, h: WindowAxis, w: WindowAxis) {
    self.groups = groups
    inputChannels = input
    outputChannels = output
    strip = candidate.table.pointee.strip
    low = (h.low, w.low)
    let shape = candidate.output.shape
    inputLimit = (shape[2] - h.low + 2, shape[3] - w.low + 2)
    let wide = WinogradGrid.columns(shape[3].dividedUp(by: WinogradGrid.cell), strip: strip)
    columns = wide
    rows = max(1, min(strip / wide, shape[2].dividedUp(by: WinogradGrid.cell)))
    // Whole vectors, of which the last begins at the last cell.
    pitch = (WinogradGrid.cell * (wide + strip) + strip).dividedUp(by: strip) * strip
    let slack = strip
    panelStride = input * strip + slack
    accStride = output * strip + slack
    let blocks = candidate.table.pointee.rows
    frequencyWeights = output.dividedUp(by: blocks) * blocks * input
  }

  /// The number of columns up to a strip that leaves the fewest lanes empty.
  private static func columns(_ count: Int, strip: Int) -> Int {
    var best = (columns: min(count, strip), share: 0.0)
    for parts in count.dividedUp(by: strip)...max(count.dividedUp(by: strip), min(count, strip)) {
      let columns = count.dividedUp(by: parts)
      let used = Double(count) / Double(parts * columns) * Double(strip / columns * columns) / Double(strip)
      if used > best.share + 0.02 { best = (columns, used) }
    }
    return best.columns
  }

  /// The cells that a range of outputs lies in.
  static func cells(_ range: Range<Int>) -> Range<Int> {
    range.lowerBound / cell..<range.upperBound.dividedUp(by: cell)
  }
}

/// The weights at one frequency: G g G' with points 0, ±√½, ±√2, ∞.
enum WinogradTransform {
  private static let a = 0.5.squareRoot()
  private static let b = 2.0.squareRoot()

  /// Rows of G.
  private static let rows: [[Double]] = [
    [1, 0, 0], [-1 / 1.5, -a / 1.5, -0.5 / 1.5], [-1 / 1.5, a / 1.5, -0.5 / 1.5], [1 / 6, b / 6, 2 / 6],
    [1 / 6, -b / 6, 2 / 6], [0, 0, 1],
  ]

  /// `[outputChannels][inputChannels]` of one group.
  static func weights(
    _ source: UnsafeBufferPointer<Float>, _ grid: WinogradGrid, group: Int, frequency: Int
  ) -> [Float] {
    let (i, j) = (rows[frequency / 6], rows[frequency % 6])
    let factors = (0..<9).map { i[$0 / 3] * j[$0 % 3] }
    let count = grid.outputChannels * grid.inputChannels
    let start = group * count * 9
    return (0..<count).map { index in
      var sum = 0.0
      for tap in 0..<9 { sum += factors[tap] * Double(source[start + index * 9 + tap]) }
      return Float(sum)
    }
  }
}
