import OnnxFCN
import Testing

/// The page of `analyze --html`: well-formed, closed in itself, and true to the report, whatever the report holds.
@Suite struct GeometryHTMLTests {
  private static let folder =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/testdata/networks/"

  private static func report(_ name: String) throws -> GeometryReport {
    try Model(path: folder + name + "/model.onnx", engine: Engine()).geometry()
  }

  private static func measured() throws -> GeometryReport {
    try Model(path: folder + "plain/model.onnx", engine: Engine()).analyze(AnalysisOptions(samples: 1))
  }

  private static func check(_ page: String, _ location: SourceLocation = #_sourceLocation) {
    #expect(MarkupChecker.fault(in: page) == nil, sourceLocation: location)
    #expect(!page.contains("http"), sourceLocation: location)
    #expect(!page.contains("<script"), sourceLocation: location)
    #expect(!page.contains("NaN") && !page.contains("nan\""), sourceLocation: location)
  }

  private static func count(_ part: String, in page: String) -> Int {
    var count = 0
    var rest = Array(page.utf8)[...]
    let wanted = Array(part.utf8)
    while let start = rest.firstIndex(of: wanted[0]) {
      if rest[start...].starts(with: wanted) { count += 1 }
      rest = rest[(start + 1)...]
    }
    return count
  }

  @Test func theCheckerFindsFaults() {
    let faulty = [
      "<p>a", "<p>a</b></p>", "<p>a & b</p>", "<p a=b>c</p>", "<p>a < b</p>", "<p>a > b</p>", "<p>\u{202E}</p>",
      "<p a=\"b>c</p>", "</p>",
    ]
    for page in faulty { #expect(MarkupChecker.fault(in: page) != nil, "\(page)") }
    #expect(MarkupChecker.fault(in: "<p a=\"b>c\">d &amp; e<br><i x=\"\"/></p>") == nil)
  }

  @Test(arguments: [
    "unet_deconv", "unet_valid", "unet3d", "fcn32s", "segnet", "coordconv", "deeplabv3_mnv3", "plain", "density",
  ]) func pagesAreWellFormed(_ name: String) throws {
    let report = try Self.report(name)
    let page = report.html()
    Self.check(page)
    #expect(page == report.html())
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
    for reason in report.tiling.refusals { #expect(page.contains(reason.reason)) }
    #expect(page.contains(report.tiling.isExact ? "Possible." : "Impossible tile by tile."))
    #expect(Self.count("<figure>", in: page) == Self.count("<figcaption>", in: page))
    #expect(!page.contains("<h2>Experiments</h2>"))
  }

  @Test func theNumbersAreThoseOfTheReport() throws {
    let report = try Self.report("unet_deconv")
    let axis = report.outputs[0].axes[0]
    let field = try #require(axis.receptiveField)
    let page = report.html()
    #expect(page.contains("<b>\(field.minimum) to \(field.maximum) samples.</b>"))
    #expect(page.contains("Multiples of \(axis.period?.input ?? 0) only."))
    #expect(page.contains("<b>\(axis.contamination.low) outputs at each side.</b>"))
    // A bar of each phase, at both widths.
    for index in field.phases.indices { #expect(Self.count("<title>phase \(index):", in: page) == 2) }
    #expect(axis.breakers.allSatisfy { page.contains("\($0.from) → \($0.to)") })
  }

  @Test func experimentsAreDrawnWhereTheyWereMade() throws {
    let report = try Self.measured()
    let measurement = try #require(report.measurement)
    let page = report.html()
    Self.check(page)
    #expect(page.contains("<h2>Experiments</h2>"))
    #expect(Self.count("confirmed</span>", in: page) == measurement.claims.filter { $0.status == .confirmed }.count)
    #expect(page.contains("Error of shifted images") && page.contains("Effective receptive field"))
    var contradicted = report
    contradicted.measurement?.claims[0].status = .contradicted
    #expect(contradicted.html().contains("Contradicted."))
  }

  @Test func manyConfirmedStatementsAreFolded() throws {
    var report = try Self.measured()
    let claims = try #require(report.measurement).claims.filter { $0.status == .confirmed }
    var contradicted = try #require(claims.first)
    contradicted.status = .contradicted
    report.measurement?.claims = (0..<40).flatMap { _ in claims } + [contradicted]
    let page = report.html()
    Self.check(page)
    #expect(page.contains("<details><summary>\(40 * claims.count) confirmed</summary>"))
    #expect(Self.count("✗ contradicted", in: page) == 1)
  }

  @Test func namesFromFilesAreEscaped() throws {
    let hostile =
      "<script>alert(\"x\")</script>&amp;'\u{0}\u{1B}[31m\u{202E}\u{2028}\u{200F}\n\t</title></style>" + "\u{FFFE}"
    var report = try Self.measured()
    report.model = hostile
    report.input = hostile
    report.axisNames = [hostile, hostile]
    for output in report.outputs.indices {
      report.outputs[output].name = hostile
      for axis in report.outputs[output].axes.indices {
        report.outputs[output].axes[axis].name = hostile
        for step in report.outputs[output].axes[axis].growth.indices {
          report.outputs[output].axes[axis].growth[step].node = hostile
          report.outputs[output].axes[axis].growth[step].operatorName = hostile
        }
        for node in report.outputs[output].axes[axis].contamination.nodes.indices {
          report.outputs[output].axes[axis].contamination.nodes[node].node = hostile
          report.outputs[output].axes[axis].contamination.nodes[node].cause = hostile
        }
        for cause in report.outputs[output].axes[axis].contamination.causes.indices {
          report.outputs[output].axes[axis].contamination.causes[cause].cause = hostile
        }
      }
    }
    for axis in report.sizes.indices { report.sizes[axis].axis = hostile }
    for axis in report.tiling.axes.indices { report.tiling.axes[axis].name = hostile }
    rename(&report.measurement!, hostile)
    Self.check(report.html())
    #expect(report.html().contains("\\u{202e}"))
    #expect(report.html().contains("Error of shifted images") && report.html().contains("Border profile"))
  }

  private func rename(_ measurement: inout GeometryMeasurement, _ name: String) {
    measurement.source = name
    for index in measurement.claims.indices {
      measurement.claims[index].output = name
      measurement.claims[index].axis = name
      measurement.claims[index].statement = name
      measurement.claims[index].detail = name
    }
    for index in measurement.shifts.indices {
      measurement.shifts[index].output = name
      measurement.shifts[index].axis = name
    }
    for index in measurement.borders.indices {
      measurement.borders[index].output = name
      measurement.borders[index].axis = name
      measurement.borders[index].side = name
    }
    for index in measurement.fields.indices { measurement.fields[index].output = name }
  }

  @Test func hostileRefusalsAreEscaped() throws {
    var report = try Self.report("coordconv")
    #expect(!report.tiling.refusals.isEmpty)
    for index in report.tiling.refusals.indices {
      report.tiling.refusals[index].node = "<b>\u{202E}"
      report.tiling.refusals[index].reason = "a & b </li>"
    }
    Self.check(report.html())
  }
}
