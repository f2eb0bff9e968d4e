import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// Shape inference: errors name the node, parameters must be known, views keep what is local.
@Suite struct SizedGraphTests {
  typealias Build = (inout GraphBuilder) throws -> ValueID

  /// An error of `code` at the only node, whose detail contains `words`.
  private func expectError(_ code: GraphError.Code, _ words: [String], _ build: Build) throws {
    var builder = GraphBuilder(seed: 1)
    let y = try build(&builder)
    let graph = try builder.graph(outputs: [y])
    #expect { try builder.sized([y]) } throws: { error in
      guard let error = error as? GraphError else { return false }
      return error.code == code && error.node == graph.nodes.last?.label && words.allSatisfy(error.detail.contains)
    }
  }

  @Test func convolutionErrors() throws {
    try expectError(.size, ["channels", "2", "3"]) { builder in
      let x = try builder.input([1, 3, 5, 5])
      return builder.node(.convolution(Convolution(window: Window())), x, try builder.weights([4, 2, 3, 3]))
    }
    try expectError(.size, ["smaller", "1x3x2x9"]) { builder in
      let x = try builder.input([1, 3, 2, 9])
      return builder.node(.convolution(Convolution(window: Window())), x, try builder.weights([4, 3, 3, 3]))
    }
    try expectError(.size, ["bias", "4", "5"]) { builder in
      let x = try builder.input([1, 3, 5, 5])
      return builder.node(
        .convolution(Convolution(window: Window())), x, try builder.weights([4, 3, 3, 3]), try builder.weights([5]))
    }
    try expectError(.size, ["strides", "2", "3"]) { builder in
      let x = try builder.input([1, 3, 5, 5])
      return builder.node(
        .convolution(Convolution(window: Window(strides: [1, 1, 1]))), x, try builder.weights([4, 3, 3, 3]))
    }
    for value in [0, -1, Int.max] {
      try expectError(.size, ["dilations"]) { builder in
        let x = try builder.input([1, 3, 5, 5])
        return builder.node(
          .convolution(Convolution(window: Window(dilations: [value, 1]))), x, try builder.weights([4, 3, 3, 3]))
      }
    }
    try expectError(.invalid, ["input 1", "missing"]) { builder in
      builder.node(.convolution(Convolution(window: Window())), try builder.input([1, 3, 5, 5]))
    }
  }

  @Test func otherErrors() throws {
    try expectError(.size, ["broadcast", "2x3", "2x4"]) { builder in
      let (x, y) = (try builder.input([2, 3]), try builder.input([2, 4]))
      return builder.node(.binary(.add), x, y)
    }
    try expectError(.size, ["float32", "int64"]) { builder in
      let (x, y) = (try builder.input([2, 3]), try builder.input([2, 3], .int64))
      return builder.node(.binary(.add), x, y)
    }
    try expectError(.size, ["1x3x5x5"]) { builder in
      let (x, y) = (try builder.input([1, 2, 4, 5]), try builder.input([1, 3, 5, 5]))
      return builder.node(.concat(axis: 1), x, y)
    }
    try expectError(.size, ["reflect", "5", "4"]) { builder in
      let x = try builder.input([1, 1, 4, 4])
      return builder.node(.pad(.reflect), x, try builder.list([0, 0, 5, 0, 0, 0, 0, 0]))
    }
    try expectError(.size, []) { builder in
      builder.node(.reshape(.shape(zeroIsZero: false)), try builder.input([2, 3]), try builder.list([4, -1]))
    }
    try expectError(.size, ["axis"]) { builder in
      builder.node(.softmax(Softmax(axis: 4)), try builder.input([2, 3]))
    }
    try expectError(.size, ["inner"]) { builder in
      let (x, y) = (try builder.input([2, 3]), try builder.input([4, 2]))
      return builder.node(.matMul, x, y)
    }
  }

  @Test func limits() throws {
    try expectError(.limit, ["overflow"]) { builder in
      let list = try builder.list([1 << 30, 1 << 30, 1 << 30])
      return builder.node(.expand, try builder.input([1]), list)
    }
    try expectError(.limit, ["rank", "8"]) { builder in
      builder.node(.expand, try builder.input([1]), try builder.list(Array(repeating: 1, count: 9)))
    }
    for shape in [Shape([-1]), Shape([1 << 40]), Shape(Array(repeating: 1, count: 9))] {
      var builder = GraphBuilder(seed: 1)
      let x = builder.input(try HostTensor([Float(0)], shape: []))
      let y = builder.node(.unary(.relu), x)
      let graph = try builder.graph(outputs: [y])
      #expect(throws: GraphError.self) { try SizedGraph(graph, inputs: [shape], evaluator: ReferenceEvaluator()) }
      #expect(throws: GraphError.self) { try SizedGraph(graph, inputs: [], evaluator: ReferenceEvaluator()) }
    }
  }

  /// Parameters that follow from shapes are known; parameters that follow from data are not.
  @Test func parameterFromData() throws {
    try expectError(.unsupported, ["x1", "depends on data"]) { builder in
      let x = try builder.input([2, 3])
      let shape = builder.input(try HostTensor([Int64(3), 2], shape: [2]))
      return builder.node(.reshape(.shape(zeroIsZero: false)), x, shape)
    }
    var builder = GraphBuilder(seed: 1)
    let x = try builder.input([2, 3, 4])
    let dims = builder.node(.shape(start: 0, end: nil), x)
    let doubled = builder.node(.binary(.multiply), dims, try builder.list([1, 1, 2]))
    let grown = builder.node(.pad(.constant), x, builder.node(.concat(axis: 0), try builder.list([0, 0, 0]), doubled))
    let sized = try builder.sized([grown])
    #expect(sized.type(grown).shape == [4, 6, 12])
    #expect(sized.constant(doubled)?.integers() == [2, 3, 8] && sized.sizings.compactMap { $0 }.count == 1)
  }

  @Test func unsupportedOperator() throws {
    try expectError(.unsupported, ["NonZero"]) { builder in
      builder.node(.unsupported(UnsupportedOperator(reason: "NonZero has no size")), try builder.input([2]))
    }
  }

  /// Axes that survive between equal products follow their output axis; merged or split ones are wanted whole.
  @Test(
    arguments: [
      ([2, 3, 4, 5], [2, 3, 20], [0, 1, nil, nil]), ([2, 12, 5], [2, 3, 4, 5], [0, nil, 3]),
      ([4, 6], [3, 8], [nil, nil]), ([1, 3, 1, 5], [3, 5], [nil, 0, nil, 1]), ([3, 4], [1, 3, 4, 1], [1, 2]),
      ([1, 6, 4, 5], [1, 2, 3, 4, 5], [0, nil, 3, 4]), ([2, 3], [6], [nil, nil]), ([5, 7], [5, 7], [0, 1]),
      ([2, 3, 5], [6, 5], [nil, nil, 1]), ([1, 1], [], [nil, nil]),
    ] as [([Int], [Int], [Int?])])
  func reshapeRule(_ from: [Int], _ to: [Int], _ expected: [Int?]) throws {
    var builder = GraphBuilder(seed: 1)
    let x = try builder.input(from)
    let y = builder.node(.reshape(.shape(zeroIsZero: false)), x, try builder.list(to))
    let sized = try builder.sized([y])
    #expect(sized.type(y).shape == Shape(to))
    let rule = try #require(sized.sizings[0]).rule.inputs[0]
    #expect(rule.map(\.outputAxis) == expected)
    // What a region needs, element by element, lies in the request.
    let (source, target) = (Shape(from), Shape(to))
    for offset in 0..<target.count {
      let at = Region(zip(target.strides, to).map { stride, n in offset / stride % n..<offset / stride % n + 1 })
      let request = try #require(sized.sizings[0]).rule.request(at, input: 0, shape: source)
      let index = zip(source.strides, from).map { offset / $0 % $1 }
      #expect(zip(index, request.ranges).allSatisfy { $1.contains($0) })
    }
  }
}
