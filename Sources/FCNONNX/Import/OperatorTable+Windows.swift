import FCNGraph
import FCNTensor

extension OperatorTable {
  static let windows: [SupportedOperator] = [
    SupportedOperator("Conv", 1, 22) { (node) throws(ONNXError) in
      try node.arity(2, 3)
      let payload = Convolution(window: try window(node), groups: try groups(node))
      node.emit(.convolution(payload), node.inputs)
    },
    SupportedOperator("ConvTranspose", 1, 22) { (node) throws(ONNXError) in
      try node.arity(2, 3)
      // Some exporters write [N, C, …] where ONNX has the spatial sizes only.
      let rank = node.builder.rank(try node.input(1)) ?? 0
      let shape = try node.ints("output_shape").map { $0.count == rank ? Array($0.dropFirst(2)) : $0 }
      let payload = ConvTranspose(
        window: try window(node), groups: try groups(node), outputPadding: try node.ints("output_padding") ?? [],
        outputShape: shape)
      node.emit(.convTranspose(payload), node.inputs)
    },
    SupportedOperator("MaxPool", 1, 22) { (node) throws(ONNXError) in
      try pool(node, .max(columnMajor: try node.flag("storage_order")))
    },
    SupportedOperator("AveragePool", 1, 22) { (node) throws(ONNXError) in
      try pool(node, .average(countsPadding: try node.flag("count_include_pad")))
    },
    SupportedOperator("LpPool", 1, 22) { (node) throws(ONNXError) in
      guard node.opset >= 2 else { throw node.unsupported("the form before opset 2") }
      let p = try node.int("p", 2)
      guard (1...64).contains(p) else { throw node.invalid("p: expected 1…64, got \(p)") }
      try pool(node, .lp(p))
    },
    SupportedOperator("GlobalAveragePool", 1, 22) { (node) throws(ONNXError) in
      node.emit(.reduce(Reduce(function: .mean, axes: .spatial)), [try node.input(0)])
    },
    SupportedOperator("GlobalMaxPool", 1, 22) { (node) throws(ONNXError) in
      node.emit(.reduce(Reduce(function: .max, axes: .spatial)), [try node.input(0)])
    },
    SupportedOperator("GlobalLpPool", 1, 22) { (node) throws(ONNXError) in
      guard node.opset >= 2 else { throw node.unsupported("the form before opset 2") }
      switch try node.int("p", 2) {
      case 1: node.emit(.reduce(Reduce(function: .l1, axes: .spatial)), [try node.input(0)])
      case 2: node.emit(.reduce(Reduce(function: .l2, axes: .spatial)), [try node.input(0)])
      default: throw node.unsupported("p: expected 1 or 2")
      }
    },
    SupportedOperator("MaxUnpool", 9, 22) { (node) throws(ONNXError) in
      try node.arity(2, 3)
      node.emit(.maxUnpool(MaxUnpool(window: try window(node))), node.inputs)
    },
  ]

  private static func groups(_ node: NodeImport) throws(ONNXError) -> Int {
    let groups = try node.int("group", 1)
    guard (1...Shape.largestDimension).contains(groups) else {
      throw node.invalid("group: expected ≥ 1, got \(groups)")
    }
    return groups
  }

  private static func pool(_ node: NodeImport, _ function: PoolFunction) throws(ONNXError) {
    try node.arity(1, 1)
    let window = try window(node)
    guard !window.kernel.isEmpty else {
      throw node.invalid("kernel_shape: expected one size per spatial axis, got none")
    }
    var outputs = node.outputs
    if outputs.count > 1, outputs[1] == nil { outputs.removeLast() }
    node.emit(
      .pool(Pool(function: function, window: window, roundsUp: try node.flag("ceil_mode"))), [try node.input(0)],
      to: outputs)
  }

  /// kernel_shape, strides, dilations, pads, auto_pad.
  private static func window(_ node: NodeImport) throws(ONNXError) -> Window {
    let pads = try node.ints("pads") ?? []
    guard pads.count % 2 == 0 else { throw node.invalid("pads: expected an even number, got \(pads.count)") }
    let padding: Padding
    switch try node.text("auto_pad", "NOTSET") {
    case "NOTSET", "":
      padding = .explicit(low: Array(pads[..<(pads.count / 2)]), high: Array(pads[(pads.count / 2)...]))
    case "VALID": padding = .explicit(low: [], high: [])
    case "SAME_UPPER": padding = .sameUpper
    case "SAME_LOWER": padding = .sameLower
    case let other: throw node.invalid("auto_pad: expected NOTSET, VALID, SAME_UPPER or SAME_LOWER, got \(other)")
    }
    return Window(
      kernel: try node.ints("kernel_shape") ?? [], strides: try node.ints("strides") ?? [],
      dilations: try node.ints("dilations") ?? [], padding: padding)
  }

