import FCNGraph
import FCNReference
import FCNTensor
import FCNTestKit
import Testing

/// Output sizes of sliding windows: plain, rounded up, SAME, transposed.
@Suite struct WindowSizeTests {
  /// Windows that lie inside the padded image, counted.
  @Test(arguments: 0..<200)
  func sizes(_ seed: Int) {
    var generator = SeededGenerator(UInt64(seed))
    var w = WindowAxis(
      kernel: generator.integer(in: 1...5), stride: generator.integer(in: 1...4),
      dilation: generator.integer(in: 1...3), low: generator.integer(in: 0...3))
    // As in ONNX Runtime and PyTorch, padding is less than the window.
    w.high = generator.integer(in: 0...min(3, w.extent - 1))
    let n = generator.integer(in: 1...20)
    let length = n + w.low + w.high
    let inside = (0..<length).filter { $0 % w.stride == 0 && $0 + w.extent <= length }.count
    #expect(w.size(n) == inside)
    // Rounding up adds at most one window, which must start before the far padding.
    guard length >= w.extent else { return #expect(w.size(n, roundsUp: true) == 0) }
    let next = inside * w.stride
    let addsOne = (length - w.extent) % w.stride != 0 && next < n + w.low
    #expect(w.size(n, roundsUp: true) == inside + (addsOne ? 1 : 0))
  }

  /// A transposed window undoes the size of the window, up to the samples that its stride dropped.
  @Test(arguments: 0..<100)
  func transposedSizes(_ seed: Int) {
    var generator = SeededGenerator(UInt64(seed) + 500)
    let w = WindowAxis(
      kernel: generator.integer(in: 1...5), stride: generator.integer(in: 1...4), low: generator.integer(in: 0...2),
      high: generator.integer(in: 0...2))
    let n = generator.integer(in: 6...20)
    let dropped = (n + w.low + w.high - w.extent) % w.stride
    #expect(w.transposedSize(w.size(n), outputPadding: dropped) == n)
  }

  /// torch.nn.MaxPool2d(ceil_mode=True) and the ONNX rule agree on these (n, kernel, stride, padding, size).
  @Test(arguments: [
    (10, 3, 2, 1, 6), (10, 3, 2, 0, 5), (7, 2, 2, 0, 4), (4, 1, 3, 0, 2), (5, 2, 3, 1, 2), (1, 3, 2, 1, 1),
    (57, 3, 3, 0, 19), (58, 3, 3, 0, 20), (2, 2, 4, 1, 1),
  ])
  func roundedUp(_ n: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ size: Int) {
    let w = WindowAxis(kernel: kernel, stride: stride, low: padding, high: padding)
    #expect(w.size(n, roundsUp: true) == size)
  }

  /// SAME: ⌈n/s⌉ outputs; the odd sample of padding at the end (upper) or the beginning (lower).
  @Test(arguments: [Padding.sameUpper, .sameLower])
  func same(_ padding: Padding) throws {
    for n in 1...12 {
      for stride in 1...4 {
        for kernel in 1...5 {
          for dilation in 1...2 {
            var builder = GraphBuilder(seed: 1)
            let x = try builder.input([1, 1, n])
            let window = Window(
              kernel: [kernel], strides: [stride], dilations: [dilation], padding: padding)
            let y = builder.node(.pool(Pool(function: .max(columnMajor: false), window: window)), x)
            let sized = try builder.sized([y])
            #expect(sized.type(y).shape == [1, 1, n.dividedUp(by: stride)])
            guard case .window(let w)? = sized.sizings[0]?.rule.inputs[0][2].rule else {
              Issue.record("no window")
              return
            }
            let total = max(0, (n.dividedUp(by: stride) - 1) * stride + dilation * (kernel - 1) + 1 - n)
            #expect(w.low + w.high == total && w.low - w.high == (total % 2 == 0 ? 0 : padding == .sameLower ? 1 : -1))
          }
        }
      }
    }
  }
}

extension GraphBuilder {
  /// The graph at the sizes of its test inputs.
  func sized(_ outputs: [ValueID]) throws -> SizedGraph {
    try SizedGraph(
      try graph(outputs: outputs), inputs: inputs.map(\.tensor.shape), evaluator: ReferenceEvaluator())
  }
}
