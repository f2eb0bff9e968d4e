import FCNGraph
import FCNTensor
import FCNTestKit

extension RandomNetwork {
  /// One level of a U: down, something, up again, joined with what was there.
  mutating func level(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let stride = pick(2...3)
    let strides = each(stride...stride)
    let down: ValueID
    if one(in: 2) {
      let window = Window(kernel: strides, strides: strides)
      down = builder.node(.pool(Pool(function: .max(columnMajor: false), window: window)), x)
    } else {
      let window = Window(strides: strides, padding: .explicit(low: each(1...1), high: each(1...1)))
      let weights = try builder.weights([shape[1], shape[1]] + each(3...3))
      down = builder.node(.convolution(Convolution(window: window)), x, weights, nil)
    }
    let small = try self.shape(of: down)
    let inner = try one(in: 2) ? convolution(down, small, isSmall: true) : activation(down, small)
    let channels = try self.shape(of: inner)[1]
    let up: ValueID
    if one(in: 2) {
      let weights = try builder.weights([channels, 1] + each(stride...stride + 1))
      up = builder.node(.convTranspose(ConvTranspose(window: Window(strides: strides))), inner, weights, nil)
    } else {
      let payload = Resize(
        interpolation: pick([.nearest(.floor), .linear]), coordinates: pick([.halfPixel, .asymmetric]))
      let scales = [1, 1] + Array(repeating: Float(stride), count: rank)
      up = builder.node(.resize(payload), inner, nil, try builder.reals(scales))
    }
    return try joined((up, try self.shape(of: up)), (x, shape))
  }

  /// Two values, the larger cut to the size of the smaller, then added, multiplied or stacked.
  mutating func joined() throws -> ValueID {
    let last = values[values.count - 1]
    let near = values.dropLast().filter { isNear($0.shape, last.shape) }
    let other = one(in: 40) ? values[pick(0...values.count - 1)] : near.isEmpty ? last : pick(Array(near))
    return try joined(last, other)
  }

  private mutating func joined(
    _ last: (id: ValueID, shape: Shape), _ other: (id: ValueID, shape: Shape)
  ) throws -> ValueID {
    var sizes: [Int] = []
    for axis in spatialAxes { sizes.append(min(last.shape[axis], other.shape[axis])) }
    let a = try cut(last.id, last.shape, to: sizes)
    let b = try cut(other.id, other.shape, to: sizes)
    let isEqual = last.shape[1] == other.shape[1] || last.shape[1] == 1 || other.shape[1] == 1
    if isEqual && !one(in: 3) {
      let functions: [BinaryFunction] = a == b ? [.add, .multiply] : [.add, .add, .multiply, .maximum, .subtract]
      return builder.node(.binary(pick(functions)), a, b)
    }
    return one(in: 2) ? builder.node(.concat(axis: 1), a, b) : builder.node(.concat(axis: 1), b, a)
  }

  private func isNear(_ a: Shape, _ b: Shape) -> Bool {
    spatialAxes.allSatisfy { abs(a[$0] - b[$0]) <= 6 }
  }

  private mutating func cut(_ x: ValueID, _ shape: Shape, to sizes: [Int]) throws -> ValueID {
    let excess = zip(shape.dims[2...], sizes).map { $0 - $1 }
    if excess.allSatisfy({ $0 == 0 }) { return x }
    let low = excess.map { one(in: 3) ? pick(0...$0) : $0 / 2 }
    let ends = zip(excess, low).map { $0 == $1 ? 1 << 40 : $1 - $0 }
    return builder.node(
      .slice, x, try builder.list(low), try builder.list(ends), try builder.list(spatialAxes), nil)
  }

  /// Concatenation along an image axis: with a constant, or of two parts of the image.
  mutating func stacked(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let axis = pick(spatialAxes)
    if one(in: 3) { return builder.node(.concat(axis: axis), x, one(in: 2) ? x : try activation(x, shape)) }
    var dims: [ValueID?] = []
    for index in 0..<shape.rank {
      dims.append(
        index == axis
          ? try builder.list([pick(1...3)]) : builder.node(.shape(start: index, end: index + 1), x))
    }
    let wanted = builder.nodes(.concat(axis: 0), dims, outputs: 1)[0]
    let perChannel = [1, shape[1]] + Array(repeating: 1, count: rank)
    let constant = builder.node(.expand, try builder.weights(perChannel), wanted)
    return one(in: 2) ? builder.node(.concat(axis: axis), constant, x) : builder.node(.concat(axis: axis), x, constant)
  }

  /// A constant per channel, one that varies along an axis, coordinates, or one that repeats along an axis.
  mutating func withConstant(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let axis = pick(spatialAxes)
    var dims = Array(repeating: 1, count: shape.rank)
    let function = pick([BinaryFunction.add, .multiply])
    switch pick(0...5) {
    case 0: dims[axis] = shape[axis]
    case 1, 2: return builder.node(.binary(function), x, try periodic(x, shape, axis))
    case 3:
      let size = builder.node(.shape(start: axis, end: axis + 1), x)
      let scalar = builder.node(.reshape(.squeeze), size, try builder.list([0]))
      let ramp = builder.node(
        .range, builder.node(.reshape(.squeeze), try builder.list([0]), try builder.list([0])), scalar,
        builder.node(.reshape(.squeeze), try builder.list([1]), try builder.list([0])))
      dims[axis] = -1
      let coordinates = builder.node(.reshape(.shape(zeroIsZero: false)), ramp, try builder.list(dims))
      return builder.node(.binary(function), x, builder.node(.cast(.float32), coordinates))
    default: dims[1] = shape[1]
    }
    return builder.node(.binary(function), x, try builder.weights(dims, in: 0.5...2))
  }

  /// A pattern of two or three samples, tiled to the size of the image.
  private mutating func periodic(_ x: ValueID, _ shape: Shape, _ axis: Int) throws -> ValueID {
    let period = shape[axis] % 3 == 0 ? 3 : shape[axis] % 2 == 0 ? 2 : 1
    var dims = Array(repeating: 1, count: shape.rank)
    dims[axis] = period
    let size = builder.node(.shape(start: axis, end: axis + 1), x)
    let count = builder.node(.binary(.divide), size, try builder.list([period]))
    var repeats: [ValueID?] = []
    for index in dims.indices { repeats.append(index == axis ? count : try builder.list([1])) }
    return builder.node(
      .tile, try builder.weights(dims), builder.nodes(.concat(axis: 0), repeats, outputs: 1)[0])
  }

  /// Where(x > 0, a, b): which branch is taken depends on the data, but not where it reads.
  mutating func selected(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let condition = builder.node(.binary(.greater), x, try builder.weights([1]))
    let other = builder.node(.unary(.tanh), x)
    return builder.node(.select, condition, x, other)
  }
}
