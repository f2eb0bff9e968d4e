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
  /// Of a sum at one frequency, and weights at all frequencies of a 6×6 cell.
  private let terms: Int
  private let weights: Int

  private static let mostTerms6 = 192
  private static let mostWeights6 = 2 << 20

  init(_ form: BlockedConvolution, axes: [WindowAxis], from input: Shape, to output: Shape) {
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
    cells3 = winograd(.three)
    cells4 = winograd(.four)
    cells6 = winograd(.six)
  }

  /// Nil if the direct convolution costs less.
  ///
  /// Larger cells multiply a fifth less, but their patches and weights must stay in the caches and rounding grows with
  /// the channels: simulated, the largest error of a layer is about 1e-6·√channels of its largest output, five times
  /// that of 4×4.
  func best() -> WinogradCell? {
    var best = (cell: WinogradCell.four, cost: cells4)
    // Small cells fit the phase images of far dilations.
    if cells3 * 20 < cells4 * 19 { best = (.three, cells3) }
    let largeFits = terms <= WinogradCosts.mostTerms6 && weights <= WinogradCosts.mostWeights6
    if largeFits && cells6 * 20 < best.cost * 19 { best = (.six, cells6) }
    return best.cost * 10 < direct * 9 ? best.cell : nil
  }

  /// Cells along an axis of `size` outputs, all phases together.
  static func cellCount(_ size: Int, _ dilation: Int, _ cell: WinogradCell) -> Int {
    (0..<min(size, dilation)).reduce(0) { $0 + (size - $1).dividedUp(by: dilation).dividedUp(by: cell.rawValue) }
  }
}