  static let resizing: [SupportedOperator] = [
    SupportedOperator("Resize", 10, 19) { (node) throws(ONNXError) in
      let x = try node.input(0)
      if node.opset == 10 {
        return node.emit(.resize(try upsampling(node)), [x, nil, try node.input(1)])
      }
      try node.arity(1, 4)
      let name = try node.text("coordinate_transformation_mode", "half_pixel")
      guard let coordinates = CoordinateTransform(rawValue: name) else {
        throw node.unsupported("coordinate_transformation_mode \(name)")
      }
      let policy = try node.text("keep_aspect_ratio_policy", "stretch")
      guard let aspect = AspectPolicy(rawValue: policy) else {
        throw node.invalid("keep_aspect_ratio_policy: got \(policy)")
      }
      let payload = Resize(
        interpolation: try interpolation(node), coordinates: coordinates, antialias: try node.flag("antialias"),
        excludesOutside: try node.flag("exclude_outside"), extrapolation: try node.real("extrapolation_value", 0),
        aspect: aspect, axes: try node.ints("axes"))
      node.emit(.resize(payload), [x, node.optional(1), node.optional(2), node.optional(3)])
    },
    SupportedOperator("Upsample", 1, 10, removed: 10) { (node) throws(ONNXError) in
      let x = try node.input(0)
      let scales: ValueID
      if node.opset >= 9 {
        scales = try node.input(1)
      } else if let list = try node.reals("scales") {
        scales = try node.constant(reals: list, suffix: ".scales")
      } else {
        let height = try node.real("height_scale", 1)
        scales = try node.constant(reals: [1, 1, height, try node.real("width_scale", 1)], suffix: ".scales")
      }
      node.emit(.resize(try upsampling(node)), [x, nil, scales])
    },
    SupportedOperator("GridSample", 16, 22) { (node) throws(ONNXError) in
      try node.arity(2, 2)
      let interpolation: GridInterpolation
      switch try node.text("mode", "linear") {
      case "linear", "bilinear": interpolation = .linear
      case "nearest": interpolation = .nearest
      case "cubic", "bicubic": interpolation = .cubic
      case let other: throw node.invalid("mode: expected linear, nearest or cubic, got \(other)")
      }
      let padding: GridPadding
      switch try node.text("padding_mode", "zeros") {
      case "zeros": padding = .zeros
      case "border": padding = .border
      case "reflection": padding = .reflection
      case let other: throw node.invalid("padding_mode: expected zeros, border or reflection, got \(other)")
      }
      node.emit(
        .gridSample(
          GridSample(interpolation: interpolation, padding: padding, alignCorners: try node.flag("align_corners"))),
        node.inputs)
    },
  ]

  /// Upsample and Resize before opset 11: asymmetric coordinates, nearest by floor.
  private static func upsampling(_ node: NodeImport) throws(ONNXError) -> Resize {
    switch try node.text("mode", "nearest") {
    case "nearest": return Resize(interpolation: .nearest(.floorOrCeil), coordinates: .asymmetric)
    case "linear", "bilinear": return Resize(interpolation: .linear, coordinates: .asymmetric)
    case let other: throw node.invalid("mode: expected nearest or linear, got \(other)")
    }
  }

  private static func interpolation(_ node: NodeImport) throws(ONNXError) -> Interpolation {
    switch try node.text("mode", "nearest") {
    case "nearest":
      let name = try node.text("nearest_mode", "round_prefer_floor")
      guard let rounding = NearestRounding(rawValue: name), rounding != .floorOrCeil else {
        throw node.invalid("nearest_mode: got \(name)")
      }
      return .nearest(rounding)
    case "linear": return .linear
    case "cubic": return .cubic(a: try node.real("cubic_coeff_a", -0.75))
    case let other: throw node.invalid("mode: expected nearest, linear or cubic, got \(other)")
    }
  }
}
