import FCNGraph
import FCNTensor

extension OperatorCase {
  static func pad(
    _ name: String, _ mode: PadMode, _ dims: [Int], _ pads: [Int], value: Float? = nil, axes: [Int]? = nil
  ) -> OperatorCase {
    OperatorCase("pad \(name)") { builder in
      let x = try builder.input(dims)
      let amounts = try builder.list(pads)
      let fill = try value.map { builder.constant(try HostTensor([$0], shape: [])) }
      let chosen = try axes.map { try builder.list($0) }
      return [builder.node(.pad(mode), x, amounts, fill, chosen)]
    }
  }

  static func slice(
    _ name: String, _ dims: [Int], _ starts: [Int], _ ends: [Int], axes: [Int]? = nil, steps: [Int]? = nil
  ) -> OperatorCase {
    OperatorCase("slice \(name)") { builder in
      let x = try builder.input(dims)
      let (low, high) = (try builder.list(starts), try builder.list(ends))
      let chosen = try axes.map { try builder.list($0) }
      let strides = try steps.map { try builder.list($0) }
      return [builder.node(.slice, x, low, high, chosen, strides)]
    }
  }

  /// x and one list of integers.
  static func listed(_ name: String, _ op: Operator, _ dims: [Int], _ list: [Int]?) -> OperatorCase {
    OperatorCase(name) { builder in
      let x = try builder.input(dims)
      let parameter = try list.map { try builder.list($0) }
      return [builder.node(op, x, parameter)]
    }
  }

  static func concat(_ name: String, axis: Int, _ shapes: [[Int]], _ type: ElementType = .float32) -> OperatorCase {
    OperatorCase("concat \(name)") { builder in
      var parts: [ValueID?] = []
      for dims in shapes { parts.append(try builder.input(dims, type, in: -9...9)) }
      return builder.nodes(.concat(axis: axis), parts, outputs: 1)
    }
  }

  static func gather(_ name: String, axis: Int, _ dims: [Int], _ indices: [Int], shape: [Int]) -> OperatorCase {
    OperatorCase("gather \(name)") { builder in
      let x = try builder.input(dims)
      let list = builder.input(try HostTensor(indices.map(Int64.init), shape: Shape(shape)))
      return [builder.node(.gather(axis: axis), x, list)]
    }
  }

  static let layouts: [OperatorCase] =
    paddings + slices + reshapes + [
      concat("channels", axis: 1, [[2, 3, 4, 5], [2, 1, 4, 5], [2, 2, 4, 5]]),
      concat("width", axis: -1, [[2, 3, 4], [2, 3, 1]]), concat("batch", axis: 0, [[1, 3], [2, 3]], .int64),
      concat("empty part", axis: 1, [[2, 3], [2, 0], [2, 2]]), concat("one", axis: 2, [[1, 2, 3]]),
      listed("part equal", .part(Part(axis: 1, index: 1, count: 3)), [2, 6, 5], nil),
      listed("part uneven", .part(Part(axis: 1, index: 2, count: 3)), [2, 7, 5], nil),
      listed("part sizes", .part(Part(axis: -1, index: 1, count: 3)), [2, 7], [1, 4, 2]),
      gather("rows", axis: 0, [5, 3, 4], [4, 0, -1], shape: [3]),
      gather("columns", axis: -1, [2, 3, 4], [3, -4, 1, 1], shape: [2, 2]),
      gather("scalar", axis: 1, [2, 3, 4], [2], shape: []),
      listed("depthToSpace dcr", .depthToSpace(block: 2, .dcr), [2, 8, 3, 5], nil),
      listed("depthToSpace crd", .depthToSpace(block: 3, .crd), [1, 18, 3, 2], nil),
      listed("spaceToDepth", .spaceToDepth(block: 2), [2, 3, 4, 6], nil),
      listed("transpose nhwc", .transpose(permutation: [0, 2, 3, 1]), [2, 3, 4, 5], nil),
      listed("transpose nchw", .transpose(permutation: [0, 3, 1, 2]), [2, 3, 4, 5], nil),
      listed("transpose reversed", .transpose(permutation: nil), [2, 3, 4], nil),
      listed("expand", .expand, [3, 1, 5], [2, 1, 4, 1]), listed("expand scalar", .expand, [], [2, 3]),
      listed("tile", .tile, [2, 3, 4], [2, 1, 3]), listed("tile none", .tile, [2, 3], [0, 1]),
    ]

  private static let paddings: [OperatorCase] = [
    pad("constant", .constant, [1, 2, 4, 5], [0, 0, 1, 2, 0, 1, 3, 0], value: 1.5),
    pad("constant without value", .constant, [3, 4], [1, 0, 0, 2]),
    pad("constant axes", .constant, [1, 2, 4, 5], [1, 2, 3, 0], value: -2, axes: [-1, 2]),
    pad("negative", .constant, [1, 2, 6, 7], [0, 0, -1, 2, 0, 0, 1, -3], value: 4),
    pad("reflect", .reflect, [1, 2, 5, 6], [0, 0, 3, 1, 0, 0, 2, 4]),
    pad("reflect single", .reflect, [1, 1, 2, 2], [0, 0, 1, 1, 0, 0, 1, 1]),
    pad("edge", .edge, [1, 2, 4, 5], [0, 0, 3, 1, 0, 0, 7, 2]),
    pad("edge negative", .edge, [6, 7], [-2, 3, 1, -1]),
    pad("wrap", .wrap, [1, 2, 4, 5], [0, 0, 3, 1, 0, 0, 2, 4]),
    pad("wrap twice", .wrap, [3], [7, 5]),
  ]

  private static let slices: [OperatorCase] = [
    slice("plain", [4, 9], [1, 2], [3, 8]), slice("steps", [4, 19], [0, 3], [4, 19], steps: [2, 5]),
    slice("negative positions", [7, 9], [-5, -3], [-1, .max], axes: [0, 1]),
    slice("backwards", [7, 9], [-1, 7], [.min, 1], axes: [0, 1], steps: [-1, -2]),
    slice("axes", [2, 3, 8], [1], [7], axes: [-1], steps: [3]), slice("empty", [3, 4], [2], [1], axes: [1]),
    slice("beyond", [3, 4], [-100], [100], axes: [1]),
  ]

  private static let reshapes: [OperatorCase] = [
    listed("reshape merge", .reshape(.shape(zeroIsZero: false)), [2, 3, 4, 5], [2, 3, -1]),
    listed("reshape split", .reshape(.shape(zeroIsZero: false)), [2, 12, 5], [0, 3, 4, 5]),
    listed("reshape mixed", .reshape(.shape(zeroIsZero: false)), [4, 6], [3, 8]),
    listed("reshape shuffle", .reshape(.shape(zeroIsZero: false)), [1, 6, 4, 5], [1, 2, 3, 4, 5]),
    listed("reshape to scalar", .reshape(.shape(zeroIsZero: false)), [1, 1], []),
    listed("flatten", .reshape(.flatten(axis: 2)), [2, 3, 4, 5], nil),
    listed("flatten all", .reshape(.flatten(axis: 0)), [2, 3], nil),
    listed("squeeze", .reshape(.squeeze), [1, 3, 1, 5], [2]),
    listed("squeeze all", .reshape(.squeeze), [1, 3, 1], nil),
    listed("unsqueeze", .reshape(.unsqueeze), [3, 4], [0, -1]),
  ]
}
