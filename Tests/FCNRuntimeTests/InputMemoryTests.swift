import FCNGraph
import FCNRuntime
import FCNTensor
import FCNTestKit
import Synchronization
import Testing

/// Inputs are read where their source holds them, unless a step writes over them.
@Suite struct InputMemoryTests {
  @Test(arguments: [false, true])
  func firstStepInPlace(_ isInPlace: Bool) throws {
    var builder = GraphBuilder(seed: 2)
    let x = try builder.input([1, 3, 9, 11])
    let softened = builder.node(.unary(.tanh), x)
    // With a second reader, nobody may write over the input.
    let y = isInPlace ? softened : builder.node(.binary(.add), softened, x)
    let inputs = builder.inputs.map(\.tensor)
    let sized = try SizedGraph(try builder.graph(outputs: [y]), for: inputs)
    let backend = Backends.families[0]
    let run = try PlannedRun(sized, backend)
    let before = inputs[0].doubles()

    let (held, copied) = (CountingSource(inputs[0], isHeld: true), CountingSource(inputs[0], isHeld: false))
    let results = try [held, copied].map { source in
      let sink = TensorSink()
      try run.executable.makeSession().run([source], into: [sink], control: RunControl())
      return try #require(sink.tensor)
    }
    #expect(held.reads == (isInPlace ? 1 : 0) && copied.reads == 1)
    #expect(results[0].hasBits(of: results[1]) && inputs[0].doubles() == before)
  }

  /// A region is read, not taken from where the whole lies.
  @Test func partOfAnInput() throws {
    var builder = GraphBuilder(seed: 3)
    let x = try builder.input([1, 3, 9, 11])
    let y = builder.node(.binary(.add), builder.node(.unary(.tanh), x), x)
    let inputs = builder.inputs.map(\.tensor)
    let sized = try SizedGraph(try builder.graph(outputs: [y]), for: inputs)
    let region = Region([0..<1, 0..<3, 2..<7, 4..<11])
    let whole = try PlannedRun(sized, Backends.families[0]).outputs(inputs)[0]
    let run = try PlannedRun(sized, Backends.families[0], outputs: [region])
    let (source, sink) = (CountingSource(inputs[0], isHeld: true), TensorSink())
    try run.executable.makeSession().run([source], into: [sink], control: RunControl())
    #expect(source.reads == 1)
    #expect(try #require(sink.tensor).hasBits(of: try whole.cropped(to: region)))
  }

  /// A tensor that lies 4 bytes off a line, through convolutions, then the same session with a copy.
  @Test func atAnyFloat() throws {
    var builder = GraphBuilder(seed: 4)
    let x = try builder.input([1, 3, 20, 70])
    let few = builder.node(
      .convolution(Convolution(window: Window(kernel: [3, 3]))), x, try builder.weights([20, 3, 3, 3]))
    let y = builder.node(
      .convolution(Convolution(window: Window(kernel: [3, 3]))), few, try builder.weights([2, 20, 3, 3]))
    let tensor = builder.inputs[0].tensor
    let sized = try SizedGraph(try builder.graph(outputs: [y]), for: [tensor])
    let storage = try Storage(count: tensor.byteCount + 4)
    (storage.mutableBytes.baseAddress! + 4).copyMemory(
      from: tensor.storage.bytes.baseAddress!, byteCount: tensor.byteCount)
    let shifted = try HostTensor(
      elementType: .float32, shape: tensor.shape,
      storage: Storage(borrowing: UnsafeRawBufferPointer(rebasing: storage.bytes[4...]), from: storage))
    for choice in Backends.choices {
      let session = try PlannedRun(sized, choice.backend).executable.makeSession()
      let results = try [shifted, tensor, shifted].enumerated().map { index, input in
        let (source, sink) = (CountingSource(input, isHeld: index != 1), TensorSink())
        try session.run([source], into: [sink], control: RunControl())
        return try #require(sink.tensor)
      }
      #expect(results.dropFirst().allSatisfy { $0.hasBits(of: results[0]) }, "\(choice)")
    }
  }

  @Test func misalignedTensor() throws {
    let storage = try Storage(count: 25)
    let odd = Storage(borrowing: UnsafeRawBufferPointer(rebasing: storage.bytes[1..<25]), from: storage)
    let tensor = try HostTensor(elementType: .float32, shape: [1, 1, 2, 3], storage: odd)
    #expect(tensor.bytes(of: tensor.shape.region) == nil)
    let aligned = try HostTensor(.float32, [1, 1, 2, 3])
    #expect(aligned.bytes(of: aligned.shape.region) != nil)
    #expect(aligned.bytes(of: Region([0..<1, 0..<1, 0..<2, 0..<2])) == nil)
  }

  private final class CountingSource: RegionSource {
    private let tensor: HostTensor
    private let isHeld: Bool
    private let count = Atomic<Int>(0)
    var reads: Int { count.load(ordering: .relaxed) }
    var elementType: ElementType { tensor.elementType }
    var shape: Shape { tensor.shape }

    init(_ tensor: HostTensor, isHeld: Bool) {
      self.tensor = tensor
      self.isHeld = isHeld
    }

    func read(_ region: Region, into target: UnsafeMutableRawBufferPointer) throws(TensorError) {
      count.wrappingAdd(1, ordering: .relaxed)
      try tensor.read(region, into: target)
    }

    func bytes(of region: Region) -> UnsafeRawBufferPointer? { isHeld ? tensor.bytes(of: region) : nil }
  }
}
