package import FCNGraph
package import FCNImage
package import FCNTensor

/// The input of a network that takes the picture, and how the picture lies in it.
package struct PictureInput: Sendable {
  /// Among the graph's inputs.
  package let index: Int
  package let name: String
  package let elementType: ElementType
  /// 4 `[N, C, H, W]` or `[N, H, W, C]`, 3 without N (or without C), 2 `[H, W]`.
  package let rank: Int
  package let layout: ImageLayout
  package let channels: Int
  /// Declared sizes; nil where free.
  package let fixedHeight: Int?
  package let fixedWidth: Int?

  /// The first input that can take a picture, inputs that `given` names left out.
  /// - Throws: `FCNError.input` if there is none, or if the channel axis is not clear from the declared shape and from
  ///   the convolution that reads it (a static 1, 3 or 4 in axis 1 is channels first, in the last axis channels last).
  package init(_ graph: Graph, given: Set<String>, layout: PictureOptions.Layout?) throws(FCNError) {
    let candidates = graph.inputs.indices.filter { index in
      let value = graph[graph.inputs[index]]
      let type = value.elementType ?? .float32
      let rank = value.dimensions?.count ?? 4
      return !given.contains(value.name) && (2...4).contains(rank)
        && (type.isFloat || type == .uint8 || type == .uint16)
    }
    guard let first = candidates.first else {
      let names = graph.inputs.map { graph[$0].name }.joined(separator: ", ")
      throw FCNError(.input, "no input takes a picture (of \(names)); give tensors by --input NAME=FILE.npy")
    }
    try self.init(graph, first, layout)
  }

  private init(_ graph: Graph, _ index: Int, _ hint: PictureOptions.Layout?) throws(FCNError) {
    let id = graph.inputs[index]
    let value = graph[id]
    let dims = (value.dimensions ?? Array(repeating: .symbol(""), count: 4)).map(\.fixedSize)
    self.index = index
    name = value.name
    elementType = value.elementType ?? .float32
    rank = dims.count
    if rank == 2 {
      (layout, channels, fixedHeight, fixedWidth) = (.nchw, 1, dims[0], dims[1])
      return
    }
    let first = rank - 3
    let reader = FirstConvolution(graph, id)
    let found = PictureInput.axis(first: dims[first], last: dims[rank - 1], inner: dims[first + 1], hint, reader)
    guard let found else {
      let shape = (value.dimensions ?? []).map(\.description).joined(separator: "x")
      throw FCNError(.input, "input \(name) \(shape): where are the channels? say --layout nchw or --layout nhwc")
    }
    layout = found
    let isFirst = found == .nchw
    let declared = isFirst ? dims[first] : dims[rank - 1]
    guard let count = declared ?? reader?.channels ?? (rank == 3 ? 1 : nil), count > 0 else {
      throw FCNError(.input, "input \(name): the number of channels is neither declared nor clear from a convolution")
    }
    channels = count
    fixedHeight = dims[isFirst ? first + 1 : first]
    fixedWidth = dims[isFirst ? first + 2 : first + 1]
  }

  private static func axis(
    first: Int?, last: Int?, inner: Int?, _ hint: PictureOptions.Layout?, _ reader: FirstConvolution?
  ) -> ImageLayout? {
    if let hint { return hint == .nchw ? .nchw : .nhwc }
    func isColor(_ size: Int?) -> Bool { size == 1 || size == 3 || size == 4 }
    if isColor(first) != isColor(last) { return isColor(first) ? .nchw : .nhwc }
    if let reader { return reader.isTransposed ? .nhwc : .nchw }
    if first != nil, last == nil { return .nchw }
    if last != nil, first == nil, inner == nil { return .nhwc }
    return nil
  }

  /// The input's shape for one picture of this size.
  package func shape(height: Int, width: Int) -> Shape {
    let whole = layout.shape(height: height, width: width, channels: channels)
    switch rank {
    case 4: return whole
    case 3: return Shape(Array(whole.dims.dropFirst()))
    default: return [height, width]
    }
  }
}

/// The convolution that reads a graph input first, if nothing but elementwise steps and transposes lies between.
struct FirstConvolution {
  let channels: Int
  /// Whether channels last became channels first on the way.
  let isTransposed: Bool

  init?(_ graph: Graph, _ input: ValueID) {
    let consumers = graph.consumers()
    var value = input
    var isTransposed = false
    for _ in 0..<32 {
      let nodes = consumers[value.index].map { graph.nodes[$0] }
      guard let node = nodes.first(where: { FirstConvolution.passes($0.op) }), let output = node.outputs.first ?? nil
      else {
        return nil
      }
      switch node.op {
      case .convolution(let convolution):
        guard let weights = node.input(1), let dims = graph[weights].dimensions, dims.count >= 3,
          let inner = dims[1].fixedSize
        else { return nil }
        channels = inner * convolution.groups
        self.isTransposed = isTransposed
        return
      case .transpose(let permutation?): if permutation.last != permutation.count - 1 { isTransposed.toggle() }
      default: break
      }
      value = output
    }
    return nil
  }

  private static func passes(_ op: Operator) -> Bool {
    switch op {
    case .convolution, .cast, .unary, .binary, .pad, .transpose, .normalize: true
    default: false
    }
  }
}
