/// The effective receptive fields of an output, by phase.
struct EffectiveFieldFigure: PlotFigure {
  private let maps: [EffectiveFieldMap]
  private let isMany: Bool
  private static let shownMaps = 6

  init?(_ fields: [GeometryMeasurement.EffectiveField], isMany: Bool) {
    maps = fields.prefix(Self.shownMaps).compactMap { EffectiveFieldMap($0) }
    guard !maps.isEmpty else { return nil }
    self.isMany = isMany
  }

  var isSquare: Bool { true }

  var title: String { "Effective receptive field\(isMany ? " of " + HTMLText.name(maps[0].field.output) : "")" }

  var label: String {
    "Heat maps of the mean gradient magnitude inside the theoretical receptive field, "
      + "for \(maps.count) phases of the output."
  }

  var explanation: String {
    "How much each input sample really matters to one output. The frame is the theoretical receptive field; "
      + "the dashed square holds 95.45 % of the sum. At the right and below: marginal sums, with the Gaussian of the "
      + "same mean and deviation (dashed)."
  }

  var finding: String {
    let ratios = maps.map(\.field.ratio).filter { $0.isFinite }
    guard let low = ratios.min(), let high = ratios.max() else { return "" }
    let share = low == high ? NumberText.percent(low) : "\(NumberText.percent(low)) to \(NumberText.percent(high))"
    let count = maps[0].field.samples
    let gradients = count == 1 ? "One gradient" : "Mean of \(NumberText.integer(count)) gradients"
    return "The effective field takes \(share) of the theoretical side. \(gradients) for each phase."
  }

  var formula: String {
    "colour ∝ ∛ mean |∂<i>y</i>(<i>o</i>)/∂<i>x</i>(<i>i</i>)| <span class=\"soft\">(Luo et al. 2016)</span>"
  }

  var details: String {
    let rows = maps.map { map -> [String] in
      let field = map.field
      return [
        map.phase, NumberText.integer(field.side),
        field.standardDeviation.map { NumberText.real($0) }.joined(separator: " × "),
        NumberText.real(field.gaussianFit),
        NumberText.integer(field.count),
      ]
    }
    let head = ["Phase", "95.45 % side", "σ (samples)", "Gaussian <i>R</i>²", "Above 4.55 %"]
    return HTMLText.table(head, rows, numeric: [1, 2, 3, 4])
  }

  func drawings(width: Double) -> [Drawing] { maps.map(\.drawing) }
}
