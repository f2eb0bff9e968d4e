import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// Values worked out by hand.
@Suite struct GoldenTests {
  private let ramp5 = [1, 2, 3, 4, 5] as [Float]

  @Test func convolution() throws {
    let window = Window(kernel: [3], padding: .explicit(low: [1], high: [0]))
    let y = try reals(
      .convolution(Convolution(window: window)), floats(ramp5, [1, 1, 5]), floats([1, 10, 100], [1, 1, 3]),
      floats([0.5], [1]))
    #expect(y == [210.5, 321.5, 432.5, 543.5])
  }

  @Test func stridedDilatedConvolution() throws {
    let window = Window(kernel: [2], strides: [2], dilations: [3])
    let y = try reals(
      .convolution(Convolution(window: window)), floats([1, 2, 3, 4, 5, 6, 7], [1, 1, 7]), floats([1, 10], [1, 1, 2]))
    #expect(y == [41, 63])
  }

  @Test func groupedConvolution() throws {
    let y = try reals(
      .convolution(Convolution(window: Window(kernel: [1]), groups: 2)), floats([1, 2, 3, 4], [1, 2, 2]),
      floats([10, 100], [2, 1, 1]))
    #expect(y == [10, 20, 300, 400])
  }

  @Test func transposedConvolution() throws {
    let window = Window(kernel: [3], strides: [2])
    let x = try floats([1, 2], [1, 1, 2])
    let w = try floats([1, 10, 100], [1, 1, 3])
    #expect(try reals(.convTranspose(ConvTranspose(window: window)), x, w) == [1, 10, 102, 20, 200])
    let extended = ConvTranspose(
      window: Window(kernel: [3], strides: [2], padding: .explicit(low: [1], high: [1])), outputPadding: [1])
    #expect(try reals(.convTranspose(extended), x, w) == [10, 102, 20, 200])
    let sparse = ConvTranspose(window: Window(kernel: [1], strides: [3]))
    #expect(try reals(.convTranspose(sparse), x, floats([7], [1, 1, 1]), floats([1], [1])) == [8, 1, 1, 15])
  }

  @Test func maximumRoundingUp() throws {
    let pool = Pool(
      function: .max(columnMajor: false), window: Window(kernel: [2], strides: [2]), roundsUp: true)
    #expect(try reals(.pool(pool), floats(ramp5, [1, 1, 5])) == [2, 4, 5])
  }

  @Test(arguments: [(false, [1.5, 3, 4.5]), (true, [1, 3, 3])] as [(Bool, [Double])])
  func average(countsPadding: Bool, expected: [Double]) throws {
    let window = Window(kernel: [3], strides: [2], padding: .explicit(low: [1], high: [1]))
    let pool = Pool(function: .average(countsPadding: countsPadding), window: window)
    #expect(try reals(.pool(pool), floats(ramp5, [1, 1, 5])) == expected)
  }

  /// The last window reaches one sample beyond the padding: it is divided by 2, not by 3.
  @Test func averageRoundingUpCountsPadding() throws {
    let window = Window(kernel: [3], strides: [3], padding: .explicit(low: [1], high: [1]))
    let pool = Pool(function: .average(countsPadding: true), window: window, roundsUp: true)
    #expect(try reals(.pool(pool), floats([3, 3, 3, 3, 3, 3], [1, 1, 6])) == [2, 3, 1.5])
  }

  @Test func indicesAndUnpooling() throws {
    let window = Window(kernel: [2, 2], strides: [2, 2])
    let x = try floats([1, 2, 3, 8, 5, 6, 7, 4], [1, 2, 2, 2])
    let pool = Pool(function: .max(columnMajor: false), window: window)
    let pooled = try evaluate(.pool(pool), x, outputs: 2)
    #expect(pooled[0].doubles() == [8, 7])
    #expect(pooled[1].integers() == [3, 6])
    let columns = Pool(function: .max(columnMajor: true), window: window)
    #expect(try evaluate(.pool(columns), x, outputs: 2)[1].integers() == [3, 5])
    let y = try reals(.maxUnpool(MaxUnpool(window: window)), pooled[0], pooled[1])
    #expect(y == [0, 0, 0, 8, 0, 0, 7, 0])
  }

