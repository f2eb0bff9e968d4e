/// The measured error of each shift along one axis, coloured by how often two divides the shift.
struct ShiftFigure: PlotFigure {
  private let output: String
  private let axis: String
  private let shifts: [GeometryMeasurement.ShiftError]
  private let period: Int?
  private let isMany: Bool

  /// - Parameter isMany: whether the model has several outputs, so that the name is needed.
  init?(_ shifts: [GeometryMeasurement.ShiftError], period: Int?, isMany: Bool) {
    guard let first = shifts.first else { return nil }
    output = first.output
    axis = first.axis
    self.shifts = Array(shifts.sorted { $0.shift < $1.shift }.prefix(512))
    self.period = period.flatMap { $0 > 0 ? $0 : nil }
    self.isMany = isMany
  }

  /// How often two divides the shift, at most 4.
  static func valuation(_ shift: Int) -> Int { shift == 0 ? 4 : min(4, shift.trailingZeroBitCount) }

  var title: String {
    "Error of shifted images, \(isMany ? HTMLText.name(output) + ", " : "")\(HTMLText.escaped(axis))"
  }

  var label: String { "Error of the output against the size of the shift along \(axis), for \(shifts.count) shifts." }

  var explanation: String {
    "The network is run on an image and on the same scene moved by <i>s</i> samples; both results are compared where "
      + "no border reaches. Filled: root mean square difference in units of the output’s standard deviation σ (thick: "
      + "95 % bootstrap interval); bar: largest difference; hollow: borders included. Colour: how often 2 divides the "
      + "shift; diamonds: no whole output shift fits, the better of its neighbours is shown."
  }

  var finding: String {
    var text = ""
    if let period, period > 1 {
      text += "At multiples of the derived period \(period) (dashed) the error must be zero. "
    } else if period == 1 {
      text += "Every shift must give zero. "
    }
    if let worst = shifts.filter({ $0.rms.isFinite }).max(by: { $0.rms < $1.rms }), worst.rms > 0 {
      text += "The worst shift, by \(worst.shift), changes the result by \(NumberText.real(worst.rms)) σ"
      if worst.agreement.isFinite { text += " and keeps \(NumberText.percent(worst.agreement)) of the labels" }
      text += "."
    } else if !shifts.isEmpty, shifts.allSatisfy({ $0.rms == 0 }) {
      text += "All are zero."
    }
    return text
  }

  var formula: String {
    "<i>E</i>(<i>s</i>) = rms<sub>clean</sub>|<i>f</i>(τ<sub>s</sub><i>x</i>) − τ<sub>sQ/P</sub><i>f</i>(<i>x</i>)| / σ"
  }

  func drawings(width: Double) -> [Drawing] { [drawing(width: width)] }

  private func drawing(width: Double) -> Drawing {
    let hasAgreement = shifts.contains { $0.agreement.isFinite }
    let agreementHeight = hasAgreement ? 92.0 : 0
    let height = 320 + agreementHeight
    var plot = Plot(width: width, height: height, left: 46, top: 46, right: 12, bottom: 40)
    let errorBottom = plot.bottom - agreementHeight - 6
    let values = shifts.flatMap { [$0.rms, $0.maximum, $0.overlapRMS] }
    let y = ErrorScale(values, zero: errorBottom - 6, top: plot.top + 4)
    let last = Double(shifts.last?.shift ?? 1)
    let first = Double(shifts.first?.shift ?? 0)
    let pad = max(0.6, (last - first) * 0.02)
    let x = LinearScale(first - pad, last + pad, to: plot.left, plot.right)
    plot.errorAxis(y, title: "")
    plot.drawing.text("difference (σ)", 2, 36, .start, "title")
    lattice(&plot, x, errorBottom)
    for shift in shifts { mark(&plot, shift, x(Double(shift.shift)), y) }
    if hasAgreement { agreement(&plot, x, top: errorBottom + 34) }
    plot.horizontalAxis(x, title: "shift s (input samples)", grid: false)
    legend(&plot)
    return plot.drawing
  }

  private func lattice(_ plot: inout Plot, _ x: LinearScale, _ bottom: Double) {
    guard let period, period > 1, x.high / Double(period) < 200 else { return }
    var multiple = 0.0
    while multiple <= x.high {
      if multiple >= x.low { plot.drawing.line(x(multiple), plot.top, x(multiple), plot.bottom, "derived") }
      multiple += Double(period)
    }
  }

  private func mark(_ plot: inout Plot, _ shift: GeometryMeasurement.ShiftError, _ x: Double, _ y: ErrorScale) {
    let valuation = Self.valuation(shift.shift)
    let rms = y(shift.rms)
    plot.drawing.line(x, y.zero, x, y(shift.maximum), "w\(valuation) stem")
    plot.drawing.line(x - 3.5, y(shift.maximum), x + 3.5, y(shift.maximum), "w\(valuation) bar")
    if let interval = shift.rmsInterval {
      plot.drawing.line(x, y(interval.lowerBound), x, y(interval.upperBound), "w\(valuation) whisker")
    }
    plot.drawing.circle(x, y(shift.overlapRMS), 4, "hollow")
    let hint =
      "shift \(shift.shift): rms \(NumberText.real(shift.rms)) σ, largest \(NumberText.real(shift.maximum)) σ, "
      + "labels kept \(NumberText.percent(shift.agreement))"
    if shift.isWhole {
      plot.drawing.circle(x, rms, 4.5, "v\(valuation) spot", hint: hint)
    } else {
      let points = [(0.0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)].map { Point(x: x + $0.0, y: rms + $0.1) }
      plot.drawing.path(points, "v\(valuation) spot", isClosed: true)
    }
  }

  /// The share of equal labels below the errors.
  private func agreement(_ plot: inout Plot, _ x: LinearScale, top: Double) {
    let values = shifts.map(\.agreement).filter { $0.isFinite }
    let lowest = min(0.99, max(0, ((values.min() ?? 0) * 100 - 0.5).rounded(.down) / 100))
    let y = LinearScale(lowest, 1, to: plot.bottom - 4, top)
    let ticks = [lowest, (lowest + 1) / 2, 1].map { (text: NumberText.fixed($0 * 100, 1), y: y($0)) }
    plot.verticalAxis(ticks, title: "labels kept (%)", top: top)
    for shift in shifts where shift.agreement.isFinite {
      let valuation = Self.valuation(shift.shift)
      plot.drawing.circle(x(Double(shift.shift)), y(shift.agreement), 3.5, "v\(valuation) spot")
    }
  }

  private func legend(_ plot: inout Plot) {
    let names = ["odd", "2·odd", "4·odd", "8·odd", "16, 32 …"]
    let used = Set(shifts.filter { $0.shift != 0 }.map { Self.valuation($0.shift) })
    plot.legend(names.indices.filter(used.contains).map { ("v\($0)", names[$0]) }, x: 2, y: 13)
  }
}
