import FCNGraph
import FCNTensor

extension OperatorTable {
  static let layout: [SupportedOperator] = [
    SupportedOperator("Concat", 1, 13) { (node) throws(ONNXError) in
      guard !node.inputs.isEmpty else { throw node.invalid("inputs: expected at least one") }
      for index in node.inputs.indices { _ = try node.input(index) }
      if node.opset >= 4, node.attributes["axis"] == nil { throw node.invalid("axis: expected a value, got none") }
      node.emit(.concat(axis: try node.int("axis", 1)), node.inputs)
    },
    SupportedOperator("Split", 1, 18) { (node) throws(ONNXError) in try split(node) },
    SupportedOperator("Slice", 1, 13) { (node) throws(ONNXError) in
      let x = try node.input(0)
      if node.opset >= 10 {
        try node.arity(3, 5)
        return node.emit(.slice, node.inputs)
      }
      guard let starts = try node.ints("starts"), let ends = try node.ints("ends") else {
        throw node.invalid("starts and ends: expected values, got none")
      }
      node.emit(
        .slice,
        [
          x, try node.constant(integers: starts, suffix: ".starts"), try node.constant(integers: ends, suffix: ".ends"),
          try node.ints("axes").map { (axes) throws(ONNXError) in try node.constant(integers: axes, suffix: ".axes") },
        ])
    },
    SupportedOperator("Pad", 1, 28) { (node) throws(ONNXError) in try pad(node) },
    SupportedOperator("Transpose", 1, 28) { (node) throws(ONNXError) in
      node.emit(.transpose(permutation: try node.ints("perm")), [try node.input(0)])
    },
    SupportedOperator("Reshape", 1, 28) { (node) throws(ONNXError) in
      let x = try node.input(0)
      if node.opset >= 5 {
        try node.arity(2, 2)
        return node.emit(.reshape(.shape(zeroIsZero: try node.flag("allowzero"))), node.inputs)
      }
      guard let shape = try node.ints("shape") else { throw node.invalid("shape: expected a value, got none") }
      node.emit(.reshape(.shape(zeroIsZero: false)), [x, try node.constant(integers: shape, suffix: ".shape")])
    },
    SupportedOperator("Flatten", 1, 28) { (node) throws(ONNXError) in
      node.emit(.reshape(.flatten(axis: try node.int("axis", 1))), [try node.input(0)])
    },
    SupportedOperator("Squeeze", 1, 28) { (node) throws(ONNXError) in try axes(node, .squeeze) },
    SupportedOperator("Unsqueeze", 1, 28) { (node) throws(ONNXError) in try axes(node, .unsqueeze) },
    SupportedOperator("Expand", 8, 13) { (node) throws(ONNXError) in
      try node.arity(2, 2)
      node.emit(.expand, node.inputs)
    },
    SupportedOperator("Tile", 1, 13) { (node) throws(ONNXError) in
      guard node.opset >= 6 else { throw node.unsupported("the form before opset 6") }
      try node.arity(2, 2)
      node.emit(.tile, node.inputs)
    },
    SupportedOperator("Gather", 1, 13) { (node) throws(ONNXError) in
      try node.arity(2, 2)
      node.emit(.gather(axis: try node.int("axis", 0)), node.inputs)
    },
    SupportedOperator("DepthToSpace", 1, 13) { (node) throws(ONNXError) in
      let mode = try node.text("mode", "DCR")
      guard mode == "DCR" || mode == "CRD" else { throw node.invalid("mode: expected DCR or CRD, got \(mode)") }
      node.emit(
        .depthToSpace(block: try node.int("blocksize", 0), mode == "DCR" ? .dcr : .crd), [try node.input(0)])
    },
    SupportedOperator("SpaceToDepth", 1, 13) { (node) throws(ONNXError) in
      let mode = try node.text("mode", "DCR")
      guard mode == "DCR" else { throw node.unsupported("mode \(mode)") }
      node.emit(.spaceToDepth(block: try node.int("blocksize", 0)), [try node.input(0)])
    },
  ]

  /// Axes are an attribute before opset 13.
  private static func axes(_ node: NodeImport, _ form: Reshape) throws(ONNXError) {
    let x = try node.input(0)
    if node.opset >= 13 {
      try node.arity(form == .unsqueeze ? 2 : 1, 2)
      return node.emit(.reshape(form), node.inputs)
    }
    guard let axes = try node.ints("axes") else {
      if form == .unsqueeze { throw node.invalid("axes: expected a value, got none") }
      return node.emit(.reshape(form), [x])
    }
    node.emit(.reshape(form), [x, try node.constant(integers: axes, suffix: ".axes")])
  }

