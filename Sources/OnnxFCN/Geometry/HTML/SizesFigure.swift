/// The comb of image sizes that the network takes.
struct SizesFigure: PlotFigure {
  private let names: [String]
  private let runs: GeometryReport.SizeClass
  private let seamless: GeometryReport.SizeClass?

  init?(_ names: [String], _ sizes: GeometryReport.Sizes) {
    guard let runs = sizes.runs, runs.step >= 0, runs.minimum >= 0 else { return nil }
    self.names = names
    self.runs = runs
    seamless = sizes.seamless
  }

  /// Nothing to draw: one size only, or all of them.
  private static func isPlain(_ sizes: GeometryReport.Sizes) -> Bool {
    guard let runs = sizes.runs else { return true }
    return runs.step == 0 || runs.step == 1 && (sizes.seamless == nil || sizes.seamless == runs)
  }

  /// One figure for all axes with the same rule.
  static func figures(_ sizes: [GeometryReport.Sizes]) -> [SizesFigure] {
    var groups: [(names: [String], sizes: GeometryReport.Sizes)] = []
    for item in sizes where !isPlain(item) {
      if let index = groups.firstIndex(where: { $0.sizes.runs == item.runs && $0.sizes.seamless == item.seamless }) {
        groups[index].names.append(item.axis)
      } else {
        groups.append(([item.axis], item))
      }
    }
    return groups.compactMap { SizesFigure($0.names, $0.sizes) }
  }

  /// The sizes drawn: some periods beyond the smallest.
  private var window: (low: Double, high: Double) {
    let step = Double(max(runs.step, seamless?.step ?? 0))
    let low = Double(min(runs.minimum, seamless?.minimum ?? runs.minimum))
    let length = step <= 1 ? max(16, low) : step * (step <= 16 ? 6 : 4)
    return (max(0, (low - step).rounded()), low + length + max(2, step * 0.1))
  }

  /// Runs of compatible sizes inside the window, from first to last.
  private func teeth(_ rule: GeometryReport.SizeClass) -> [(from: Double, to: Double)] {
    let least = Double(rule.minimum)
    guard rule.step > 0 else { return [(least, least)] }
    if rule.step == 1 { return [(least, window.high)] }
    let step = Double(rule.step)
    var sizes: [Double] = []
    for residue in rule.residues.prefix(2048) {
      var size = Double(residue) + ((least - Double(residue)) / step).rounded(.up) * step
      while size <= window.high, sizes.count < 16384 {
        sizes.append(size)
        size += step
      }
    }
    var result: [(from: Double, to: Double)] = []
    for size in sizes.sorted() {
      if let last = result.last, size <= last.to + 1 {
        result[result.count - 1].to = size
      } else {
        result.append((size, size))
      }
    }
    return result
  }

  var title: String { "Image sizes that fit, \(HTMLText.list(names.map(HTMLText.escaped)))" }
  var label: String { "Comb of compatible image sizes: \(runs.text)." }

  var explanation: String { "Sizes with which every node accepts its inputs." }

  var finding: String {
    var text = HTMLText.escaped(runs.text) + "."
    if let seamless, seamless != runs {
      text += " Seamless sizes, with no sample left unread and no crop off centre: \(HTMLText.escaped(seamless.text))."
    } else if seamless == nil {
      text += " With every size some samples are left unread or a crop is off centre."
    } else {
      text += " With all of them every sample is read."
    }
    if runs.step > 1 { text += " An image of another size is padded to the next tooth and the result cropped back." }
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  var formula: String {
    if runs.step == 0 { return "<i>n</i> = \(NumberText.integer(runs.minimum))" }
    if runs.step == 1 { return "<i>n</i> ≥ \(NumberText.integer(max(1, runs.minimum)))" }
    let shown =
      runs.residues.prefix(8).map(String.init).joined(separator: ", ") + (runs.residues.count > 8 ? ", …" : "")
    return "<i>n</i> ≥ \(NumberText.integer(runs.minimum)), <i>n</i> mod \(runs.step) ∈ {\(shown)}"
  }

  func drawings(width: Double) -> [Drawing] { [drawing(width: width)] }

  private func drawing(width: Double) -> Drawing {
    let both = seamless.map { $0 != runs } ?? false
    let rows = both ? 2.0 : 1.0
    let title = both ? 20.0 : 0
    let bottom = 8 + rows * (34 + title)
    var plot = Plot(width: width, height: bottom + 40, left: 8, top: 8, right: 20, bottom: 40)
    let x = LinearScale(window.low - 0.5, window.high, to: plot.left, plot.right)
    var y = 8 + title
    let combs = both ? [(runs, "runs", "f1"), (seamless ?? runs, "seamless", "f3")] : [(runs, "", "f1")]
    for (rule, name, style) in combs {
      if !name.isEmpty { plot.drawing.text(name, plot.left, y - 7, .start, "t") }
      for tooth in teeth(rule) {
        let from = max(tooth.from, window.low)
        guard tooth.to >= from else { continue }
        // A tooth is as wide as its sizes, and visible.
        let start = x(from - 0.5)
        let width = max(2.5, x(tooth.to + 0.5) - start)
        plot.drawing.rectangle(min(start, plot.right - width), y, width, 28, style, hint: hint(tooth))
      }
      plot.drawing.line(plot.left, y + 28, plot.right, y + 28, "axis")
      y += 34 + title
    }
    plot.horizontalAxis(x, title: "image size (samples)", ticks: ticks(x, plot), grid: false)
    return plot.drawing
  }

  private func hint(_ tooth: (from: Double, to: Double)) -> String {
    tooth.from == tooth.to
      ? NumberText.whole(tooth.from)
      : "\(NumberText.whole(tooth.from)) … \(NumberText.whole(tooth.to))"
  }

  /// At the teeth where there is room, else round numbers.
  private func ticks(_ x: LinearScale, _ plot: Plot) -> [Double] {
    let count = max(3, Int(plot.areaWidth / 60))
    let teeth = teeth(seamless ?? runs).filter { $0.from == $0.to && $0.from >= window.low }.map(\.from)
    guard !teeth.isEmpty, teeth.count <= 4 * count else { return x.ticks(count) }
    let each = (teeth.count + count - 1) / count
    return stride(from: 0, to: teeth.count, by: each).map { teeth[$0] }
  }
}
