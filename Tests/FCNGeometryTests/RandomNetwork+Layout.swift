import FCNGraph
import FCNTensor
import FCNTestKit

extension RandomNetwork {
  /// Operators that see the whole axis, or read where their data say.
  mutating func global(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let channels = [shape[1]]
    switch pick(0...9) {
    case 7:
      return builder.node(
        .normalize(.group(groups: 1, epsilon: 1e-5, perGroup: false)), x, try builder.weights(channels),
        try builder.weights(channels))
    case 8:
      return builder.node(.normalize(.layer(axis: -1, epsilon: 1e-5)), x, try builder.weights([1]))
    case 9:
      let axis = pick(spatialAxes)
      let indices = (0..<pick(4...9)).map { _ in pick(0...shape[axis] - 1) }
      return builder.node(.gather(axis: axis), x, try builder.list(indices))
    case 0, 1:
      let mean = builder.node(.reduce(Reduce(function: pick([.mean, .max]), axes: .spatial)), x)
      return builder.node(.binary(.multiply), x, mean)
    case 2:
      return builder.node(
        .normalize(.instance(epsilon: 1e-5)), x, try builder.weights(channels, in: 0.5...2),
        try builder.weights(channels))
    case 3: return builder.node(.softmax(Softmax(axis: pick(spatialAxes))), x)
    case 4:
      let axis = pick(spatialAxes)
      let mean = builder.node(.reduce(Reduce(function: .mean, axes: .attribute([axis]))), x)
      return builder.node(.binary(.subtract), x, mean)
    case 5 where rank == 1 || shape[1] > 1: return try sampled(x, shape)
    default:
      let weights = try builder.weights([shape[shape.rank - 1], pick(4...12)])
      return builder.node(.matMul, x, weights)
    }
  }

  /// A GridSample at coordinates computed from the image.
  private mutating func sampled(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let weights = try builder.weights([rank, shape[1]] + each(1...1), in: -2...2)
    let offsets = builder.node(.convolution(Convolution(window: Window())), x, weights, nil)
    let grid = builder.node(
      .transpose(permutation: [0] + spatialAxes + [1]), builder.node(.unary(.tanh), offsets))
    let payload = GridSample(interpolation: .linear, padding: .border, alignCorners: one(in: 2))
    return builder.node(.gridSample(payload), x, grid)
  }

  /// Blocks of pixels: depth to space and back, pixel shuffle and windows by reshapes.
  mutating func blocks(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    if rank == 1 { return one(in: 2) ? try shuffledRow(x, shape) : try windowsOfRow(x, shape) }
    switch pick(0...3) {
    case 0:
      let wide = try pointwise(x, shape[1], 4 * pick(1...2))
      return builder.node(.depthToSpace(block: 2, pick([.dcr, .crd])), wide)
    case 1:
      let deep = builder.node(.spaceToDepth(block: pick([2, 3])), x)
      return deep
    case 2: return try pixelShuffle(x, shape)
    default: return try windows(x, shape)
    }
  }

  private mutating func pointwise(_ x: ValueID, _ channels: Int, _ m: Int) throws -> ValueID {
    let weights = try builder.weights([m, channels] + each(1...1))
    return builder.node(.convolution(Convolution(window: Window())), x, weights, nil)
  }

  private mutating func size(_ x: ValueID, _ axis: Int) -> ValueID {
    builder.node(.shape(start: axis, end: axis + 1), x)
  }

  private mutating func reshape(_ x: ValueID, _ dims: [ValueID]) -> ValueID {
    let list = builder.nodes(.concat(axis: 0), dims, outputs: 1)[0]
    return builder.node(.reshape(.shape(zeroIsZero: false)), x, list)
  }

  /// [N, C·b, L] → [N, C, b, L] → [N, C, L, b] → [N, C, L·b]
  private mutating func shuffledRow(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let b = pick(2...3)
    let wide = try pointwise(x, shape[1], b)
    let split = builder.node(.reshape(.shape(zeroIsZero: false)), wide, try builder.list([0, 1, b, -1]))
    let turned = builder.node(.transpose(permutation: [0, 1, 3, 2]), split)
    return builder.node(.reshape(.shape(zeroIsZero: false)), turned, try builder.list([0, 1, -1]))
  }

  /// [N, C, L] → windows of w in the batch → something that mixes a window → back.
  private mutating func windowsOfRow(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let w = shape[2] % 4 == 0 ? 4 : shape[2] % 3 == 0 ? 3 : 2
    let c = shape[1]
    let split = builder.node(.reshape(.shape(zeroIsZero: false)), x, try builder.list([0, c, -1, w]))
    let turned = builder.node(.transpose(permutation: [0, 2, 1, 3]), split)
    let batch = builder.node(.reshape(.shape(zeroIsZero: false)), turned, try builder.list([-1, c, w]))
    let mixed: ValueID
    if one(in: 2) {
      mixed = builder.node(.softmax(Softmax(axis: 2)), batch)
    } else {
      let window = Window(padding: .explicit(low: [1], high: [1]))
      mixed = builder.node(
        .convolution(Convolution(window: window)), batch, try builder.weights([c, c, 3]), nil)
    }
    let apart = reshape(mixed, [size(x, 0), try builder.list([-1]), try builder.list([c]), try builder.list([w])])
    let back = builder.node(.transpose(permutation: [0, 2, 1, 3]), apart)
    return builder.node(.reshape(.shape(zeroIsZero: false)), back, try builder.list([0, c, -1]))
  }

