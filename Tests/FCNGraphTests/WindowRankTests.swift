import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// Windows slide over one to three axes; a fourth is an operator form that is not executed, not a programmer's error.
@Suite struct WindowRankTests {
  private enum Kind: CaseIterable { case convolution, transposed, max, average, lp }

  private func sized(_ kind: Kind, axes: Int) throws -> SizedGraph {
    var builder = GraphBuilder(seed: 7)
    let x = try builder.input([1, 2] + Array(repeating: 4, count: axes))
    let window = Window(kernel: Array(repeating: 2, count: axes))
    let y: ValueID
    switch kind {
    case .convolution:
      let w = try builder.weights([3, 2] + window.kernel)
      y = builder.node(.convolution(Convolution(window: window)), x, w)
    case .transposed:
      let w = try builder.weights([2, 3] + window.kernel)
      y = builder.node(.convTranspose(ConvTranspose(window: window)), x, w)
    case .max: y = builder.node(.pool(Pool(function: .max(columnMajor: false), window: window)), x)
    case .average: y = builder.node(.pool(Pool(function: .average(countsPadding: true), window: window)), x)
    case .lp: y = builder.node(.pool(Pool(function: .lp(2), window: window)), x)
    }
    return try builder.sized([y])
  }

  @Test(arguments: [1, 2, 3]) func upToThree(_ axes: Int) throws {
    for kind in Kind.allCases {
      let size = kind == .transposed ? 5 : 3
      let sized = try sized(kind, axes: axes)
      let shape = sized.type(sized.graph.outputs[0]).shape
      #expect(Array(shape.dims[2...]) == Array(repeating: size, count: axes), "\(kind)")
    }
  }

  @Test(arguments: [4, 5, 6]) func moreAreUnsupported(_ axes: Int) {
    for kind in Kind.allCases {
      let error = #expect(throws: GraphError.self, "\(kind)") { try sized(kind, axes: axes) }
      #expect(error?.code == .unsupported, "\(kind)")
      #expect(error?.detail.contains("at most 3, got \(axes)") == true, "\(kind): \(String(describing: error))")
    }
  }
}

/// Where the windows of a transposed convolution reach, and lists of the wrong length.
@Suite struct TransposedPaddingTests {
  private func run(_ payload: ConvTranspose, _ dims: [Int], kernel: [Int]) throws -> [Double] {
    var builder = GraphBuilder(seed: 1)
    let count = dims.reduce(1, *)
    let x = builder.input(try HostTensor((1...count).map { Float($0) }, shape: Shape(dims)))
    let taps = kernel.reduce(1, *)
    let w = builder.constant(try HostTensor([Float](repeating: 1, count: taps), shape: Shape([1, 1] + kernel)))
    let y = builder.node(.convTranspose(payload), x, w)
    let graph = try builder.graph(outputs: [y])
    return try ReferenceRun(graph, inputs: builder.inputs.map(\.tensor)).outputs[0].values.doubles
  }

  /// A stride over the kernel leaves gaps, not padding: the samples stay at the multiples of the stride.
  @Test(arguments: [Padding.sameUpper, .sameLower]) func gapsAreNoPadding(_ padding: Padding) throws {
    let line = ConvTranspose(window: Window(strides: [2], padding: padding))
    #expect(try run(line, [1, 1, 3], kernel: [1]) == [1, 0, 2, 0, 3, 0])
    let plane = ConvTranspose(window: Window(strides: [2, 3], padding: padding))
    #expect(
      try run(plane, [1, 1, 2, 2], kernel: [1, 1]) == [
        1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0,
      ])
  }

  /// The wanted size is larger than the windows reach: the rest is at the end.
  @Test func outputShapeBeyondTheWindows() throws {
    for padding in [Padding.explicit(low: [], high: []), .sameUpper, .sameLower] {
      let payload = ConvTranspose(window: Window(strides: [2], padding: padding), outputShape: [9])
      #expect(try run(payload, [1, 1, 3], kernel: [2]) == [1, 1, 2, 2, 3, 3, 0, 0, 0], "\(padding)")
    }
  }

  /// Padding that exists is still split, the odd sample at the end for SAME_UPPER.
  @Test func oddPadding() throws {
    func payload(_ padding: Padding) -> ConvTranspose {
      ConvTranspose(window: Window(strides: [2], padding: padding))
    }
    #expect(try run(payload(.sameUpper), [1, 1, 2], kernel: [3]) == [1, 1, 3, 2])
    #expect(try run(payload(.sameLower), [1, 1, 2], kernel: [3]) == [1, 3, 2, 2])
  }

  @Test(arguments: [[1], [1, 1, 1]]) func listsOfTheWrongLength(_ list: [Int]) throws {
    let window = Window(strides: [2, 2])
    let payloads = [
      ("output_padding", ConvTranspose(window: window, outputPadding: list)),
      ("output_shape", ConvTranspose(window: window, outputShape: list.map { $0 + 4 })),
    ]
    for (name, payload) in payloads {
      let error = #expect(throws: GraphError.self, "\(name)") { try run(payload, [1, 1, 3, 3], kernel: [2, 2]) }
      #expect(error?.code == .invalid || error?.code == .size, "\(name): \(String(describing: error))")
      #expect(error?.detail.contains("\(name): expected 2 values, got \(list.count)") == true, "\(name)")
    }
  }
}
