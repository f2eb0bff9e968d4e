import FCNGraph
import FCNTensor

extension OperatorCase {
  /// Feature maps reduced over one axis or several, joined, repeated and shrunk along space, and normalised over their
  /// neighbouring channels.
  package static let blockedAxes: [OperatorCase] =
    axisReductions + infinite + spatialJoins + localResponses + antialiased

  private static func reduced(_ function: ReduceFunction, _ axes: [Int], keeps: Bool = true) -> Operator {
    .reduce(Reduce(function: function, axes: .attribute(axes), keepsDimensions: keeps))
  }

  private static let axisReductions: [OperatorCase] = [
    blocked("means over one axis", batch: 2, channels: 22, [7, 9], reduction: 9) { builder, x in
      [
        builder.node(reduced(.mean, [2]), x), builder.node(reduced(.sum, [3]), x),
        builder.node(reduced(.sumSquare, [-2]), x), builder.node(reduced(.l1, [3]), x),
        builder.node(reduced(.l2, [2]), x),
      ]
    },
    blocked("extrema over one axis", batch: 2, channels: 22, [7, 9]) { builder, x in
      [builder.node(reduced(.max, [2]), x), builder.node(reduced(.min, [3]), x)]
    },
    blocked("one axis dropped", batch: 2, channels: 22, [7, 9], reduction: 9) { builder, x in
      let rows = builder.node(reduced(.mean, [2], keeps: false), x)
      let columns = builder.node(reduced(.max, [3], keeps: false), x)
      return [builder.node(.unary(.relu), rows), builder.node(.unary(.tanh), columns)]
    },
    blocked("two axes of three", channels: 10, [3, 5, 6], reduction: 18) { builder, x in
      [
        builder.node(reduced(.sum, [2, 4]), x), builder.node(reduced(.mean, [3], keeps: false), x),
        builder.node(reduced(.max, [3, 4], keeps: false), x), builder.node(reduced(.l2, [2, 3, 4]), x),
      ]
    },
    blocked("long rows", channels: 5, [2, 700], reduction: 700) { builder, x in
      [builder.node(reduced(.mean, [3]), x), builder.node(reduced(.sum, [2, 3]), x)]
    },
    blocked("magnitudes of channels", batch: 2, channels: 22, [7, 9], reduction: 22) { builder, x in
      let length = builder.node(reduced(.l2, [1]), x)
      return [builder.node(.binary(.divide), x, length), builder.node(reduced(.l1, [1]), x)]
    },
  ]

  /// Some outputs are infinite: no slopes there.
  package static let infinite: [OperatorCase] = [
    blocked("sums of infinities", channels: 5, [6, 7], reduction: 7) { builder, x in
      let y = builder.node(.unary(.log), builder.node(.unary(.relu), x))
      return [
        builder.node(reduced(.sum, [3]), y), builder.node(reduced(.mean, [2]), y), builder.node(reduced(.l1, [3]), y),
        builder.node(reduced(.sum, [2, 3]), y), builder.node(reduced(.max, [3]), y),
      ]
    }
  ]

  private static let spatialJoins: [OperatorCase] = [
    blocked("concat along rows", batch: 2, channels: 18, [7, 9]) { builder, x in
      let y = builder.node(.unary(.negate), x)
      return [builder.node(.unary(.absolute), builder.node(.concat(axis: 2), x, y, x))]
    },
    blocked("concat along columns", channels: 18, [7, 9]) { builder, x in
      let part = builder.node(.part(Part(axis: 3, index: 1, count: 2)), x)
      let constant = try builder.weights([1, 18, 7, 3])
      return [builder.node(.concat(axis: -1), part, constant, x)]
    },
    blocked("concat along depth", batch: 2, channels: 6, [2, 5, 6]) { builder, x in
      let y = builder.node(.unary(.negate), x)
      return [builder.node(.concat(axis: 2), y, x), builder.node(.concat(axis: 3), x, x)]
    },
    blocked("tiles", batch: 2, channels: 18, [5, 6]) { builder, x in
      [
        builder.node(.tile, x, try builder.list([1, 1, 2, 3])), builder.node(.tile, x, try builder.list([1, 1, 1, 2])),
      ]
    },
    blocked("tiles of slices", channels: 6, [2, 5, 3]) { builder, x in
      [builder.node(.tile, x, try builder.list([1, 1, 3, 1, 2]))]
    },
  ]

  private static let localResponses: [OperatorCase] = [(5, 22), (4, 22), (1, 6), (9, 5)].map { size, channels in
    blocked("local response of \(size) in \(channels)", batch: 2, channels: channels, [7, 9], reduction: size) {
      builder, x in
      [builder.node(.normalize(.localResponse(size: size, alpha: 0.3, beta: 0.75, bias: 2)), x)]
    }
  }

  private static let antialiased: [OperatorCase] = [
    blocked("antialiased", batch: 2, channels: 6, [23, 17], reduction: 60) { builder, x in
      let linear = Resize(interpolation: .linear, coordinates: .halfPixel, antialias: true)
      let cubic = Resize(interpolation: .cubic(a: -0.75), coordinates: .halfPixel, antialias: true)
      return [
        builder.node(.resize(linear), x, nil, try builder.reals([1, 1, 0.25, 0.4])),
        builder.node(.resize(cubic), x, nil, try builder.reals([1, 1, 0.4, 1.5])),
      ]
    }
  ]
}
