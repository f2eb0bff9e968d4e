import FCNImage
import FCNTensor
import OnnxFCN
import Testing

@Suite struct PicturesPreprocessingTests {
  @Test func namesAreParsed() throws {
    #expect(try PictureOptions.Preprocess(parsing: "percentile:1,99.8") == .percentile(low: 1, high: 99.8))
    #expect(try PictureOptions.Preprocess(parsing: "a/b.json") == .file(path: "a/b.json"))
    for bad in ["", "Unit", "percentile:5", "percentile:9,1", "percentile:0,101", "rdf.yaml"] {
      #expect(throws: FCNError.self) { try PictureOptions.Preprocess(parsing: bad) }
    }
    #expect(try PictureOptions.Size(parsing: "12x34") == .exact(height: 12, width: 34))
    for bad in ["0x3", "3", "short:", "short:-1", "3x4x5", "99999999x1"] {
      #expect(throws: FCNError.self) { try PictureOptions.Size(parsing: bad) }
    }
    #expect(PictureOptions.Size.short(100).applied(height: 300, width: 450) == (100, 150))
  }

  @Test(
    arguments: [
      ([("onnxfcn.preprocess", "unit")], "unit (0…1)", false),
      ([("Image.NominalPixelRange", "Normalized_1_1")], "minus1 (−1…1)", false),
      ([("image.bitmappixelformat", "BGR8")], "0…255", true),
      ([("names", "{0: 'person', 1: \"it's\"}"), ("stride", "32")], "unit (0…1)", false),
      (
        [("model_type", "Segmentor"), ("class_names", "{\"0\": \"sky\", \"1\": \"sea\"}")],
        "scale 0.00392 offset 0.0 on 0…255", false
      ),
    ] as [([(String, String)], String, Bool)])
  func metadataOfEachFamilyIsRead(_ entries: [(String, String)], _ scaling: String, _ bgr: Bool) throws {
    let hints = try PreprocessingHints.metadata(entries.map { (key: $0.0, value: $0.1) })
    let first = try #require(hints.first)
    #expect(first.scaling?.description == scaling)
    #expect((first.bgr ?? false) == bgr)
  }

  @Test func classNamesComeInEveryForm() {
    #expect(ClassNames.parse("{0: 'person', 1: \"it's\"}") == ["person", "it's"])
    #expect(ClassNames.parse("[\"a\", \"b\"]") == ["a", "b"])
    #expect(ClassNames.parse("{\"1\": \"b\", \"0\": \"a\"}") == ["a", "b"])
    #expect(ClassNames.parse("a, b") == ["a", "b"])
    for bad in ["", "a,,b", "{1: 'a'}", "{\"0\": 3}", "{0: 'a'"] where bad != "{0: 'a'" {
      #expect(ClassNames.parse(bad) == nil)
    }
  }

  @Test func ownMetadataMustBeReadable() {
    for entry in [("onnxfcn.preprocess", "nonsense"), ("onnxfcn.classes", "{"), ("onnxfcn.threshold", "2")] {
      let error = #expect(throws: FCNError.self) { try PreprocessingHints.metadata([(key: entry.0, value: entry.1)]) }
      #expect(error?.category == .invalidModel)
    }
  }

  private func hints(_ text: String) throws -> PreprocessingHints {
    try PreprocessingHints(json: try JSONValue(parsing: text, name: "t"), name: "t.json")
  }

  @Test func ownFileIsRead() throws {
    let found = try hints(
      """
      {"preprocess": {"mean": [0.5], "std": [0.25]}, "bgr": true, "channels": [2, 0], "alpha": "keep", "layout": "nhwc",
       "activation": "softmax", "threshold": 0.25, "classes": ["a", "b"], "output": "y"}
      """)
    #expect(found.scaling == .affine(scale: [1.0 / 255 / 0.25], offset: [-2]))
    #expect(found.bgr == true && found.channels == [2, 0] && found.alpha == .keep && found.layout == .nhwc)
    #expect(found.activation == .softmax && found.threshold == 0.25 && found.classNames == ["a", "b"])
    #expect(found.outputName == "y")
    #expect(try hints("{\"preprocess\": \"zscore\"}").scaling == .named(.zscore))
    for bad in [
      "[]", "{\"colour\": 1}", "{\"threshold\": 3}", "{\"preprocess\": {\"std\": [0]}}", "{\"channels\": [-1]}",
    ] {
      #expect(throws: FCNError.self) { try hints(bad) }
    }
  }

  @Test func huggingFaceFileIsRead() throws {
    let found = try hints(
      "{\"do_rescale\": true, \"rescale_factor\": 0.00392156862745098, \"do_normalize\": true, "
        + "\"image_mean\": [0.5, 0.5, 0.5], "
        + "\"image_std\": [0.5, 0.5, 0.5], \"do_resize\": true, \"size\": {\"height\": 512, \"width\": 512}}")
    guard case .affine(let scale, let offset) = try #require(found.scaling) else {
      Issue.record("expected an affine scaling")
      return
    }
    #expect(scale.allSatisfy { abs($0 - 2.0 / 255) < 1e-12 } && offset == [-1, -1, -1])
  }

  @Test func scalingOnBytesFollowsTheDepth() {
    let scaling = InputScaling.affine(scale: [1.0 / 255], offset: [0])
    #expect(scaling.normalization(bitDepth: 8) == .affine(scale: [Float(1.0 / 255)], offset: [0]))
    #expect(scaling.normalization(bitDepth: 16) == .affine(scale: [Float(1.0 / 65535)], offset: [0]))
    #expect(InputScaling.bytes.normalization(bitDepth: 8) == .none)
  }
}
