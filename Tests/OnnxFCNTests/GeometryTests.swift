import FCNTensor
import OnnxFCN
import Testing

/// The facade's reports on committed networks.
@Suite struct GeometryTests {
  static func report(_ name: String, size: [Int]? = nil) throws -> GeometryReport {
    try Model(path: "\(TestData.path)/networks/\(name)/model.onnx", engine: try Engine()).geometry(size: size)
  }

  /// The document that scripts rely on, key by key.
  @Test func documentOfTheContract() throws {
    let json = try GeometryTests.report("unet_deconv", size: [256, 320]).json
    let output = try #require(json["outputs"]?.elements?.first)
    #expect(output["name"]?.text == "logits")
    let axis = try #require(output["axes"]?["H"])
    #expect(axis["period"]?["input"]?.int == 8)
    #expect(axis["period"]?["output"]?.int == 8)
    #expect(axis["verdict"]?.text == "lattice")
    #expect(axis["receptiveField"]?["min"]?.int == 92)
    #expect(axis["receptiveField"]?["max"]?.int == 100)
    let phases = try #require(axis["receptiveField"]?["phases"]?.elements)
    #expect(phases.count == 8)
    #expect(phases[0].elements?.map(\.int) == [-46, 45])
    #expect(axis["contamination"]?["low"]?.int == 46)
    #expect(axis["contamination"]?["high"]?.int == 46)
    #expect(axis["contamination"]?["size"]?.int == 256)
    #expect(output["axes"]?["W"]?["contamination"]?["size"]?.int == 320)
    let breakers = try #require(axis["breakers"]?.elements)
    #expect(breakers.map { $0["from"]?.int } == [1, 2, 4])
    #expect(breakers.map { $0["to"]?.int } == [2, 4, 8])
    #expect(breakers.map { $0["node"]?.text } == ["enc1.pool", "enc2.pool", "enc3.pool"])
    #expect(axis["reasons"]?.elements?.isEmpty == true)
    #expect(json["sizes"]?["H"]?["min"]?.int == 8)
    #expect(json["sizes"]?["H"]?["step"]?.int == 8)
    #expect(json["sizes"]?["H"]?["residues"]?.elements?.map(\.int) == [0])
    #expect(json["tiling"]?["exact"]?.boolean == true)
    #expect(json["tiling"]?["originMultiple"]?["W"]?.int == 8)
    for side in ["top", "bottom", "left", "right"] { #expect(json["tiling"]?["halo"]?[side]?.int == 46) }
    #expect(json["tiling"]?["refusals"]?.elements?.isEmpty == true)
  }

  @Test func globalNetworksNameTheNode() throws {
    let report = try GeometryTests.report("lraspp_mnv3")
    let axis = report.outputs[0].axes[0]
    #expect(axis.verdict == .global)
    #expect(axis.period == nil && axis.receptiveField == nil)
    #expect(axis.reasons.contains { $0.reason.contains("whole axis") })
    #expect(!report.tiling.isExact && !report.tiling.refusals.isEmpty)
    let json = report.json
    let first = try #require(json["outputs"]?.elements?.first?["axes"]?["H"])
    #expect(first["period"] == .null && first["receptiveField"] == .null)
    #expect(json["tiling"]?["halo"] == .null)
  }

  /// Coordinates and masks as inputs: equivariance is given up on purpose, at the node where they join.
  @Test(arguments: [("coordconv", "join", "coords"), ("masked", "hide", "mask")])
  func positionsAreGivenOnPurpose(network: String, node: String, input: String) throws {
    let report = try GeometryTests.report(network)
    let axis = report.outputs[0].axes[0]
    #expect(axis.verdict == .anchored)
    #expect(axis.reasons.first?.node == node)
    #expect(axis.reasons.first?.reason.contains("\(input), an input that does not move") == true)
    #expect(axis.reasons.first?.reason.contains("on purpose") == true)
    #expect(report.outputs[0].inputs.map(\.name) == [input])
    #expect(report.outputs[0].inputs[0].axes.map(\.name) == ["H", "W"])
  }

  @Test func volumesHaveThreeAxes() throws {
    let report = try GeometryTests.report("unet3d")
    #expect(report.outputs[0].axes.map(\.name) == ["D", "H", "W"])
    #expect(report.outputs[0].axes.allSatisfy { $0.period?.input == 4 && $0.period?.output == 4 })
    #expect(report.tiling.axes.map(\.originMultiple) == [4, 4, 4])
    #expect(report.json["tiling"]?["halo"]?["front"]?.int == report.tiling.axes[0].low)
  }

  @Test func gatesSayByHowMuch() throws {
    let report = try GeometryTests.report("unet_deconv")
    #expect(GeometryGates(receptiveField: 92, exactTiling: true, shift: 16).failures(of: report).isEmpty)
    let small = GeometryGates(receptiveField: 100).failures(of: report)
    #expect(small.count == 2 && small.allSatisfy { $0.contains("got 92 (8 too small)") })
    let shift = GeometryGates(shift: 12).failures(of: report)
    #expect(shift.count == 2 && shift.allSatisfy { $0.contains("period 8, 4 too far") && $0.contains("enc1.pool 1→2") })
    let global = try GeometryTests.report("lraspp_mnv3")
    #expect(GeometryGates(exactTiling: true).failures(of: global).first?.contains("whole axis") == true)
    #expect(!GeometryGates(shift: 32).failures(of: global).isEmpty)
  }

  @Test func sizesThatDoNotRunNameTheNode() throws {
    #expect {
      try GeometryTests.report("unet_deconv", size: [100, 100])
    } throws: { error in
      (error as? FCNError)?.category == .input
    }
  }
}