  /// [N, 4, H, W] → [N, 1, 2, 2, H, W] → [N, 1, H, 2, W, 2] → [N, 1, 2H, 2W]
  private mutating func pixelShuffle(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let wide = try pointwise(x, shape[1], 4)
    let two = try builder.list([2])
    let split = reshape(wide, [try builder.list([0, 1]), two, two, size(x, 2), size(x, 3)])
    let turned = builder.node(.transpose(permutation: [0, 1, 4, 2, 5, 3]), split)
    let height = builder.node(.binary(.multiply), size(x, 2), two)
    return reshape(turned, [try builder.list([0, 1]), height, try builder.list([-1])])
  }

  /// Windows of w·w pixels in the batch, mixed inside, and put together again.
  private mutating func windows(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let w = shape[2] % 2 == 0 ? 2 : 3
    let c = shape[1]
    let side = try builder.list([w])
    let rows = builder.node(.binary(.divide), size(x, 2), side)
    let columns = builder.node(.binary(.divide), size(x, 3), side)
    let split = reshape(x, [try builder.list([0, c]), rows, side, columns, side])
    let turned = builder.node(.transpose(permutation: [0, 2, 4, 1, 3, 5]), split)
    let batch = reshape(turned, [try builder.list([-1, c, w, w])])
    let window = Window(padding: .explicit(low: [1, 1], high: [1, 1]))
    let mixed = builder.node(
      .convolution(Convolution(window: window)), batch, try builder.weights([c, c, 3, 3]), nil)
    let apart = reshape(mixed, [size(x, 0), rows, columns, try builder.list([c, w, w])])
    let back = builder.node(.transpose(permutation: [0, 3, 1, 4, 2, 5]), apart)
    return reshape(back, [try builder.list([0, c]), size(x, 2), size(x, 3)])
  }

  /// Axes moved about: channels last, flattened, transposed, mirrored parts, repeated images.
  mutating func rearranged(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    switch pick(0...6) {
    case 5 where rank == 1: return try raised(x, shape)
    case 6 where rank == 2: return try merged(x, shape)
    case 0 where shape[1] > 1:
      let last = [0] + spatialAxes + [1]
      let first = [0, rank + 1] + Array(1...rank)
      let moved = builder.node(.transpose(permutation: last), x)
      let normal = builder.node(.softmax(Softmax(axis: -1)), moved)
      return builder.node(.transpose(permutation: first), normal)
    case 1:
      let flat = builder.node(.reshape(.shape(zeroIsZero: false)), x, try builder.list([0, -1]))
      let bent = builder.node(.unary(.tanh), flat)
      let dims = try (1..<shape.rank).map { $0 == 1 ? try builder.list([shape[1]]) : size(x, $0) }
      return reshape(bent, [try builder.list([0])] + dims)
    case 2 where rank == 2: return builder.node(.transpose(permutation: [0, 1, 3, 2]), x)
    case 3:
      let part = Part(axis: pick(spatialAxes), index: pick(0...1), count: 2)
      return builder.node(.part(part), x)
    case 4 where one(in: 2):
      var repeats = Array(repeating: 1, count: shape.rank)
      repeats[pick(spatialAxes)] = 2
      return builder.node(.tile, x, try builder.list(repeats))
    default: return builder.node(.normalize(.localResponse(size: 3, alpha: 0.1, beta: 0.75, bias: 1)), x)
    }
  }

  /// A row as a picture of one line: a convolution over two axes.
  private mutating func raised(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let axis = try builder.list([2])
    let picture = builder.node(.reshape(.unsqueeze), x, axis)
    let window = Window(strides: [1, pick(1...2)], padding: .explicit(low: [1, 1], high: [1, 0]))
    let weights = try builder.weights([1, shape[1], 3, 3])
    let smoothed = builder.node(.convolution(Convolution(window: window)), picture, weights, nil)
    return builder.node(.reshape(.squeeze), smoothed, axis)
  }

  /// Rows and columns in one axis, and apart again; something elementwise, or along the merged axis, in between.
  private mutating func merged(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let flat = builder.node(.reshape(.shape(zeroIsZero: false)), x, try builder.list([0, 0, -1]))
    var inner = builder.node(.unary(.sigmoid), flat)
    if one(in: 4) {
      let window = Window(padding: .explicit(low: [1], high: [1]))
      let weights = try builder.weights([shape[1], shape[1], 3])
      inner = builder.node(.convolution(Convolution(window: window)), inner, weights, nil)
    } else if one(in: 2) {
      inner = builder.node(
        .transpose(permutation: [0, 2, 1]),
        builder.node(.unary(.tanh), builder.node(.transpose(permutation: [0, 2, 1]), inner)))
    }
    return reshape(inner, [try builder.list([0, shape[1]]), size(x, 2), size(x, 3)])
  }
}
