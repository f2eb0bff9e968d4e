import FCNTensor
import Glibc
import OnnxFCN
import Testing

@Suite struct PicturesOutputTests {
  @Test func placeholdersAreFilledOnce() throws {
    #expect(
      FileTemplate.expand("{name}_{kind}.{ext}", name: "a{kind}", kind: "labels", fileExtension: "png")
        == "a{kind}_labels.png")
    for bad in ["{nome}.png", "{name", "}", ""] { #expect(throws: FCNError.self) { try FileTemplate.check(bad) } }
    #expect(FileTemplate.stem("x/a.b.png") == "a.b" && FileTemplate.stem(".hidden") == ".hidden")
    #expect(FileTemplate.fileExtension("a/b.JPG") == "jpg" && FileTemplate.fileExtension("a.d/b") == nil)
  }

  private func paths(_ outputs: [String], _ first: String?, _ kind: OutputKind = .labels) throws -> [String?] {
    try OutputPlan(outputs: outputs, first: first, defaultKind: kind, isFolder: { $0 == "there" }).requests.map {
      $0.path(name: "cell")
    }
  }

  @Test func templatesSettleFiles() throws {
    #expect(try paths([], nil) == ["cell_labels.png"])
    #expect(try paths([], nil, .density) == ["cell_density.npy"])
    #expect(try paths([], "o/m.png") == ["o/m.png"])
    #expect(try paths([], "there") == ["there/cell.png"])
    #expect(try paths(["labels,overlay"], "new/") == ["new/cell_labels.png", "new/cell_overlay.png"])
    #expect(try paths(["labels", "overlay=x/{name}.jpg"], "o/m.png") == ["o/m.png", "x/cell.jpg"])
    #expect(try paths(["labels,stats"], "o/m.png") == ["o/m.png", "o/cell_stats.json"])
    #expect(try paths([], "-") == [nil])
    #expect(try paths(["labels,overlay=a,b.jpg"], nil) == ["cell_labels.png", "a,b.jpg"])
  }

  @Test(
    arguments: [
      (["labels", "overlay"], "-"), (["labels", "labels"], nil), (["masks"], nil), (["labels=a.png"], "b.png"),
      (["prob=a.png"], nil), ([], "a.tif"), ([], "{what}.png"),
    ] as [([String], String?)])
  func badOutputsAreUsageErrors(_ outputs: [String], _ first: String?) {
    let error = #expect(throws: FCNError.self) { try paths(outputs, first) }
    #expect(error?.category == .usage)
  }

  @Test func outputsNeverMeetOrReplaceInputs() throws {
    let items = [PictureBatch.Item(file: "a/x.png"), PictureBatch.Item(file: "b/x.png")]
    let same = items.map { _ in [PictureBatch.File(kind: "labels", path: "x_labels.png")] }
    #expect(throws: FCNError.self) { try PictureBatch.check(same, items: items, existing: .overwrite) }
    let input = [PictureBatch.Item(file: TestData.image)]
    let over = [[PictureBatch.File(kind: "labels", path: TestData.image)]]
    #expect(throws: FCNError.self) { try PictureBatch.check(over, items: input, existing: .overwrite) }
    let there = [[PictureBatch.File(kind: "labels", path: TestData.truth)]]
    #expect(throws: FCNError.self) { try PictureBatch.check(there, items: input, existing: .refuse) }
    try PictureBatch.check(there, items: input, existing: .overwrite)
    try PictureBatch.check(there, items: input, existing: .skip)
    #expect(PictureBatch.isDone(there[0]))
  }

  @Test func oneBadPictureDoesNotStopTheOthers() throws {
    let folder = try TemporaryFolder()
    let (picture, _) = try TestData.crop(32)
    try AtomicFile.write(try PNGPicture.encode(picture), to: folder.path + "/good.png")
    try AtomicFile.write([1, 2, 3], to: folder.path + "/bad.png")
    let items = try PictureBatch.items([folder.path], standardInput: { () throws(FCNError) in [] })
    #expect(items.map(\.name) == ["bad", "good"])
    let pipeline = try PicturePipeline(model: try Model(path: TestData.model, engine: try Engine()))
    let plan = try OutputPlan(
      outputs: ["labels,stats"], first: folder.path + "/out/", defaultKind: .labels, isFolder: { _ in false })
    let entries = items.map {
      pipeline.run($0, plan, control: PictureControl(), toStandardOutput: { _ throws(FCNError) in })
    }
    #expect(entries.map(\.status) == [.failed, .done])
    #expect(entries[0].error?.category == .input)
    #expect(try Folder.entries(of: folder.path + "/out") == ["good_labels.png", "good_stats.json"])
  }
}

/// A folder that goes with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/pictures.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FCNError(.usage, "mkdtemp: \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { TemporaryFolder.remove(path) }

  private static func remove(_ path: String) {
    for name in (try? Folder.entries(of: path)) ?? [] {
      let entry = path + "/" + name
      if Folder.isFolder(entry) { remove(entry) } else { unlink(entry) }
    }
    rmdir(path)
  }
}
