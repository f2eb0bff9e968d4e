import FCNGraph
import FCNTensor
import FCNTestKit

/// Networks of the worked examples with one channel everywhere: geometry does not depend on channels.
struct Architecture {
  private(set) var builder: GraphBuilder
  let input: ValueID
  private let rank: Int

  init(size: [Int], seed: UInt64 = 1) throws {
    var builder = GraphBuilder(seed: seed)
    input = try builder.input([1, 1] + size)
    self.builder = builder
    rank = size.count
  }

  func graph(_ output: ValueID) throws -> Graph { try builder.graph(outputs: [output]) }

  private func window(_ k: Int, _ stride: Int, _ dilation: Int, _ pads: (Int, Int)) -> Window {
    func list(_ value: Int) -> [Int] { Array(repeating: value, count: rank) }
    return Window(
      kernel: list(k), strides: list(stride), dilations: list(dilation),
      padding: .explicit(low: list(pads.0), high: list(pads.1)))
  }

  mutating func conv(_ x: ValueID, _ k: Int, stride: Int = 1, dilation: Int = 1, pad: Int? = nil) throws -> ValueID {
    let p = pad ?? dilation * (k - 1) / 2
    let weights = try builder.weights([1, 1] + Array(repeating: k, count: rank))
    return builder.node(.convolution(Convolution(window: window(k, stride, dilation, (p, p)))), x, weights)
  }

  /// A convolution whose weights are all 1/k².
  mutating func average(_ x: ValueID, _ k: Int) throws -> ValueID {
    let shape = [1, 1] + Array(repeating: k, count: rank)
    let count = shape.reduce(1, *)
    let weights = try HostTensor([Float](repeating: 1 / Float(count), count: count), shape: Shape(shape))
    let op = Operator.convolution(Convolution(window: window(k, 1, 1, (k / 2, k / 2))))
    return builder.node(op, x, builder.constant(weights))
  }

  mutating func deconv(_ x: ValueID, _ k: Int, stride: Int, pad: Int = 0, extra: Int = 0) throws -> ValueID {
    let weights = try builder.weights([1, 1] + Array(repeating: k, count: rank))
    let payload = ConvTranspose(
      window: window(k, stride, 1, (pad, pad)), outputPadding: Array(repeating: extra, count: rank))
    return builder.node(.convTranspose(payload), x, weights)
  }

  mutating func pool(_ x: ValueID, _ k: Int = 2, stride: Int? = nil, pad: Int = 0, roundsUp: Bool = false) -> ValueID {
    builder.node(
      .pool(
        Pool(
          function: .max(columnMajor: false), window: window(k, stride ?? k, 1, (pad, pad)), roundsUp: roundsUp)), x)
  }

  mutating func indexedPool(_ x: ValueID) -> [ValueID] {
    builder.nodes(
      .pool(Pool(function: .max(columnMajor: false), window: window(2, 2, 1, (0, 0)))), [x], outputs: 2)
  }

  mutating func unpool(_ x: ValueID, _ indices: ValueID) -> ValueID {
    builder.node(.maxUnpool(MaxUnpool(window: window(2, 2, 1, (0, 0)))), x, indices)
  }

  mutating func resize(_ x: ValueID, _ scale: Int, _ kind: Interpolation, _ at: CoordinateTransform) throws -> ValueID {
    let scales = try builder.reals([1, 1] + Array(repeating: Float(scale), count: rank))
    return builder.node(.resize(Resize(interpolation: kind, coordinates: at)), x, nil, scales)
  }

  mutating func concat(_ a: ValueID, _ b: ValueID) -> ValueID { builder.node(.concat(axis: 1), a, b) }

  /// Two channels to one, so that all stay at one.
  mutating func merged(_ a: ValueID, _ b: ValueID) -> ValueID { builder.node(.binary(.add), a, b) }

  /// `x[start : start + size]` on every spatial axis.
  mutating func crop(_ x: ValueID, start: Int, size: Int) throws -> ValueID {
    let axes = Array(2..<2 + rank)
    let starts = try builder.list(axes.map { _ in start })
    let ends = try builder.list(axes.map { _ in start + size })
    return builder.node(.slice, x, starts, ends, try builder.list(axes))
  }

  /// `x[margin : −margin]`
  mutating func trim(_ x: ValueID, _ margin: Int) throws -> ValueID {
    let axes = Array(2..<2 + rank)
    let starts = try builder.list(axes.map { _ in margin })
    let ends = try builder.list(axes.map { _ in -margin })
    return builder.node(.slice, x, starts, ends, try builder.list(axes))
  }

  mutating func padded(_ x: ValueID, by width: Int, _ mode: PadMode) throws -> ValueID {
    let pads = [0, 0] + Array(repeating: width, count: rank)
    return builder.node(.pad(mode), x, try builder.list(pads + pads))
  }

  mutating func node(_ op: Operator, _ inputs: ValueID?...) -> ValueID { builder.nodes(op, inputs, outputs: 1)[0] }
}

extension Architecture {
  enum Upsampling: CaseIterable { case deconv2, nearest, bilinear, deconv3, alignCorners }