  @Test func nearestRoundings() throws {
    // x(o) = o/2 at asymmetric ×2: 0, ½, 1, 1½.
    let expected: [(NearestRounding, [Double])] = [
      (.floor, [1, 1, 2, 2]), (.ceil, [1, 2, 2, 2]), (.preferFloor, [1, 1, 2, 2]), (.preferCeil, [1, 2, 2, 2]),
    ]
    for (rounding, values) in expected {
      let resize = Resize(interpolation: .nearest(rounding), coordinates: .asymmetric)
      #expect(try reals(.resize(resize), floats([1, 2], [1, 1, 2]), nil, floats([1, 1, 2], [3])) == values)
    }
  }

  /// ONNX documentation examples resize_upsample_scales_linear and …_linear_align_corners.
  @Test func linear() throws {
    let x = try floats([1, 2, 3, 4], [1, 1, 2, 2])
    let scales = try floats([1, 1, 2, 2], [4])
    let half = Resize(interpolation: .linear, coordinates: .halfPixel)
    #expect(
      try reals(.resize(half), x, nil, scales) == [
        1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4,
      ])
    let corners = Resize(interpolation: .linear, coordinates: .alignCorners)
    let row = try reals(.resize(corners), x, nil, scales)
    for (value, expected) in zip(row, [1, 4.0 / 3, 5.0 / 3, 2]) { #expect(value == Double(Float(expected))) }
  }

  @Test func padding() throws {
    let x = try floats([1, 2, 3], [3])
    let pads = try list([2, 2])
    #expect(try reals(.pad(.constant), x, pads, floats([9], [])) == [9, 9, 1, 2, 3, 9, 9])
    #expect(try reals(.pad(.reflect), x, pads) == [3, 2, 1, 2, 3, 2, 1])
    #expect(try reals(.pad(.edge), x, pads) == [1, 1, 1, 2, 3, 3, 3])
    #expect(try reals(.pad(.wrap), x, pads) == [2, 3, 1, 2, 3, 1, 2])
    #expect(try reals(.pad(.constant), x, list([-1, 1])) == [2, 3, 0])
  }

  @Test func depthAndSpace() throws {
    let x = try floats([0, 1, 2, 3, 4, 5, 6, 7], [1, 8, 1, 1])
    #expect(try reals(.depthToSpace(block: 2, .dcr), x) == [0, 2, 4, 6, 1, 3, 5, 7])
    #expect(try reals(.depthToSpace(block: 2, .crd), x) == [0, 1, 2, 3, 4, 5, 6, 7])
    let y = try reals(.spaceToDepth(block: 2), floats([0, 1, 2, 3], [1, 1, 2, 2]))
    #expect(y == [0, 1, 2, 3])
  }

  @Test func products() throws {
    let a = try floats([1, 2, 3, 4], [2, 2])
    #expect(try reals(.matMul, a, floats([10, 100], [2])) == [210, 430])
    let gemm = Gemm(alpha: 2, beta: 3, transposesA: true)
    #expect(try reals(.gemm(gemm), a, floats([1, 0, 0, 1], [2, 2]), floats([1, 2], [2])) == [5, 12, 7, 14])
  }

  @Test func shapes() throws {
    #expect(try reals(.shape(start: 1, end: -1), floats(ramp5, [1, 5, 1])) == [5])
    #expect(try reals(.size, floats(ramp5, [1, 5])) == [5])
    #expect(try reals(.range, list([7]), list([0]), list([-3])) == [7, 4, 1])
    #expect(try reals(.slice, floats(ramp5, [5]), list([-1]), list([.min]), list([0]), list([-2])) == [5, 3, 1])
    #expect(try reals(.reshape(.flatten(axis: 1)), floats(ramp5, [5, 1, 1])) == [1, 2, 3, 4, 5])
  }

  @Test func statistics() throws {
    let x = try floats([1, 3, 5, 7], [1, 2, 2])
    let y = try reals(.normalize(.instance(epsilon: 0)), x, floats([1, 2], [2]), floats([0, 10], [2]))
    #expect(y == [-1, 1, 8, 12])
    let batch = try reals(
      .normalize(.batch(epsilon: 0)), x, floats([1, 2], [2]), floats([0, 1], [2]), floats([1, 5], [2]),
      floats([4, 1], [2]))
    #expect(batch == [0, 1, 1, 5])
    #expect(try reals(.reduce(Reduce(function: .mean, axes: .spatial)), x) == [2, 6])
  }
}
