extension GeometryReport {
  private static let shownGroups = 6

  /// One self-contained page with everything that the report has: an answer to each question, and figures with their
  /// formulas. It needs no network and no script, follows the reader's light or dark scheme, and prints.
  ///
  /// - Parameter picture: an encoded PNG of an image and its size in samples; where borders reach is drawn on it.
  public func html(picture: (png: [UInt8], width: Int, height: Int)? = nil) -> String {
    var body = "<header>\n<h1>Geometry of \(HTMLText.escaped(HTMLText.shortened(fileName, 80)))</h1>\n"
    body +=
      "<p class=\"subtitle\">\(HTMLText.name(model))<br>image input \(HTMLText.name(input)); "
    body +=
      "border depths for an image of \(size.map(NumberText.integer).joined(separator: " × ")) samples</p>\n</header>\n"
    body += "<section>\n\(HTMLSummary(report: self).html)</section>\n"
    var number = 0
    var kinds: [String: Int] = [:]
    for section in sections(picture) where !section.figures.isEmpty || !section.text.isEmpty {
      body += "<section>\n<h2>\(section.title)</h2>\n\(section.text)"
      for figure in section.figures {
        number += 1
        let kind = "\(type(of: figure))"
        body += figure.html(number: number, first: kinds[kind])
        if kinds[kind] == nil { kinds[kind] = number }
      }
      body += "\(section.after)</section>\n"
    }
    return page(body, stock: picture.map(GeometryReport.stock) ?? "")
  }

  private var fileName: String {
    let parts = model.split(separator: "/")
    guard let last = parts.last else { return model }
    return parts.count > 1 && last == "model.onnx" ? parts.suffix(2).joined(separator: "/") : String(last)
  }

  private func page(_ body: String, stock: String) -> String {
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      + "<title>Geometry of \(HTMLText.escaped(HTMLText.shortened(fileName, 80)))</title>\n"
      + "<style>\n\(HTMLStyle.text)</style>\n"
      + "</head>\n<body>\n\(stock)<main>\n\(body)\(footer)</main>\n</body>\n</html>\n"
  }

  /// The picture once, for every drawing that shows it.
  private static func stock(_ picture: (png: [UInt8], width: Int, height: Int)) -> String {
    "<svg class=\"stock\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>"
      + "<image id=\"picture\" width=\"\(picture.width)\" height=\"\(picture.height)\""
      + " href=\"data:image/png;base64,\(Base64.text(picture.png))\"></image></defs></svg>\n"
  }

  private struct Section {
    var title: String
    var text = ""
    var figures: [any PlotFigure] = []
    var after = ""
  }

  private func sections(_ picture: (png: [UInt8], width: Int, height: Int)?) -> [Section] {
    var sections = [seen, borders(picture), tiles]
    if let measurement {
      sections.append(
        Section(
          title: "Experiments", text: measurement.htmlIntroduction + measurement.htmlClaims,
          figures: measurement.figures(self), after: measurement.htmlRemark(self)))
    }
    return sections
  }

  private var seen: Section {
    let fields = AxisGroup.groups(self) { $0.receptiveField.map { [$0.phases] } }.compactMap { FieldFigure($0) }
    let growth = AxisGroup.groups(self) { GrowthFigure.key($0) }.compactMap { GrowthFigure($0) }
    return Section(
      title: "What an output sees", figures: limited(fields) + limited(growth),
      after: remark(fields.count, growth.count))
  }

  private func borders(_ picture: (png: [UInt8], width: Int, height: Int)?) -> Section {
    let backdrop = picture.map { MaskFigure.Backdrop(name: "picture", height: $0.height, width: $0.width) }
    var keys: Set<[Contamination]> = []
    let distinct = outputs.filter { keys.insert($0.axes.map(\.contamination)).inserted }
    let masks = distinct.compactMap { MaskFigure($0, backdrop) }
    let curves = distinct.compactMap { CleanShareFigure($0, sizes) }
    let nodes = AxisGroup.groups(self) { $0.contamination.nodes.isEmpty ? nil : $0.contamination.nodes }
      .compactMap { BorderNodesFigure($0) }
    return Section(
      title: "Borders", figures: limited(masks) + limited(nodes) + limited(curves),
      after: remark(masks.count, nodes.count, curves.count))
  }

  private func limited(_ figures: [some PlotFigure]) -> [any PlotFigure] { Array(figures.prefix(Self.shownGroups)) }

  private func remark(_ counts: Int...) -> String {
    let left = counts.reduce(0) { $0 + max(0, $1 - Self.shownGroups) }
    return left == 0
      ? "" : "<p class=\"soft\">\(left) more figures, of further outputs, are left out; --json has their numbers.</p>\n"
  }

  private var tiles: Section {
    let figures = SizesFigure.figures(sizes)
    // What is not worth a figure is a sentence.
    let text = figures.isEmpty ? "<p>\(HTMLSummary(report: self).sizes)</p>\n" : ""
    return Section(title: "Sizes and tiles", text: text, figures: figures, after: tilingTable)
  }

  private var tilingTable: String {
    guard tiling.isExact, !tiling.axes.isEmpty else {
      guard !tiling.refusals.isEmpty else { return "" }
      let rows = tiling.refusals.prefix(200).map { [HTMLText.name($0.node), HTMLText.escaped($0.reason)] }
      return "<h3>Why tiles run alone are not exact</h3>\n" + HTMLText.table(["Node", "Reason"], rows)
    }
    let rows = tiling.axes.map { axis in
      let sides = Tiling.sides(axis.name)
      return [
        HTMLText.escaped(axis.name), NumberText.integer(axis.originMultiple),
        "\(sides.low) \(NumberText.integer(axis.low))", "\(sides.high) \(NumberText.integer(axis.high))",
      ]
    }
    return
      "<h3>Exact tiles</h3>\n<p>A tile of <i>n</i> samples at origin <i>u</i>, run alone, gives the outputs of "
      + "the whole image of <i>N</i> samples wherever it is not given up.</p>\n"
      + "<p class=\"formula\"><i>u</i> ≡ 0 (mod <i>P</i>), <i>n</i> ≡ <i>N</i> (mod <i>P</i>); "
      + "keep <i>o</i> ∈ [<i>a</i>, <i>M</i>(<i>n</i>) − <i>b</i>), "
      + "and up to the edge at sides of the image</p>\n"
      + HTMLText.table(
        ["Axis", "Origins: multiples of <i>P</i>", "Give up <i>a</i>", "Give up <i>b</i>"], rows, numeric: [1])
  }

  private var footer: String {
    let experiments = measurement.map { ", confirmed by experiments in \(NumberText.real($0.seconds)) s" } ?? ""
    return "<footer><p>Derived from the graph in \(NumberText.real(seconds)) s\(experiments) by onnx-fcn analyze. "
      + "<i>P</i>: input period; <i>Q</i>: output period; <i>M</i>: output size; <i>a</i>, <i>b</i>: "
      + "outputs reached by the low (front, top, left) and the high border. "
      + "Everything but the experiments is exact.</p></footer>\n"
  }
}
