import FCNGraph
import FCNRuntime
import FCNTensor

/// Outputs of a cell along each axis: m of F(m×m, 3×3).
enum WinogradCell: Int {
  case three = 3
  case four = 4
  case six = 6

  /// Products of a cell.
  var frequencies: Int { (rawValue + 2) * (rawValue + 2) }
}

/// What a 3×3 or k×3×3 convolution costs by cells of each size and directly, in vector operations of a slice,
/// transforms included. Depends on whole sizes only.
struct WinogradCosts {
  let direct: Double
  let cells3: Double
  let cells4: Double
  let cells6: Double
  /// Of a sum at one frequency, and weights at all frequencies of a 6×6 cell; their number in a slice.
  private let terms: Int
  private let weights: Int
  private let count6: Int
  /// Measured with second caches of 512 KiB; larger ones, of processors with AVX-512, are not.
  private let hasLargeCache: Bool

  /// Terms and weights of a layer up to which cells are 6×6: of any layer, and of one that has many cells. There the
  /// patches of some cells and a frequency's weights stream from the third cache: 256 → 256 channels at 64² take 0.6 to
  /// 0.75 of the time of 4×4 cells. 512 terms would take 0.7 to 0.75, but their error is 3e-5 of the largest output.
  private static let most6 = (terms: 192, weights: 2 << 20)
  private static let mostOfMany6 = (terms: 256, weights: 8 << 20)
  private static let many6 = 96

  init(
    _ form: BlockedConvolution, axes: [WindowAxis], from input: Shape, to output: Shape, hasLargeCache: Bool
  ) {
    /// Taps that read inside the image, over all outputs of an axis; the direct kernel skips the others.
    func taps(_ axis: WindowAxis, _ position: Int) -> Double {
      let (size, count) = position < 0 ? (1, 1) : (input[position], output[position])
      return (0..<axis.kernel).reduce(0.0) { sum, tap in
        let shift = axis.low - tap * axis.dilation
        return sum + Double(max(0, min(count, size + shift) - max(0, shift)))
      }
    }
    let rank = output.rank
    let (height, width) = (rank > 3 ? output[rank - 2] : 1, output[rank - 1])
    let outputs = form.outputChannels.dividedUp(by: Layout.block) * Layout.block
    let directOutputs = form.isNarrow ? form.outputChannels * 2 : outputs
    let products = Double(form.inputChannels * outputs) / Double(Layout.block)
    func winograd(_ cell: WinogradCell) -> Double {
      let dilation = axes[1].dilation
      let cells = WinogradCosts.cellCount(height, dilation, cell) * WinogradCosts.cellCount(width, dilation, cell)
      let frequencies = Double(cell.frequencies)
      let transforms = frequencies / 4 * Double(form.inputChannels + outputs)
      return Double(cells) * (frequencies * Double(axes[0].kernel) * products * 1.1 + transforms)
    }
    direct =
      Double(axes[0].kernel) * taps(axes[1], rank > 3 ? rank - 2 : -1) * taps(axes[2], rank - 1)
      * Double(form.inputChannels * directOutputs) / Double(Layout.block)
    terms = axes[0].kernel * form.inputChannels
    weights = WinogradCell.six.frequencies * terms * outputs
    count6 =
      WinogradCosts.cellCount(height, axes[1].dilation, .six) * WinogradCosts.cellCount(width, axes[1].dilation, .six)
    self.hasLargeCache = hasLargeCache
    cells3 = winograd(.three)
    cells4 = winograd(.four)
    cells6 = winograd(.six)
  }

  /// Nil if the direct convolution costs less.
  ///
  /// Larger cells multiply a fifth less, but need more of the caches, and rounding grows with the channels: simulated,
  /// the largest error of a layer is about 1e-6·√channels of its largest output, five times that of 4×4.
  func best() -> WinogradCell? {
    var best = (cell: WinogradCell.four, cost: cells4)
    // Small cells fit the phase images of far dilations.
    if cells3 * 20 < cells4 * 19 { best = (.three, cells3) }
    let isMany = !hasLargeCache && count6 >= WinogradCosts.many6
    let most = isMany ? WinogradCosts.mostOfMany6 : WinogradCosts.most6
    if terms <= most.terms && weights <= most.weights && cells6 * 20 < best.cost * 19 { best = (.six, cells6) }
    return best.cost * 10 < direct * 9 ? best.cell : nil
  }

  /// Cells along an axis of `size` outputs, all phases together.
  static func cellCount(_ size: Int, _ dilation: Int, _ cell: WinogradCell) -> Int {
    (0..<min(size, dilation)).reduce(0) { $0 + (size - $1).dividedUp(by: dilation).dividedUp(by: cell.rawValue) }
  }
}