  mutating func up(_ x: ValueID, _ kind: Upsampling, by factor: Int = 2) throws -> ValueID {
    switch kind {
    case .deconv2: try deconv(x, factor, stride: factor)
    case .nearest: try resize(x, factor, .nearest(.floor), .asymmetric)
    case .bilinear: try resize(x, factor, .linear, .halfPixel)
    case .alignCorners: try resize(x, factor, .linear, .alignCorners)
    case .deconv3: try deconv(x, 3, stride: 2, pad: 1, extra: 1)
    }
  }

  /// Ronneberger et al. 2015 with `depth` poolings; skipped features are added instead of concatenated.
  mutating func unet(
    depth: Int = 4, kernel: Int = 3, pool factor: Int = 2, up kind: Upsampling = .deconv2, valid: Bool = false
  ) throws -> ValueID {
    let pad = valid ? 0 : nil as Int?
    var x = input
    var skips: [ValueID] = []
    for _ in 0..<depth {
      for _ in 0..<2 { x = try conv(x, kernel, pad: pad) }
      skips.append(x)
      x = pool(x, factor)
    }
    for _ in 0..<2 { x = try conv(x, kernel, pad: pad) }
    // What the valid convolutions below take off one side, in samples of the level.
    var margin = 2
    for level in (0..<depth).reversed() {
      x = try up(x, kind, by: factor)
      var skip = skips[level]
      if valid {
        margin = level == depth - 1 ? 4 : 2 * (margin + 2 + 2)
        skip = try trim(skip, margin)
      }
      x = merged(skip, x)
      for _ in 0..<2 { x = try conv(x, kernel, pad: pad) }
    }
    return x
  }

  /// VGG-16 up to pool5 (Simonyan and Zisserman 2014): 2, 2, 3, 3, 3 convolutions. With more padding in the first one,
  /// as Caffe's FCN has it, pooling rounds up.
  mutating func vgg16(pad first: Int = 1) throws -> [ValueID] {
    var x = input
    var pools: [ValueID] = []
    for (block, count) in [2, 2, 3, 3, 3].enumerated() {
      for index in 0..<count { x = try conv(x, 3, pad: block == 0 && index == 0 ? first : 1) }
      x = pool(x, roundsUp: first > 1)
      pools.append(x)
    }
    return pools
  }

  /// torchvision's ResNet-50: 3, 4, 6, 3 bottlenecks, the stride in the 3×3 convolution.
  mutating func resnet50() throws -> ValueID {
    var x = try conv(input, 7, stride: 2)
    x = pool(x, 3, stride: 2, pad: 1)
    for (stage, count) in [3, 4, 6, 3].enumerated() {
      for index in 0..<count {
        let stride = stage > 0 && index == 0 ? 2 : 1
        let skip = stride == 2 ? try conv(x, 1, stride: 2) : x
        x = try conv(x, 1)
        x = try conv(x, 3, stride: stride)
        x = merged(try conv(x, 1), skip)
      }
    }
    return x
  }

  /// Long et al. 2015: padding of 100 and crops; `steps` 32, 16 or 8.
  mutating func fcn(_ steps: Int, size: Int) throws -> ValueID {
    let pools = try vgg16(pad: 100)
    var x = try conv(pools[4], 7, pad: 0)
    x = try conv(x, 1)
    x = try conv(x, 1)
    if steps == 32 { return try crop(try deconv(x, 64, stride: 32), start: 19, size: size) }
    x = merged(try deconv(x, 4, stride: 2), try cropped(try conv(pools[3], 1), start: 5, like: try deconvSize(x)))
    if steps == 16 { return try crop(try deconv(x, 32, stride: 16), start: 27, size: size) }
    let up = try deconv(x, 4, stride: 2)
    x = merged(up, try cropped(try conv(pools[2], 1), start: 9, like: up))
    return try crop(try deconv(x, 16, stride: 8), start: 31, size: size)
  }

  private mutating func deconvSize(_ x: ValueID) throws -> ValueID { try deconv(x, 4, stride: 2) }

  /// `x[start : start + size of other]`, the size computed in the graph.
  private mutating func cropped(_ x: ValueID, start: Int, like other: ValueID) throws -> ValueID {
    let shape = node(.shape(start: 2, end: nil), other)
    let starts = try builder.list(Array(repeating: start, count: rank))
    let ends = node(.binary(.add), shape, starts)
    return node(.slice, x, starts, ends, try builder.list(Array(2..<2 + rank)))
  }

  /// Badrinarayanan et al. 2015: VGG-16 encoder, decoder of unpoolings with 3, 3, 3, 2, 2 convolutions.
  mutating func segnet() throws -> ValueID {
    var x = input
    var indices: [ValueID] = []
    for count in [2, 2, 3, 3, 3] {
      for _ in 0..<count { x = try conv(x, 3) }
      let pooled = indexedPool(x)
      x = pooled[0]
      indices.append(pooled[1])
    }
    for (level, count) in [3, 3, 3, 2, 2].enumerated() {
      x = unpool(x, indices[4 - level])
      for _ in 0..<count { x = try conv(x, 3) }
    }
    return x
  }
}
