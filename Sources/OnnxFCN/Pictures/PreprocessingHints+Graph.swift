package import FCNGraph
import FCNImage
import FCNTensor

extension PreprocessingHints {
  /// What the graph tells about the range of its input: a uint8 input takes stored values; if the first thing done with
  /// the input is `x·a + b` with constants (Sub, Div, Mul, Add, ImageScaler, or a batch normalization), the
  /// normalization is inside, and its constants tell whether 0…255 or 0…1 is meant.
  ///
  /// The value that becomes 0 is `−b/a`: with |a| < 0.1 or |b/a| > 3 the input is 0…255, else 0…1 (mean and deviation
  /// of pictures in 0…1 are below 1). A batch normalization of unclear statistics tells nothing.
  package static func graph(_ graph: Graph, input: ValueID) -> PreprocessingHints {
    var hints = PreprocessingHints(source: "the graph")
    if let type = graph[input].elementType, !type.isFloat {
      hints.source = "the graph: \(type.rawValue) input"
      hints.scaling = .named(.none)
      return hints
    }
    var walk = AffineWalk(graph, input)
    walk.run()
    guard let last = walk.nodes.last, let gain = walk.gain.first, gain != 0 else { return hints }
    let zeros = zip(walk.gain, walk.bias).map { abs($1 / $0) }
    let isBytes = walk.gain.allSatisfy { abs($0) < 0.1 } || (zeros.max() ?? 0) > 3
    if !isBytes, walk.isLearned, (zeros.min() ?? 0) < 0.1 { return hints }
    hints.source = "the graph: normalization inside, up to \(last)"
    hints.scaling = isBytes ? .bytes : .named(.unit)
    return hints
  }
}

/// Follows a graph input through what is affine per channel.
private struct AffineWalk {
  let graph: Graph
  let consumers: [[Int]]
  var value: ValueID
  var gain: [Double] = [1]
  var bias: [Double] = [0]
  var nodes: [String] = []
  var isLearned = false

  init(_ graph: Graph, _ input: ValueID) {
    self.graph = graph
    value = input
    consumers = graph.consumers()
  }

  /// Constants above this many elements are no per-channel constants.
  static let largestCount = 64

  mutating func run() {
    var steps = 0
    while steps < 32, let node = next(), let output = node.outputs.first ?? nil {
      steps += 1
      switch node.op {
      case .cast, .transpose, .unary(.identity), .pad: break
      case .binary(let function):
        guard apply(function, node) else { return }
        nodes.append(node.label)
      case .normalize(.batch(let epsilon)):
        guard applyBatch(epsilon, node) else { return }
        isLearned = true
        nodes.append(node.label)
      default: return
      }
      value = output
    }
  }

  /// The only consumer, shape queries left out.
  private func next() -> Node? {
    let found = consumers[value.index].map { graph.nodes[$0] }.filter {
      if case .shape = $0.op { false } else { true }
    }
    return found.count == 1 ? found[0] : nil
  }

  private func constant(_ id: ValueID?) -> [Double]? {
    guard let tensor = id.flatMap({ graph[$0].constant }), tensor.count > 0, tensor.count <= Self.largestCount else {
      return nil
    }
    let values = tensor.doubles()
    return values.allSatisfy(\.isFinite) ? values : nil
  }

  private mutating func combine(_ other: [Double], _ body: (Double, Double, Double) -> (Double, Double)) -> Bool {
    let count = max(gain.count, other.count)
    guard gain.count == count || gain.count == 1, other.count == count || other.count == 1 else { return false }
    let pairs = (0..<count).map { index in
      body(gain[gain.count == 1 ? 0 : index], bias[bias.count == 1 ? 0 : index], other[other.count == 1 ? 0 : index])
    }
    gain = pairs.map(\.0)
    bias = pairs.map(\.1)
    return true
  }

  private mutating func apply(_ function: BinaryFunction, _ node: Node) -> Bool {
    let isFirst = node.input(0) == value
    guard let other = constant(node.input(isFirst ? 1 : 0)) else { return false }
    switch function {
    case .add: return combine(other) { ($0, $1 + $2) }
    case .multiply: return combine(other) { ($0 * $2, $1 * $2) }
    case .subtract: return combine(other) { isFirst ? ($0, $1 - $2) : (-$0, $2 - $1) }
    case .divide where isFirst && !other.contains(0): return combine(other) { ($0 / $2, $1 / $2) }
    default: return false
    }
  }

  private mutating func applyBatch(_ epsilon: Double, _ node: Node) -> Bool {
    guard let scale = constant(node.input(1)), let offset = constant(node.input(2)), let mean = constant(node.input(3)),
      let variance = constant(node.input(4)), variance.allSatisfy({ $0 + epsilon > 0 })
    else { return false }
    let inverse = variance.map { 1 / ($0 + epsilon).squareRoot() }
    return combine(mean) { ($0, $1 - $2) } && combine(inverse) { ($0 * $2, $1 * $2) }
      && combine(scale) { ($0 * $2, $1 * $2) } && combine(offset) { ($0, $1 + $2) }
  }
}
