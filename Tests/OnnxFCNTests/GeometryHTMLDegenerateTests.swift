import OnnxFCN
import Testing

/// Reports that no network gives: the page must not trap and must stay well-formed.
@Suite struct GeometryHTMLDegenerateTests {
  private static let base: GeometryReport? = {
    let path =
      "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
      + "/testdata/networks/unet_nearest/model.onnx"
    return try? Model(path: path, engine: Engine()).analyze(AnalysisOptions(samples: 1))
  }()

  private static let extremes: [Double] = [
    .nan, .infinity, -.infinity, 0, -1, 1e308, .leastNonzeroMagnitude, -0.0, .greatestFiniteMagnitude,
  ]

  private func check(_ report: GeometryReport, _ location: SourceLocation = #_sourceLocation) {
    let page = report.html()
    #expect(MarkupChecker.fault(in: page) == nil, sourceLocation: location)
    #expect(page == report.html(), sourceLocation: location)
  }

  private func changed(_ change: (inout GeometryReport.Axis) -> Void) throws -> GeometryReport {
    var report = try #require(Self.base)
    for output in report.outputs.indices {
      for axis in report.outputs[output].axes.indices { change(&report.outputs[output].axes[axis]) }
    }
    return report
  }

  @Test func theBaseHasEveryKindOfFigure() throws {
    let page = try #require(Self.base).html()
    let titles = [
      "Receptive field along", "Growth along", "Where borders reach", "Depth of each node", "Clean outputs",
      "Image sizes that",
      "Error of shifted", "Border profile", "Effective receptive field",
    ]
    for title in titles { #expect(page.contains("<span class=\"figtitle\">\(title)"), "\(title)") }
  }

  @Test func emptyParts() throws {
    check(try changed { $0.receptiveField?.phases = [] })
    check(try changed { $0.receptiveField?.phases = [nil, nil, nil] })
    check(
      try changed {
        $0.receptiveField = nil; $0.period = nil
      })
    check(
      try changed {
        $0.growth = []; $0.breakers = []
      })
    check(
      try changed {
        $0.contamination.nodes = []; $0.contamination.causes = []
      })
    var report = try #require(Self.base)
    report.sizes = []
    report.tiling.axes = []
    report.size = []
    report.measurement?.claims = []
    report.measurement?.shifts = []
    report.measurement?.fields = []
    report.measurement?.borders = []
    check(report)
    for output in report.outputs.indices { report.outputs[output].axes = [] }
    check(report)
    report.outputs = []
    report.model = ""
    report.measurement = nil
    check(report)
  }

  @Test(arguments: [0, -1, 1, Int.max, Int.min]) func extremeIntegers(_ value: Int) throws {
    check(try changed { $0.contamination.size = value })
    check(try changed { $0.contamination.outputSize = value })
    check(
      try changed {
        $0.contamination.low = value; $0.contamination.high = value
      })
    check(try changed { $0.period?.input = value })
    check(try changed { $0.period?.output = value })
    check(try changed { $0.receptiveField?.phases = [min(0, value)...max(0, value)] })
    check(
      try changed {
        $0.receptiveField?.phases = [Int.min...Int.max]; $0.receptiveField?.maximum = value
      })
    check(
      try changed { axis in
        for index in axis.growth.indices {
          axis.growth[index].maximum = value
          axis.growth[index].period.input = value
          axis.growth[index].period.output = value
        }
        for index in axis.contamination.nodes.indices { axis.contamination.nodes[index].low = value }
        for index in axis.contamination.causes.indices { axis.contamination.causes[index].high = value }
      })
    var report = try #require(Self.base)
    for index in report.sizes.indices {
      report.sizes[index].runs?.step = value
      report.sizes[index].runs?.minimum = value
      report.sizes[index].runs?.residues = [0, value]
    }
    for index in report.tiling.axes.indices { report.tiling.axes[index].low = value }
    check(report)
  }

  @Test(arguments: extremes) func extremeMeasurements(_ value: Double) throws {
    var report = try #require(Self.base)
    var measurement = try #require(report.measurement)
    for index in measurement.shifts.indices {
      measurement.shifts[index].rms = value
      measurement.shifts[index].maximum = value
      measurement.shifts[index].overlapRMS = value
      measurement.shifts[index].agreement = value
      measurement.shifts[index].isWhole = index % 2 == 0
    }
    for index in measurement.borders.indices {
      measurement.borders[index].maximum[0] = value
      measurement.borders[index].mean = []
      measurement.borders[index].p99 = [value]
    }
    for index in measurement.fields.indices {
      measurement.fields[index].map[0] = value
      measurement.fields[index].standardDeviation = [value]
      measurement.fields[index].centroid = [value, value, value]
      measurement.fields[index].ratio = value
      measurement.fields[index].gaussianFit = value
    }
    measurement.seconds = value
    report.measurement = measurement
    report.seconds = value
    check(report)
  }

  @Test(arguments: [Int.min, -1, 0, Int.max]) func extremeMeasuredIntegers(_ value: Int) throws {
    var report = try #require(Self.base)
    var measurement = try #require(report.measurement)
    for index in measurement.shifts.indices { measurement.shifts[index].shift = value }
    for index in measurement.borders.indices { measurement.borders[index].depth = value }
    for index in measurement.fields.indices {
      measurement.fields[index].side = value
      measurement.fields[index].samples = value
      measurement.fields[index].count = value
      if index == 0 { measurement.fields[index].map = [] }
    }
    measurement.samples = value
    report.measurement = measurement
    check(report)
  }

  @Test func fieldsOfOneRowAndOfOneSample() throws {
    var report = try #require(Self.base)
    report.measurement!.fields[0].rows = 0...0
    report.measurement!.fields[0].columns = -2...2
    report.measurement!.fields[0].map = [0, 1, 2, 1, 0]
    check(report)
    report.measurement!.fields[0].columns = 0...0
    report.measurement!.fields[0].map = [0]
    report.measurement!.fields[0].standardDeviation = [0]
    check(report)
  }

  @Test(arguments: [65, 257, 1000]) func hundredsOfPhases(_ count: Int) throws {
    let report = try changed { axis in
      axis.receptiveField?.phases = (0..<count).map { $0 % 7 == 3 ? nil : -$0...($0 * 2) }
      axis.period?.output = count
    }
    check(report)
    #expect(report.html().contains("drawn in bands"))
  }

  @Test func oneAxisAndThree() throws {
    var report = try #require(Self.base)
    for output in report.outputs.indices { report.outputs[output].axes.removeFirst() }
    check(report)
    report = try #require(Self.base)
    for output in report.outputs.indices {
      var depth = report.outputs[output].axes[0]
      depth.name = "D"
      report.outputs[output].axes.insert(depth, at: 0)
    }
    check(report)
    #expect(report.html().contains("Along D:"))
  }

  @Test func manyOutputsAndNodes() throws {
    var report = try changed { axis in
      axis.contamination.nodes = (0..<900).flatMap { _ in axis.contamination.nodes }
      axis.growth = (0..<300).flatMap { _ in axis.growth }
      axis.breakers = (0..<100).flatMap { _ in axis.breakers }
    }
    report.outputs = (0..<40).map { index in
      var output = report.outputs[0]
      output.name = "output\(index)"
      output.axes[0].contamination.low = index
      output.axes[0].receptiveField?.phases = [-index...index]
      return output
    }
    check(report)
    #expect(report.html().contains("more figures"))
    #expect(report.html().utf8.count < 20_000_000)
  }

  @Test func aPictureIsInThePageOnce() throws {
    let report = try #require(Self.base)
    let page = report.html(picture: (png: Array("Many hands".utf8), width: 320, height: 200))
    #expect(MarkupChecker.fault(in: page) == nil)
    #expect(page.contains("href=\"data:image/png;base64,TWFueSBoYW5kcw==\""))
    #expect(page.contains("<use href=\"#picture\""))
    for (text, code) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
      let page = report.html(picture: (png: Array(text.utf8), width: 0, height: -1))
      #expect(page.contains("base64,\(code)\""))
      #expect(MarkupChecker.fault(in: page) == nil)
    }
  }
}