  /// One node for each part.
  private static func split(_ node: NodeImport) throws(ONNXError) {
    let x = try node.input(0)
    let axis = try node.int("axis", 0)
    var sizes = node.optional(1)
    if node.opset < 13, sizes == nil, let list = try node.ints("split") {
      sizes = try node.constant(integers: list, suffix: ".split")
    }
    let count = max(node.outputs.count, try node.int("num_outputs", node.outputs.count))
    guard count >= 1, count <= largestFan else {
      throw node.invalid("num_outputs: expected 1…\(largestFan), got \(count)")
    }
    for (index, output) in node.outputs.enumerated() {
      guard let output else { continue }
      node.emit(
        .part(Part(axis: axis, index: index, count: count)), [x, sizes], to: [output], suffix: ".\(index)")
    }
  }

  private static func pad(_ node: NodeImport) throws(ONNXError) {
    let x = try node.input(0)
    let mode: PadMode
    switch try node.text("mode", "constant") {
    case "constant": mode = .constant
    case "reflect": mode = .reflect
    case "edge": mode = .edge
    case "wrap": mode = .wrap
    case let other: throw node.invalid("mode: expected constant, reflect, edge or wrap, got \(other)")
    }
    if node.opset >= 11 {
      try node.arity(2, 4)
      return node.emit(.pad(mode), node.inputs)
    }
    guard let pads = try node.ints(node.opset < 2 ? "paddings" : "pads") else {
      throw node.invalid("pads: expected a value, got none")
    }
    let number = try node.real("value", 0)
    let value =
      number == 0 ? nil : try node.constant(reals: [number], shape: [], like: x, suffix: ".value")
    node.emit(.pad(mode), [x, try node.constant(integers: pads, suffix: ".pads"), value])
  }

  static let shapes: [SupportedOperator] = [
    SupportedOperator("Shape", 1, 28) { (node) throws(ONNXError) in
      let end = node.attributes["end"] == nil ? nil : try node.int("end", 0)
      node.emit(.shape(start: try node.int("start", 0), end: end), [try node.input(0)])
    },
    SupportedOperator("Size", 1, 28) { (node) throws(ONNXError) in node.emit(.size, [try node.input(0)]) },
    SupportedOperator("ConstantOfShape", 9, 28) { (node) throws(ONNXError) in
      var scalar = Scalar(elementType: .float32, real: 0)
      if let tensor = try node.tensor("value") {
        guard tensor.count == 1 else { throw node.invalid("value: expected one element, got \(tensor.shape)") }
        scalar =
          tensor.elementType.isFloat
          ? Scalar(elementType: tensor.elementType, real: tensor.doubles()[0])
          : Scalar(elementType: tensor.elementType, integer: tensor.integers()[0])
      }
      node.emit(.constantOfShape(scalar), [try node.input(0)])
    },
    SupportedOperator("Range", 11, 11) { (node) throws(ONNXError) in
      try node.arity(3, 3)
      node.emit(.range, node.inputs)
    },
    SupportedOperator("Constant", 1, 28) { (node) throws(ONNXError) in try constant(node) },
  ]

  private static func constant(_ node: NodeImport) throws(ONNXError) {
    if let tensor = try node.tensor("value") { return try node.replace(by: tensor) }
    do throws(TensorError) {
      if node.attributes["value_float"] != nil {
        let value = try HostTensor([Float(try real(node, "value_float"))], shape: [])
        return try replace(node, value)
      }
      if let list = try list(node, "value_floats") {
        return try replace(node, try HostTensor(list.map { Float($0) }, shape: [list.count]))
      }
      if node.attributes["value_int"] != nil {
        return try replace(node, try HostTensor([Int64(try integer(node, "value_int"))], shape: []))
      }
      if let list = try integers(node, "value_ints") {
        return try replace(node, try HostTensor(list.map(Int64.init), shape: [list.count]))
      }
    } catch { throw node.invalid(error.detail) }
    throw node.unsupported("a constant of strings or sparse values")
  }

  // Attribute errors inside a tensor scope, carried as text.
  private static func carried<T>(_ body: () throws(ONNXError) -> T) throws(TensorError) -> T {
    do throws(ONNXError) { return try body() } catch { throw TensorError(.format, error.detail) }
  }

  private static func real(_ node: NodeImport, _ name: String) throws(TensorError) -> Double {
    try carried { () throws(ONNXError) in try node.real(name, 0, allowsNonFinite: true) }
  }

  private static func integer(_ node: NodeImport, _ name: String) throws(TensorError) -> Int {
    try carried { () throws(ONNXError) in try node.int(name, 0) }
  }

  private static func list(_ node: NodeImport, _ name: String) throws(TensorError) -> [Double]? {
    try carried { () throws(ONNXError) in try node.reals(name, allowsNonFinite: true) }
  }

  private static func integers(_ node: NodeImport, _ name: String) throws(TensorError) -> [Int]? {
    try carried { () throws(ONNXError) in try node.ints(name) }
  }

  private static func replace(_ node: NodeImport, _ tensor: HostTensor) throws(TensorError) {
    try carried { () throws(ONNXError) in try node.replace(by: tensor) }
  }
}
