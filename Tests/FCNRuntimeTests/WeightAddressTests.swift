import FCNBackendCPU
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// Weights of a mapped file lie at any byte; kernels pack them from there.
@Suite struct WeightAddressTests {
  /// A layer that one way of packing takes: input and output channels, groups, square kernel.
  struct Layer: Sendable, CustomTestStringConvertible {
    var name: String
    var channels: (from: Int, to: Int)
    var groups = 1
    var kernel: Int
    var kernelName: String
    /// The threads share what the kernel gathers.
    var isStaged = false

    var testDescription: String { name }
  }

  static let layers = [
    Layer(name: "own patches", channels: (32, 20), kernel: 3, kernelName: "conv_winograd"),
    Layer(name: "stages", channels: (720, 20), kernel: 3, kernelName: "conv_winograd", isStaged: true),
    Layer(name: "pixels", channels: (40, 36), kernel: 1, kernelName: "conv_blocked"),
    Layer(name: "planes", channels: (3, 20), kernel: 5, kernelName: "conv_blocked"),
    Layer(name: "few outputs", channels: (36, 3), kernel: 3, kernelName: "conv_blocked"),
    Layer(name: "depthwise", channels: (20, 20), groups: 20, kernel: 3, kernelName: "conv_depthwise"),
  ]

  @Test(arguments: layers, [false, true]) func sameBits(_ layer: Layer, hasFactors: Bool) throws {
    for choice in Backends.choices where choice.family == .auto {
      let aligned = try output(layer, hasFactors, at: 0, choice.backend)
      for shift in 1...3 {
        #expect(try output(layer, hasFactors, at: shift, choice.backend).hasBits(of: aligned), "\(choice), \(shift)")
      }
    }
  }

  /// - Parameter hasFactors: factors of a normalisation are applied as weights are packed.
  private func output(
    _ layer: Layer, _ hasFactors: Bool, at shift: Int, _ backend: any Backend
  ) throws -> HostTensor {
    var builder = GraphBuilder(seed: 5)
    let x = try builder.input([1, layer.channels.from, 19, 22])
    let pad = layer.kernel / 2
    let window = Window(
      kernel: [layer.kernel, layer.kernel], padding: .explicit(low: [pad, pad], high: [pad, pad]))
    let dims = [layer.channels.to, layer.channels.from / layer.groups, layer.kernel, layer.kernel]
    var generator = SeededGenerator(6)
    let values = (0..<dims.reduce(1, *)).map { _ in Float(generator.real(in: -1...1)) }
    let w = builder.constant(try moved(try HostTensor(values, shape: Shape(dims)), by: shift))
    let factors = hasFactors ? ChannelFactors((0..<layer.channels.to).map { 0.7 + 0.1 * Double($0) }) : nil
    let y = builder.node(.convolution(Convolution(window: window, groups: layer.groups, factors: factors)), x, w)
    let sized = try SizedGraph(try builder.graph(outputs: [y]), for: builder.inputs.map(\.tensor))
    let run = try PlannedRun(sized, backend)
    let offer = try #require(run.plan.steps.map(\.offer).first { $0.name.contains(layer.kernelName) })
    #expect((offer.sharedBytes > 0) == layer.isStaged, "\(run.plan.text())")
    return try run.outputs(builder.inputs.map(\.tensor))[0]
  }

  private func moved(_ tensor: HostTensor, by shift: Int) throws -> HostTensor {
    let storage = try Storage(count: tensor.byteCount + shift)
    let bytes = UnsafeMutableRawBufferPointer(rebasing: storage.mutableBytes[shift...])
    bytes.copyMemory(from: tensor.storage.bytes)
    return try HostTensor(
      elementType: tensor.elementType, shape: tensor.shape,
      storage: Storage(borrowing: UnsafeRawBufferPointer(bytes), from: storage))
  }
}
