import FCNGraph
import FCNTensor

extension OperatorCase {
  static func resize(
    _ name: String, _ resize: Resize, _ dims: [Int] = [1, 2, 5, 7], scales: [Float]? = nil, sizes: [Int]? = nil,
    roi: [Float]? = nil
  ) -> OperatorCase {
    OperatorCase("resize \(name)", reduction: 16) { builder in
      let x = try builder.input(dims)
      let crop = try roi.map { try builder.reals($0) }
      let ratios = try scales.map { try builder.reals($0) }
      let targets = try sizes.map { try builder.list($0) }
      return [builder.node(.resize(resize), x, crop, ratios, targets)]
    }
  }

  static let resizes: [OperatorCase] =
    nearest + transforms + [
      resize("linear x2", Resize(interpolation: .linear, coordinates: .halfPixel), scales: [1, 1, 2, 2]),
      resize("cubic x2", Resize(interpolation: .cubic(a: -0.75), coordinates: .halfPixel), scales: [1, 1, 2, 2]),
      resize(
        "cubic down", Resize(interpolation: .cubic(a: -0.5), coordinates: .halfPixel), [1, 1, 12, 15],
        scales: [1, 1, 0.6, 0.4]),
      resize(
        "cubic excludes outside",
        Resize(interpolation: .cubic(a: -0.75), coordinates: .halfPixel, excludesOutside: true),
        scales: [1, 1, 1.7, 2.3]),
      resize(
        "linear antialias", Resize(interpolation: .linear, coordinates: .halfPixel, antialias: true), [1, 2, 13, 17],
        sizes: [1, 2, 5, 6]),
      resize(
        "cubic antialias", Resize(interpolation: .cubic(a: -0.75), coordinates: .halfPixel, antialias: true),
        [1, 2, 13, 17], sizes: [1, 2, 5, 6]),
      resize("sizes", Resize(interpolation: .linear, coordinates: .halfPixel), sizes: [1, 2, 11, 9]),
      resize("one axis", Resize(interpolation: .linear, coordinates: .asymmetric, axes: [3]), scales: [1.5]),
      resize(
        "not larger", Resize(interpolation: .linear, coordinates: .halfPixel, aspect: .notLarger, axes: [2, 3]),
        sizes: [12, 12]),
      resize(
        "not smaller", Resize(interpolation: .linear, coordinates: .halfPixel, aspect: .notSmaller, axes: [2, 3]),
        sizes: [9, 9]),
      resize(
        "trilinear", Resize(interpolation: .linear, coordinates: .halfPixel), [1, 2, 3, 4, 5],
        scales: [1, 1, 2, 1.5, 2]),
      resize("1-D linear", Resize(interpolation: .linear, coordinates: .alignCorners), [1, 2, 9], sizes: [1, 2, 23]),
      resize("1x1 image", Resize(interpolation: .linear, coordinates: .halfPixel), [1, 2, 1, 1], sizes: [1, 2, 4, 3]),
      resize(
        "crop", Resize(interpolation: .linear, coordinates: .tfCropAndResize, extrapolation: 10), [1, 1, 6, 6],
        sizes: [1, 1, 5, 5], roi: [0, 0, 0.2, 0.3, 1, 1, 1.2, 0.8]),
      resize(
        "crop nearest",
        Resize(interpolation: .nearest(.preferFloor), coordinates: .tfCropAndResize, extrapolation: 10), [1, 1, 6, 6],
        sizes: [1, 1, 5, 5], roi: [0, 0, -0.2, 0.3, 1, 1, 0.9, 0.8]),
    ]

  private static let nearest: [OperatorCase] = [.preferFloor, .preferCeil, .floor, .ceil].flatMap {
    (rounding: NearestRounding) in
    [CoordinateTransform.asymmetric, .halfPixel, .alignCorners].map { transform in
      resize(
        "nearest \(rounding.rawValue) \(transform.rawValue)",
        Resize(interpolation: .nearest(rounding), coordinates: transform), scales: [1, 1, 2.5, 0.6])
    }
  }

  private static let transforms: [OperatorCase] = [
    CoordinateTransform.halfPixel, .halfPixelSymmetric, .pytorchHalfPixel, .alignCorners, .asymmetric,
    .tfHalfPixelForNN,
  ].flatMap { transform in
    [
      resize(
        "linear \(transform.rawValue) up", Resize(interpolation: .linear, coordinates: transform),
        scales: [1, 1, 2, 1.6]),
      resize(
        "linear \(transform.rawValue) down", Resize(interpolation: .linear, coordinates: transform),
        scales: [1, 1, 0.6, 0.2]),
    ]
  }

  static let gridSamples: [OperatorCase] = [GridInterpolation.linear, .nearest, .cubic].flatMap { interpolation in
    [GridPadding.zeros, .border, .reflection].flatMap { padding in
      [false, true].map { align in
        OperatorCase("gridSample \(interpolation) \(padding) \(align ? "aligned" : "half")", reduction: 16) { builder in
          let x = try builder.input([2, 3, 5, 6])
          let grid = try builder.input([2, 4, 7, 2], in: -1.6...1.6)
          let payload = GridSample(interpolation: interpolation, padding: padding, alignCorners: align)
          return [builder.node(.gridSample(payload), x, grid)]
        }
      }
    }
  }
}
