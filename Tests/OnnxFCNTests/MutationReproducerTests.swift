import OnnxFCN
import Testing

/// Hostile numbers that once trapped, hung or read past a buffer, or could: each ends in a result or one clear line.
@Suite struct MutationReproducerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    var shape = [1, 2, 8, 8]
    /// Empty: it may run.
    var categories: [FCNError.Category] = [.input, .invalidModel]
    var testDescription: String { name }

    init(
      _ name: String, _ op: String, _ attributes: [[UInt8]] = [], opset: Int = 17, inputs: [String] = ["x"],
      outputs: [String] = ["y"], _ constants: [[UInt8]] = [],
      _ categories: [FCNError.Category] = [.input, .invalidModel]
    ) {
      self.name = name
      bytes = Wire.model(
        nodes: [Wire.node(op, inputs, outputs, attributes)], constants: constants, outputs: ["y"], opset: opset)
      self.categories = categories
    }

    init(_ name: String, nodes: [[UInt8]], _ constants: [[UInt8]], _ categories: [FCNError.Category], opset: Int = 17) {
      self.name = name
      bytes = Wire.model(nodes: nodes, constants: constants, opset: opset)
      self.categories = categories
    }
  }

  private static func ints(_ name: String, _ values: [Int]) -> [UInt8] { Wire.integers(name, values) }
  private static let weights = Wire.floats("w", Array(repeating: 0.1, count: 36), shape: [2, 2, 3, 3])

  static let shapes: [Case] = [
    Case("Pad by the smallest integer", "Pad", inputs: ["x", "p"], [ints("p", [0, 0, .min, 0, 0, 0, 0, 0])]),
    Case(
      "Pad attribute of the smallest integer", "Pad", [Wire.attribute("pads", [0, 0, 0, .min, 0, 0, 0, 0])], opset: 2),
    Case(
      "Pad to 2^32", "Pad", inputs: ["x", "p"], [ints("p", [0, 0, 1 << 31 - 1, 0, 0, 0, 1 << 31 - 1, 0])],
      [.resources]),
    Case(
      "Pad value of another type", "Pad", inputs: ["x", "p", "v"],
      [ints("p", [0, 0, 1, 1, 0, 0, 1, 1]), Wire.tensor("v", type: 3, shape: [], raw: [1])]),
    Case(
      "Slice by the smallest step", "Slice", inputs: ["x", "s", "e", "a", "t"],
      [ints("s", [.max]), ints("e", [.min]), ints("a", [2]), ints("t", [.min])], []),
    Case(
      "Slice by the largest step", "Slice", inputs: ["x", "s", "e", "a", "t"],
      [ints("s", [.min]), ints("e", [.max]), ints("a", [3]), ints("t", [.max])], []),
    Case(
      "Slice by step 0", "Slice", inputs: ["x", "s", "e", "a", "t"],
      [ints("s", [0]), ints("e", [1]), ints("a", [3]), ints("t", [0])]),
    Case(
      "Range to minus infinity",
      nodes: [
        Wire.node("Range", ["a", "b", "c"], ["r"]), Wire.node("Add", ["x", "r"], ["y"]),
      ],
      [Wire.floats("a", [0], shape: []), Wire.floats("b", [-3e38], shape: []), Wire.floats("c", [1e-30], shape: [])],
      [.input]),
    Case(
      "Range of 2^40",
      nodes: [
        Wire.node("Range", ["a", "b", "c"], ["r"]), Wire.node("Add", ["x", "r"], ["y"]),
      ],
      [
        Wire.integers("a", [0], shape: []), Wire.integers("b", [1 << 40], shape: []),
        Wire.integers("c", [1], shape: []),
      ],
      [.resources]),
    Case("Resize to the smallest integer", "Resize", inputs: ["x", "", "", "s"], [ints("s", [1, 2, .min, 8])]),
    Case(
      "Resize keeping the aspect of 2^62", "Resize", [Wire.attribute("keep_aspect_ratio_policy", "not_smaller")],
      opset: 19, inputs: ["x", "", "", "s"], [ints("s", [1, 2, 1 << 62, 8])]),
    Case(
      "Resize to 2^31 by 2^31", "Resize", inputs: ["x", "", "", "s"], [ints("s", [1, 2, 1 << 31 - 1, 1 << 31 - 1])],
      [.resources]),
    Case(
      "Resize of a huge region with antialias", "Resize",
      [
        Wire.attribute("antialias", 1), Wire.attribute("mode", "linear"),
        Wire.attribute("coordinate_transformation_mode", "tf_crop_and_resize"),
      ], opset: 19, inputs: ["x", "roi", "s"],
      [
        Wire.floats("roi", [0, 0, 0, 0, 1, 1, 9e5, 1], shape: [8]), Wire.floats("s", [1, 1, 1e-6, 1], shape: [4]),
      ]),
    Case(
      "Reshape to a product beyond 64 bits", "Reshape", inputs: ["x", "s"],
      [ints("s", [1 << 31 - 1, 1 << 31 - 1, 1 << 31 - 1])]),
    Case(
      "Expand to 2^93", "Expand", inputs: ["x", "s"], [ints("s", [1 << 31 - 1, 1 << 31 - 1, 1 << 31 - 1, 1, 1, 8, 8])],
      [.input, .resources]),
    Case("Tile by the largest integer", "Tile", inputs: ["x", "t"], [ints("t", [1, 1, .max, 1])]),
    Case(
      "Split into sizes that wrap around", "Split", [Wire.attribute("axis", 2)], inputs: ["x", "s"],
      outputs: ["y", "z", "u"], [ints("s", [.max, .max, 10])]),
    Case(
      "Split into 60000 parts", "Split", [Wire.attribute("axis", 2), Wire.attribute("num_outputs", 60000)], opset: 18),
    Case("Unsqueeze far away", "Unsqueeze", inputs: ["x", "a"], [ints("a", [.min])]),
    Case(
      "Broadcast along a far axis", "Add", [Wire.attribute("broadcast", 1), Wire.attribute("axis", .min)], opset: 6,
      inputs: ["x", "b"], [Wire.floats("b", [1, 2], shape: [2])], [.invalidModel]),
    Case(
      "Broadcast along a farther axis", "Add", [Wire.attribute("broadcast", 1), Wire.attribute("axis", -1 << 40)],
      opset: 6, inputs: ["x", "b"], [Wire.floats("b", [1, 2], shape: [2])], [.invalidModel]),
    Case("DepthToSpace of a huge block", "DepthToSpace", [Wire.attribute("blocksize", 1 << 40)]),
    Case("Flatten far away", "Flatten", [Wire.attribute("axis", .min)]),
    Case("Concat far away", "Concat", [Wire.attribute("axis", .min)]),
    Case("Gather far away", "Gather", inputs: ["x", "i"], [ints("i", [.min])], [.input]),
    Case(
      "Shape from the end of time",
      nodes: [
        Wire.node("Shape", ["x"], ["s"], [Wire.attribute("start", .min), Wire.attribute("end", .max)]),
        Wire.node("Expand", ["x", "s"], ["y"]),
      ], [], []),
  ]

  static let windows: [Case] = [
    Case(
      "Conv padded by the smallest integer", "Conv", [Wire.attribute("pads", [.min, 0, 0, 0])], inputs: ["x", "w"],
      [weights]),
    Case(
      "Conv padded by a folded Pad beyond 64 bits",
      nodes: [
        Wire.node("Pad", ["x", "p"], ["h"]),
        Wire.node("Conv", ["h", "w"], ["y"], [Wire.attribute("pads", [.max, 0, 0, 0])]),
      ], [ints("p", [0, 0, 1, 1, 0, 0, 1, 1]), weights], [.input, .invalidModel]),
    Case(
      "Conv with huge strides and dilations", "Conv",
      [
        Wire.attribute("strides", [1 << 31 - 1, 1 << 31 - 1]), Wire.attribute("dilations", [1 << 31 - 1, 1 << 31 - 1]),
        Wire.attribute("auto_pad", "SAME_UPPER"),
      ], inputs: ["x", "w"], [weights], []),
    Case(
      "Conv with a bias of another type", "Conv", inputs: ["x", "w", "b"],
      [weights, Wire.tensor("b", type: 3, shape: [2], raw: [1, 2])]),
    Case("Conv in 2^40 groups", "Conv", [Wire.attribute("group", 1 << 40)], inputs: ["x", "w"], [weights]),
    Case("Conv with two outputs", "Conv", inputs: ["x", "w"], outputs: ["y", "z"], [weights], [.invalidModel]),
    Case(
      "Conv of which only the second output is named", "Conv", inputs: ["x", "w"], outputs: ["", "y"], [weights],
      [.invalidModel]),
    Case(
      "Conv without outputs", nodes: [Wire.node("Conv", ["x", "w"], []), Wire.node("Relu", ["x"], ["y"])], [weights], []
    ),
    Case(
      "ConvTranspose with a stride of 2^31", "ConvTranspose", [Wire.attribute("strides", [1 << 31 - 1, 1])],
      inputs: ["x", "w"], [weights], [.resources]),
    Case(
      "ConvTranspose in 2^20 phases of few outputs", "ConvTranspose",
      [Wire.attribute("strides", [1 << 30, 1 << 30]), Wire.attribute("output_shape", [4, 4])], inputs: ["x", "w"],
      [weights], []),
    Case(
      "ConvTranspose with output_padding of 2^62", "ConvTranspose", [Wire.attribute("output_padding", [1 << 62, 0])],
      inputs: ["x", "w"], [weights]),
    Case(
      "MaxPool over 2^62 taps", "MaxPool",
      [
        Wire.attribute("kernel_shape", [1 << 31 - 1, 1 << 31 - 1]),
        Wire.attribute("pads", [1 << 31 - 1, 1 << 31 - 1, 1 << 31 - 1, 1 << 31 - 1]),
      ], [], [.invalidModel]),
    Case(
      "AveragePool over 2^24 taps in the padding", "AveragePool",
      [
        Wire.attribute("kernel_shape", [1 << 22, 1]), Wire.attribute("pads", [1 << 22, 0, 1 << 22, 0]),
        Wire.attribute("count_include_pad", 1),
      ], [], [.resources]),
    Case(
      "LpPool of a window far outside", "LpPool",
      [
        Wire.attribute("kernel_shape", [1, 3]), Wire.attribute("pads", [1 << 20, 0, 0, 0]),
        Wire.attribute("strides", [1 << 20, 1]),
      ], [], []),
    Case(
      "MaxPool of which only the indices are named", "MaxPool", [Wire.attribute("kernel_shape", [2, 2])],
      outputs: ["", "y"], [], [.unsupported]),
    Case("LRN over all channels and beyond", "LRN", [Wire.attribute("size", .max)], [], []),
  ]

  static let others: [Case] = [
    Case(
      "LayerNormalization with a scale of higher rank", "LayerNormalization", inputs: ["x", "s"],
      [Wire.floats("s", Array(repeating: 1, count: 256), shape: [2, 1, 2, 8, 8])]),
    Case(
      "LayerNormalization with a scale that spreads the input", "LayerNormalization", inputs: ["x", "s"],
      [Wire.floats("s", Array(repeating: 1, count: 3), shape: [3, 1, 1, 1])]),
    Case(
      "InstanceNormalization with parameters of bytes", "InstanceNormalization", inputs: ["x", "s", "b"],
      [Wire.tensor("s", type: 3, shape: [2], raw: [1, 2]), Wire.tensor("b", type: 3, shape: [2], raw: [1, 2])], []),
    Case(
      "Gemm with an addend of bytes",
      nodes: [
        Wire.node("Flatten", ["x"], ["f"]), Wire.node("Gemm", ["f", "w", "c"], ["y"]),
      ],
      [
        Wire.floats("w", Array(repeating: 0, count: 256), shape: [128, 2]),
        Wire.tensor("c", type: 3, shape: [2], raw: [1, 2]),
      ],
      [.input]),
    Case("Softmax far away", "Softmax", [Wire.attribute("axis", .min)]),
    Case("ReduceSum far away", "ReduceSum", inputs: ["x", "a"], [ints("a", [.max])]),
    Case(
      "GroupNormalization in no groups", "GroupNormalization", [Wire.attribute("num_groups", 0)], opset: 18,
      inputs: ["x", "s", "s"], [Wire.floats("s", [1, 1], shape: [2])]),
    Case("Transpose by a wrong permutation", "Transpose", [Wire.attribute("perm", [0, 0, .min, 9])]),
    Case(
      "a string initialiser in use", "Add", inputs: ["x", "w"], [Wire.tensor("w", type: 8, shape: [], raw: [])],
      [.unsupported]),
    Case(
      "constants that would multiply for minutes",
      nodes: [
        Wire.node("ConstantOfShape", ["s"], ["a"]), Wire.node("MatMul", ["a", "a"], ["b"]),
        Wire.node("MatMul", ["b", "a"], ["c"]),
        Wire.node("MatMul", ["c", "a"], ["d"]), Wire.node("ReduceMean", ["d"], ["e"]),
        Wire.node("Add", ["x", "e"], ["y"]),
      ], [ints("s", [1024, 1024])], []),
    Case(
      "constants that would fill memory",
      nodes: [
        Wire.node("ConstantOfShape", ["s"], ["c0"])
      ] + (0..<4000).map { Wire.node("Relu", ["c\($0)"], ["c\($0 + 1)"]) } + [
        Wire.node("ReduceMean", ["c4000"], ["e"]), Wire.node("Add", ["x", "e"], ["y"]),
      ], [ints("s", [1 << 16])], []),
  ]

  @Test(arguments: shapes + windows + others)
  func ends(_ item: Case) throws {
    let engine = try Engine(options: EngineOptions(threads: 2, memoryBudget: 64 << 20))
    let outcome = Outcome(item.bytes, shape: item.shape, engine: engine)
    #expect(outcome.isClear && outcome.isWithin(seconds: 10), "\(outcome)")
    if let category = outcome.category {
      #expect(item.categories.contains(category), "\(outcome)")
    } else {
      #expect(item.categories.isEmpty, "\(outcome)")
    }
  }

  /// A function of two calls of the next, 16 deep, of which the last does nothing: 65536 calls without a node.
  @Test func callsWithoutNodesAreCounted() throws {
    func function(_ index: Int, _ nodes: [[UInt8]]) -> [UInt8] {
      Wire.text(1, "F\(index)") + Wire.text(4, "a") + Wire.text(5, "b") + nodes.flatMap { Wire.block(7, $0) }
        + Wire.block(9, Wire.text(1, "") + Wire.number(2, 17)) + Wire.block(9, Wire.text(1, "f") + Wire.number(2, 1))
        + Wire.text(10, "f")
    }
    let calls = 20
    var functions = (0..<10).map { index in
      function(
        index,
        (0..<calls).map { call in
          Wire.node("F\(index + 1)", ["a"], [call == 0 ? "b" : "c\(call)"], name: "call\(call)", domain: "f")
        })
    }
    functions.append(function(10, [Wire.node("Constant", [], ["b"], [Wire.attribute("value_int", 1)])]))
    let bytes = Wire.model(
      nodes: [Wire.node("F0", ["x"], ["h"], domain: "f"), Wire.node("Relu", ["x"], ["y"])], functions: functions,
      extraOpsets: [Wire.text(1, "f") + Wire.number(2, 1)])
    let engine = try Engine(options: EngineOptions(threads: 1))
    let outcome = Outcome(bytes, shape: [1, 2, 8, 8], engine: engine)
    #expect(outcome.category == .invalidModel && outcome.isClear && outcome.isWithin(seconds: 10), "\(outcome)")
  }
}