@Suite(.enabled(if: Command.path != nil, "the binary onnx-fcn is not beside the tests"))
struct AnalyzeCommandTests {
  private let model = "\(TestData.path)/networks/unet_nearest/model.onnx"

  @Test func gatesEndWithStatusSix() throws {
    #expect(try Command(["analyze", model, "--require-shift", "4"]).status == 0)
    let failed = try Command(["analyze", model, "--require-shift", "6"])
    #expect(failed.status == 6 && failed.errors.contains("shift by 6"))
    #expect(try Command(["analyze", model, "--require-receptive-field", "1000"]).status == 6)
    #expect(try Command(["analyze", model, "--require-exact-tiling"]).status == 0)
    let global = "\(TestData.path)/networks/lraspp_mnv3/model.onnx"
    #expect(try Command(["analyze", global, "--require-exact-tiling"]).status == 6)
  }

  @Test func measuredOnNoiseAndOnAPicture() throws {
    let noise = try Command(["analyze", model, "--measure", "--samples", "1", "--json"])
    #expect(noise.status == 0, "\(noise.errors)")
    let json = try JSONValue(parsing: noise.output, name: "report")
    #expect(json["measurement"]?["contradictions"]?.int == 0)
    let claims = try #require(json["measurement"]?["claims"]?.elements)
    #expect(claims.count > 8)
    // With few channels a receptive field need not be filled: rectifiers are shut.
    for claim in claims where claim["statement"]?.text?.hasPrefix("receptive field") != true {
      #expect(claim["status"]?.text == "confirmed", "\(claim)")
    }
    let again = try Command(["analyze", model, "--measure", "--samples", "1", "--json"])
    let second = try JSONValue(parsing: again.output, name: "report")
    #expect(json["measurement"]?["shifts"] == second["measurement"]?["shifts"])
    #expect(try Command(["analyze", model, "absent.png", "--measure"]).status == 2)
    #expect(try Command(["analyze", model, "absent.png"]).status == 1)
  }

  @Test func whatCannotBeAnalyzed() throws {
    #expect(try Command(["analyze", "absent.onnx"]).status == 2)
    #expect(try Command(["analyze", model, "--size", "7x7"]).status == 2)
    #expect(try Command(["analyze", model, "--size", "0x8"]).status == 1)
    #expect(try Command(["analyze", model, "--require-shift", "0"]).status == 1)
  }
}
