import FCNGraph
import FCNTensor

extension OperatorTable {
  private static func binary(_ name: String, _ since: Int, _ last: Int, _ function: BinaryFunction) -> SupportedOperator
  {
    SupportedOperator(name, since, last) { (node) throws(ONNXError) in
      try node.arity(2, 2)
      var second = try node.input(1)
      // Before opset 7 broadcasting is asked for, from an axis of the first operand on.
      if node.opset < 7, try node.flag("broadcast"), node.attributes["axis"] != nil {
        second = try alongChannels(node, second, axis: try node.int("axis", 0))
      }
      node.emit(.binary(function), [try node.input(0), second])
    }
  }

  private static func variadic(_ name: String, _ last: Int, _ function: BinaryFunction) -> SupportedOperator {
    SupportedOperator(name, 1, last) { (node) throws(ONNXError) in
      let inputs = node.inputs.compactMap { $0 }
      guard let first = inputs.first, inputs.count <= largestFan else {
        throw node.invalid("inputs: expected 1…\(largestFan), got \(inputs.count)")
      }
      if inputs.count == 1 { return node.emit(.unary(.identity), [first]) }
      var current = first
      for (index, next) in inputs.dropFirst().dropLast().enumerated() {
        current = node.value(.binary(function), [current, next], suffix: ".\(index)")
      }
      node.emit(.binary(function), [current, inputs.last])
    }
  }

  static let logic: [SupportedOperator] = [
    binary("Add", 1, 14, .add), binary("Sub", 1, 14, .subtract), binary("Mul", 1, 14, .multiply),
    binary("Div", 1, 14, .divide), binary("Pow", 1, 15, .power), binary("Equal", 1, 19, .equal),
    binary("Less", 1, 13, .less), binary("LessOrEqual", 12, 16, .lessOrEqual), binary("Greater", 1, 13, .greater),
    binary("GreaterOrEqual", 12, 16, .greaterOrEqual), binary("And", 1, 7, .and), binary("Or", 1, 7, .or),
    binary("Xor", 1, 7, .xor), binary("BitwiseAnd", 18, 18, .bitwiseAnd), binary("BitwiseOr", 18, 18, .bitwiseOr),
    binary("BitwiseXor", 18, 18, .bitwiseXor), variadic("Max", 13, .maximum), variadic("Min", 13, .minimum),
    variadic("Sum", 13, .add),
    SupportedOperator("Mean", 1, 13) { (node) throws(ONNXError) in
      let inputs = node.inputs.compactMap { $0 }
      guard var current = inputs.first, inputs.count <= largestFan else {
        throw node.invalid("inputs: expected 1…\(largestFan), got \(inputs.count)")
      }
      for (index, next) in inputs.dropFirst().enumerated() {
        current = node.value(.binary(.add), [current, next], suffix: ".\(index)")
      }
      let count = try node.constant(reals: [Double(inputs.count)], shape: [], like: node.optional(0), suffix: ".count")
      node.emit(.binary(.divide), [current, count])
    },
    SupportedOperator("Mod", 10, 13) { (node) throws(ONNXError) in
      try node.arity(2, 2)
      node.emit(.binary(.modulo(fmod: try node.flag("fmod"))), node.inputs)
    },
    SupportedOperator("BitShift", 11, 11) { (node) throws(ONNXError) in
      try node.arity(2, 2)
      let direction = try node.text("direction", "")
      guard direction == "LEFT" || direction == "RIGHT" else {
        throw node.invalid("direction: expected LEFT or RIGHT, got \(direction)")
      }
      node.emit(.binary(direction == "LEFT" ? .shiftLeft : .shiftRight), node.inputs)
    },
    SupportedOperator("Where", 9, 16) { (node) throws(ONNXError) in
      try node.arity(3, 3)
      node.emit(.select, node.inputs)
    },
  ]
}
