import FCNGraph
import FCNTensor
import FCNTestKit

extension RandomNetwork {
  private mutating func padding(_ kernel: [Int]) -> Padding {
    switch pick(0...4) {
    case 0: return .sameUpper
    case 1: return one(in: 2) ? .sameLower : .explicit(low: [], high: [])
    case 2: return .explicit(low: kernel.map { ($0 - 1) / 2 }, high: kernel.map { ($0 - 1) / 2 })
    default:
      return .explicit(low: kernel.map { pick(0...max(0, $0 - 1)) }, high: kernel.map { pick(0...max(0, $0 - 1)) })
    }
  }

  mutating func convolution(_ x: ValueID, _ shape: Shape, isSmall: Bool) throws -> ValueID {
    let m = pick(1...2)
    let kernel = zip(each(1...(rank == 1 ? 5 : 3)), shape.dims[2...]).map { min($0, max(1, $1 / 2)) }
    var window = Window(strides: isSmall ? each(1...1) : each([1, 1, 1, 1, 2, 3]))
    if one(in: 3) { window.dilations = each([1, 1, 2, 3]) }
    window.padding = padding(kernel)
    let weights = try builder.weights([m, shape[1]] + kernel)
    return builder.node(.convolution(Convolution(window: window)), x, weights, try builder.weights([m]))
  }

  mutating func pool(_ x: ValueID, _ shape: Shape, isSmall: Bool) throws -> ValueID {
    let kernel = each(1...(rank == 1 ? 4 : 3))
    var window = Window(kernel: kernel, strides: isSmall ? each(1...1) : each([1, 1, 2, 2, 3]))
    let functions: [PoolFunction] = [
      .max(columnMajor: false), .max(columnMajor: false), .average(countsPadding: false), .average(countsPadding: true),
      .lp(2),
    ]
    let function = pick(functions)
    window.padding = padding(kernel)
    if case .max = function, one(in: 3) { window.dilations = each(1...3) }
    return builder.node(.pool(Pool(function: function, window: window, roundsUp: one(in: 2))), x)
  }

  mutating func transposed(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let m = pick(1...2)
    let kernel = each(1...(rank == 1 ? 5 : 3))
    let strides = each([1, 2, 2, 2, 3])
    var window = Window(strides: strides)
    if one(in: 3) { window.dilations = each(1...3) }
    var payload = ConvTranspose(window: window)
    switch pick(0...5) {
    case 0: payload.window.padding = .sameUpper
    case 1: payload.window.padding = .sameLower
    case 2 where one(in: 2):
      payload.outputShape = zip(shape.dims[2...], strides).map { $0 * $1 + pick(-1...1) }
      if one(in: 2) { payload.window.padding = .sameUpper }
    default:
      payload.window.padding = .explicit(low: kernel.map { pick(0...$0 - 1) }, high: kernel.map { pick(0...$0 - 1) })
      payload.outputPadding = strides.map { pick(0...$0 - 1) }
    }
    let weights = try builder.weights([shape[1], m] + kernel)
    return builder.node(.convTranspose(payload), x, weights, try builder.weights([m]))
  }

  /// A MaxPool, something in between, and the MaxUnpool that puts it back.
  mutating func unpooled(_ x: ValueID, _ shape: Shape) throws -> ValueID {
    let kernel = each(2...3)
    var window = Window(kernel: kernel, strides: one(in: 3) ? each(1...3) : kernel)
    if one(in: 3) { window.padding = .explicit(low: each(0...1), high: each(0...1)) }
    let isPaired = !one(in: 8)
    let pooled = builder.nodes(
      .pool(Pool(function: .max(columnMajor: false), window: window, roundsUp: !isPaired)), [x], outputs: 2)
    var inner = pooled[0]
    if one(in: 2) {
      let weights = try builder.weights([shape[1], shape[1]] + each(3...3))
      let same = Window(padding: .explicit(low: each(1...1), high: each(1...1)))
      inner = builder.node(.convolution(Convolution(window: same)), inner, weights, nil)
    }
    let whole = builder.node(.shape(start: 0, end: nil), x)
    return builder.node(.maxUnpool(MaxUnpool(window: window)), inner, pooled[1], whole)
  }
}
