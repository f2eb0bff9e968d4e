import FCNBackendCPU
import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Testing

/// Which kernel a family takes, and numbers at the ends of a kernel's range.
@Suite struct KernelChoiceTests {
  /// Groups of few channels, depthwise among them, have a kernel of their own, but not where OpenBLAS is asked for.
  @Test(arguments: [(1, 1, 6), (2, 2, 3), (4, 4, 2), (1, 16, 2)])
  func groupedConvolution(_ c: Int, _ m: Int, _ groups: Int) throws {
    let window = Window(kernel: [3, 3], padding: .explicit(low: [1, 1], high: [1, 1]))
    var builder = GraphBuilder(seed: 4)
    let x = try builder.input([1, groups * c, 9, 11])
    let w = try builder.weights([groups * m, c, 3, 3])
    let y = builder.node(.convolution(Convolution(window: window, groups: groups)), x, w)
    let inputs = builder.inputs.map(\.tensor)
    let sized = try SizedGraph(try builder.graph(outputs: [y]), for: inputs)
    let expected = try PlannedRun(sized, ReferenceBackend(pool: Backends.pool)).outputs(inputs)[0]
    for choice in Backends.choices {
      let run = try PlannedRun(sized, choice.backend)
      let step = try #require(run.plan.steps.first)
      #expect(run.plan.steps.count == 1)
      let name =
        choice.family == .blas ? "fcn_f32_conv_im2col__openblas" : "fcn_f32_conv_direct__\(choice.set.rawValue)"
      #expect(step.offer.name == name, "\(choice)")
      if choice.family == .blas {
        let (kernels, library) = ("kernels blas are asked for", "OpenBLAS is asked for")
        let reasons = [kernels, library, kernels, library, library]
        #expect(step.refusals.map(\.refusal) == reasons, "\(choice)")
      }
      #expect(try run.outputs(inputs)[0].relativeError(to: expected) < 1e-5, "\(choice)")
    }
  }

  /// Taps half a billion samples apart: every kernel plans and computes what the padding leaves.
  @Test func farTaps() throws {
    let far = 1 << 29
    let window = Window(
      kernel: [3, 3], dilations: [far, far], padding: .explicit(low: [far, far], high: [far, far]))
    var builder = GraphBuilder(seed: 4)
    let x = try builder.input([1, 16, 5, 6])
    let y = builder.node(.convolution(Convolution(window: window)), x, try builder.weights([16, 16, 3, 3]))
    let inputs = builder.inputs.map(\.tensor)
    let sized = try SizedGraph(try builder.graph(outputs: [y]), for: inputs)
    let expected = try PlannedRun(sized, ReferenceBackend(pool: Backends.pool)).outputs(inputs)[0]
    for choice in Backends.choices {
      #expect(try PlannedRun(sized, choice.backend).outputs(inputs)[0].relativeError(to: expected) < 1e-5, "\(choice)")
    }
  }

  /// log Σ exp is small beside large scores: it must not be rounded to their precision.
  @Test(arguments: Backends.choices) func logSoftmaxOfLargeScores(_ choice: Backends.Choice) throws {
    let cases: [([Float], [Double])] = [
      ([10_000, 10_000], [-0.693147180559945, -0.693147180559945]),
      ([-30_000, -30_000, -30_000], [-1.09861228866811, -1.09861228866811, -1.09861228866811]),
      ([1e6, 1e6 - 1], [-0.313261687518223, -1.313261687518223]),
    ]
    for (scores, wanted) in cases {
      for (shape, axis) in [(Shape([1, scores.count, 1, 1]), 1), (Shape([1, scores.count]), -1)] {
        var builder = GraphBuilder(seed: 1)
        let x = builder.input(try HostTensor(scores, shape: shape))
        let y = builder.node(.softmax(Softmax(function: .logSoftmax, axis: axis)), x)
        let inputs = builder.inputs.map(\.tensor)
        let sized = try SizedGraph(try builder.graph(outputs: [y]), for: inputs)
        for backend in [choice.backend, ReferenceBackend(pool: Backends.pool)] as [any Backend] {
          let result = try PlannedRun(sized, backend).outputs(inputs)[0].doubles()
          for (a, b) in zip(result, wanted) { #expect(abs(a - b) < 1e-6, "\(choice) \(shape): \(result)") }
        }
      }
    }
  }

  /// The gaps of a transposed convolution whose stride is over its kernel, in every kernel.
  @Test(arguments: [Padding.sameUpper, .sameLower]) func transposedGaps(_ padding: Padding) throws {
    var builder = GraphBuilder(seed: 1)
    let x = builder.input(try HostTensor([1, 2, 3, 4] as [Float], shape: [1, 1, 2, 2]))
    let w = builder.constant(try HostTensor([1] as [Float], shape: [1, 1, 1, 1]))
    let y = builder.node(.convTranspose(ConvTranspose(window: Window(strides: [2, 2], padding: padding))), x, w)
    let inputs = builder.inputs.map(\.tensor)
    let sized = try SizedGraph(try builder.graph(outputs: [y]), for: inputs)
    for choice in Backends.choices {
      let result = try PlannedRun(sized, choice.backend).outputs(inputs)[0]
      #expect(result.doubles() == [1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0], "\(choice)")
    }
  }
}
