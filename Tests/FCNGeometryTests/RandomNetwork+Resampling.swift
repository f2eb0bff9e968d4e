import FCNGraph
import FCNTensor
import FCNTestKit

extension RandomNetwork {
  mutating func resize(_ x: ValueID, _ shape: Shape, isLarge: Bool, isSmall: Bool) throws -> ValueID {
    let interpolations: [Interpolation] = [
      .nearest(.floor), .nearest(.ceil), .nearest(.preferFloor), .nearest(.preferCeil), .nearest(.floorOrCeil), .linear,
      .linear, .linear, .cubic(a: -0.75), .cubic(a: -0.5),
    ]
    var transforms: [CoordinateTransform] = [
      .halfPixel, .halfPixel, .pytorchHalfPixel, .asymmetric, .asymmetric, .halfPixelSymmetric, .tfHalfPixelForNN,
    ]
    if one(in: 4) { transforms = [.alignCorners] }
    var payload = Resize(
      interpolation: pick(interpolations), coordinates: pick(transforms), antialias: one(in: 3),
      excludesOutside: one(in: 3))
    if one(in: 10) {
      let sizes = shape.dims[2...].map { max(2, $0 + pick(-$0 / 2...(isLarge ? 0 : $0))) }
      payload.axes = spatialAxes
      return builder.node(.resize(payload), x, nil, nil, try builder.list(sizes))
    }
    let larger: [Float] = [2, 2, 3, 1.5, 4 / 3, 2.5]
    let smaller: [Float] = [0.5, 0.5, 2 / 3, 0.75]
    var scales: [Float] = [1, 1]
    for _ in 0..<rank { scales.append(isLarge ? pick(smaller) : isSmall ? pick(larger) : pick(larger + smaller)) }
    return builder.node(.resize(payload), x, nil, try builder.reals(scales))
  }

  mutating func pad(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let mode = pick([PadMode.constant, .reflect, .edge, .wrap])
    let most = min(4, shape.dims[2...].min()! / 2)
    let least = -min(2, most - 1)
    let amounts = each(least...most) + each(least...most)
    return builder.node(
      .pad(mode), x, try builder.list(amounts), try builder.weights([1]), try builder.list(spatialAxes))
  }

  /// Positions are counted from the near and the far end, so that the slice grows with the image.
  mutating func slice(_ x: ValueID, _ shape: Shape, isSmall: Bool) throws -> ValueID {
    let most = min(3, shape.dims[2...].min()! / 4)
    var (starts, ends, steps) = (each(0...most), [Int](), isSmall ? each(1...1) : each([1, 1, 2, 3]))
    for axis in 0..<rank {
      let low = starts[axis]
      let high = pick(0...most)
      if one(in: 20) { steps[axis] = -1 }
      if steps[axis] < 0 {
        starts[axis] = -1 - high
        ends.append(low == 0 ? -(1 << 40) : low - 1)
      } else {
        ends.append(one(in: 12) ? shape[2 + axis] - high : high == 0 ? 1 << 40 : -high)
      }
    }
    return builder.node(
      .slice, x, try builder.list(starts), try builder.list(ends), try builder.list(spatialAxes),
      try builder.list(steps))
  }
}
