import FCNBackendCPU
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// Resizing where a kernel's table is wider than an element's taps, and where the coordinates leave the image.
@Suite struct ResizeEdgeTests {
  private static func resized(_ x: HostTensor, _ payload: Resize, sizes: [Int], roi: [Float]? = nil) throws -> Resized {
    var builder = GraphBuilder(seed: 1)
    let input = builder.input(x)
    let crop = try roi.map { try builder.reals($0) }
    let y = builder.node(.resize(payload), input, crop, nil, try builder.list(sizes))
    let inputs = builder.inputs.map(\.tensor)
    return Resized(sized: try SizedGraph(try builder.graph(outputs: [y]), for: inputs), inputs: inputs)
  }

  private struct Resized {
    let sized: SizedGraph
    let inputs: [HostTensor]

    func output(_ backend: any Backend, _ region: Region? = nil) throws -> HostTensor {
      try PlannedRun(sized, backend, outputs: region.map { [$0] }).outputs(inputs)[0]
    }

    func reference() throws -> HostTensor { try output(ReferenceBackend(pool: Backends.pool)) }

    /// Every part of the last two axes, planned alone, has the bits that it has within the whole.
    func checkParts(_ backend: any Backend, _ what: String) throws {
      let whole = try output(backend)
      let shape = whole.shape
      for y in 0..<shape[2] {
        for first in 0..<shape[3] {
          for last in first + 1...shape[3] {
            let region = Region([0..<1, 0..<shape[1], y..<y + 1, first..<last])
            let part = try output(backend, region)
            #expect(part.hasBits(of: try whole.cropped(to: region)), "\(what): \(region): \(part.doubles())")
          }
        }
      }
    }
  }

  /// align_corners 2 → 3: two of the three outputs have one tap; the other place in the table must not be read.
  @Test(arguments: Backends.choices) func infinityBesideOneTap(_ choice: Backends.Choice) throws {
    let payload = Resize(interpolation: .linear, coordinates: .alignCorners)
    for special in [Float.infinity, -.infinity, .nan] {
      for row in [[special, 1], [1, special]] {
        let x = try HostTensor(row, shape: [1, 1, 1, 2])
        let line = try Self.resized(x, payload, sizes: [1, 1, 1, 3])
        let expected = try line.reference()
        let result = try line.output(choice.backend)
        #expect(result.relativeError(to: expected) == 0, "\(row): \(result.doubles()), not \(expected.doubles())")
        try line.checkParts(choice.backend, "\(choice) \(row)")
      }
    }
    let corner = try HostTensor([Float.infinity, 1, 2, 3], shape: [1, 1, 2, 2])
    let square = try Self.resized(corner, payload, sizes: [1, 1, 3, 3])
    let expected: [Double] = [.infinity, .infinity, 1, .infinity, .infinity, 2, 2, 2.5, 3]
    #expect(try square.reference().doubles() == expected)
    #expect(try square.output(choice.backend).doubles() == expected)
    try square.checkParts(choice.backend, "\(choice) square")
  }

  /// At whole coordinates a cubic kernel has one tap, beside it four: −0 keeps its sign in every region.
  @Test(arguments: Backends.choices) func minusZeroUnderCubicTaps(_ choice: Backends.Choice) throws {
    let x = try HostTensor([Float](repeating: -0.0, count: 9), shape: [1, 1, 1, 9])
    let cubic = Resize(interpolation: .cubic(a: -0.75), coordinates: .alignCorners)
    let line = try Self.resized(x, cubic, sizes: [1, 1, 1, 17])
    let result = try line.output(choice.backend)
    #expect(result.relativeError(to: try line.reference()) == 0)
    let even = stride(from: 0, to: 17, by: 2).map { result.doubles()[$0].sign }
    #expect(even == Array(repeating: .minus, count: 9), "\(choice)")
    try line.checkParts(choice.backend, "\(choice)")
  }

  /// One large sample among four taps: the zero weights of a whole coordinate do not reach it.
  @Test(arguments: Backends.choices) func infinityUnderCubicTaps(_ choice: Backends.Choice) throws {
    var row: [Float] = [1, 2, 3, 4, 5, 6, 7]
    row[3] = .infinity
    let x = try HostTensor(row, shape: [1, 1, 1, 7])
    let cubic = Resize(interpolation: .cubic(a: -0.75), coordinates: .alignCorners)
    let line = try Self.resized(x, cubic, sizes: [1, 1, 1, 13])
    let result = try line.output(choice.backend)
    let expected = try line.reference()
    #expect(result.relativeError(to: expected) < 1e-6, "\(result.doubles()), not \(expected.doubles())")
    try line.checkParts(choice.backend, "\(choice)")
  }

  struct Fill: Sendable {
    let type: ElementType
    let value: Double
  }

  static let fills: [Fill] =
    [ElementType.uint8, .int8, .int16, .int32, .int64, .float16, .float32, .float64].map { Fill(type: $0, value: 7) }
    + [Fill(type: .int8, value: -3), Fill(type: .float64, value: 0.1)]

  /// Beyond the crop the fill value is of the tensor's type.
  @Test(arguments: fills) func extrapolatedNearest(_ fill: Fill) throws {
    let x = try HostTensor(
      doubles: (0..<32).map { Double($0 + 20) }, elementType: fill.type, shape: [1, 2, 4, 4])
    let payload = Resize(
      interpolation: .nearest(.preferFloor), coordinates: .tfCropAndResize, extrapolation: fill.value)
    let roi: [Float] = [0, 0, -0.5, 0.25, 1, 1, 0.75, 1.5]
    let crop = try Self.resized(x, payload, sizes: [1, 2, 5, 6], roi: roi)
    let expected = try crop.reference()
    let outside = try HostTensor(doubles: [fill.value], elementType: fill.type, shape: []).doubles()[0]
    // The first row and the last column lie beyond the image, the middle does not.
    let values = expected.doubles()
    #expect(values[..<6].allSatisfy { $0 == outside } && values[11] == outside && values[18] >= 20)
    for choice in Backends.choices {
      let result = try crop.output(choice.backend)
      #expect(result.hasBits(of: expected), "\(choice) \(fill): \(result.doubles()), not \(values)")
      try crop.checkParts(choice.backend, "\(choice) \(fill)")
    }
  }
}
