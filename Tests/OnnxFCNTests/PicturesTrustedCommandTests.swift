import FCNImage
import FCNTensor
import OnnxFCN
import Testing

/// The kind `trusted` of `onnx-fcn run`: files, streams, reports.
@Suite(.enabled(if: Command.path != nil, "the binary onnx-fcn is not beside the tests"))
struct PicturesTrustedCommandTests {
  let folder: TemporaryFolder
  let file: String
  let region: TrustedRegion

  init() throws {
    folder = try TemporaryFolder()
    file = folder.path + "/in.png"
    let (picture, _) = try TestData.crop(260)
    try AtomicFile.write(try PNGPicture.encode(picture), to: file)
    region = try PicturePipeline(model: try Model(path: TestData.model, engine: try Engine()))
      .process(picture, name: "in").trusted
  }

  @Test func theMaskIsAGreyPictureOrATensor() throws {
    let box = try #require(region.rectangle)
    let mask = folder.path + "/in_trusted.png"
    let command = try Command([
      "run", TestData.model, file, "--output", "labels,trusted,stats", "-o", folder.path + "/",
    ])
    #expect(command.status == 0)
    #expect(command.errors.contains("trusted \(box.height)×\(box.width) from (\(box.top), \(box.left)), "))
    let picture = try PictureReader.read(path: mask)
    #expect((picture.height, picture.width, picture.channels, picture.bitDepth) == (260, 260, 1, 8))
    #expect(picture.values == region.mask.map(UInt16.init))
    #expect(region.mask.count { $0 == 255 } == box.height * box.width)
    #expect(region.mask[box.top * 260 + box.left] == 255 && region.mask[(box.bottom - 1) * 260 + box.right] == 0)
    let stats = try JSONValue(parsing: try FileBytes.read(folder.path + "/in_stats.json"), name: "stats")
    #expect(stats["trusted"] == region.json && stats["trusted"]?["rectangle"]?["bottom"]?.int == box.bottom)
    let again = ["run", TestData.model, file, "--output", "trusted=\(mask)"]
    #expect(try Command(again).status == 1)
    #expect(try Command(again + ["--resume"]).errors.contains("trusted") == false)
    let npy = folder.path + "/mask.npy"
    #expect(try Command(["run", TestData.model, file, "--output", "trusted={name}.npy", "--dry-run"]).status == 0)
    #expect(try Command(["run", TestData.model, file, "--output", "trusted", "-o", npy]).status == 0)
    let tensor = try NPY.read(path: npy)
    #expect(tensor.elementType == .uint8 && tensor.shape == [260, 260])
    #expect(tensor.integers() == region.mask.map(Int64.init))
    #expect(try Command(["run", TestData.model, file, "--output", "trusted=x.jpg"]).status == 1)
  }

  @Test func itGoesThroughPipesAndReports() throws {
    let piped = try Command(["run", TestData.model, "-", "--output", "trusted", "-o", "-"], input: file)
    #expect(piped.status == 0)
    #expect(try PictureReader.read(bytes: piped.output, name: "mask").values == region.mask.map(UInt16.init))
    let out = folder.path + "/{name}_{kind}.{ext}"
    let report = try JSONValue(
      parsing: try Command(["run", TestData.model, file, "--output", "trusted", "-o", out, "--json"]).output, name: "r")
    let entry = try #require(report["inputs"]?.elements?.first)
    #expect(entry["outputs"]?["trusted"]?.text == folder.path + "/in_trusted.png")
    #expect(entry["result"]?["trusted"] == region.json)
  }

  @Test func theReasonIsSaidOnceWhereNothingIsTrusted() throws {
    let model = TestData.path + "/networks/lraspp_mnv3/model.onnx"
    let samples = [UInt8](repeating: 9, count: 64 * 64 * 3)
    let picture = try Picture(width: 64, height: 64, channels: 3, samples: samples)
    for name in ["a", "b"] {
      try AtomicFile.write(try PNGPicture.encode(picture), to: folder.path + "/\(name).png")
    }
    let inputs = [folder.path + "/a.png", folder.path + "/b.png"]
    let command = try Command(["run", model] + inputs + ["--output", "trusted", "-o", folder.path + "/out/"])
    #expect(command.status == 0)
    let notes = command.errors.split(separator: "\n").filter { $0.contains("nothing is trusted") }
    #expect(notes.count == 1 && notes[0].contains("block4.squeeze.mean reduces over the whole axis"))
    #expect(try PictureReader.read(path: folder.path + "/out/b.png").values == [UInt16](repeating: 0, count: 64 * 64))
    #expect(command.errors.contains("nothing trusted, "))
  }
}
