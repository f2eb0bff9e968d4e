import FCNGraph
import FCNTensor
import Glibc

extension Adjoint {
  /// To x only: scales and biases get none.
  func normalize(_ payload: Normalization) -> [Double] {
    let x = forward.operand(0)
    let shape = x.shape
    switch payload {
    case .batch(let epsilon):
      let (scale, variance) = (forward.operand(1).values.doubles, forward.operand(4).values.doubles)
      return scaled(zip(scale, variance).map { $0 / ($1 + epsilon).squareRoot() }, per: 1)
    case .instance(let epsilon):
      let scale = forward.operand(1).values.doubles
      return standardized(scaled(scale, per: 1), block: shape.dims[2...].reduce(1, *), epsilon)
    case .layer(let axis, let epsilon):
      let from = axis < 0 ? axis + shape.rank : axis
      let flow = forward.has(1) ? zip(gradient, forward.spread(1).doubles).map { $0 * $1 } : gradient
      return standardized(flow, block: shape.dims[from...].reduce(1, *), epsilon)
    case .group(let groups, let epsilon, let perGroup):
      let scale = forward.operand(1).values.doubles
      let channels = shape[1] / groups
      let flow = scaled(scale, per: perGroup ? channels : 1)
      return standardized(flow, block: channels * shape.dims[2...].reduce(1, *), epsilon)
    case .localResponse(let size, let alpha, let beta, let bias):
      return localResponse(size, alpha / Double(size), beta, bias)
    case .lp(let axis, let p): return lpNormalized([axis < 0 ? axis + shape.rank : axis], p)
    case .meanVariance(let list): return meanVariance(list.map { $0 < 0 ? $0 + shape.rank : $0 })
    }
  }

  /// The gradient times one factor for every `channels` channels.
  private func scaled(_ factors: [Double], per channels: Int) -> [Double] {
    let shape = forward.operand(0).shape
    if shape.rank < 2 { return gradient.map { $0 * factors[0] } }
    let plane = shape.dims[2...].reduce(1, *)
    var result = gradient
    result.withUnsafeMutableBufferPointer { result in
      for block in 0..<shape[0] * shape[1] {
        let factor = factors[block % shape[1] / channels]
        for index in block * plane..<(block + 1) * plane { result[index] *= factor }
      }
    }
    return result
  }

  /// With x̂ = f·(x − μ), f = 1/√(σ² + ε) over blocks of neighbours: f·(g − mean(g) − x̂·mean(g·x̂)).
  private func standardized(_ flow: [Double], block: Int, _ epsilon: Double) -> [Double] {
    let data = forward.operand(0).values.doubles
    var result = flow
    if block == 0 { return result }
    let count = Double(block)
    result.withUnsafeMutableBufferPointer { result in
      data.withUnsafeBufferPointer { data in
        for start in stride(from: 0, to: data.count, by: block) {
          let range = start..<start + block
          var (sum, flowSum) = (0.0, 0.0)
          for index in range {
            sum += data[index]
            flowSum += result[index]
          }
          let mean = sum / count
          var (squares, products) = (0.0, 0.0)
          for index in range {
            squares += (data[index] - mean) * (data[index] - mean)
            products += (data[index] - mean) * result[index]
          }
          let factor = 1 / (squares / count + epsilon).squareRoot()
          let slope = factor * factor * products / count
          for index in range {
            result[index] = factor * (result[index] - flowSum / count - (data[index] - mean) * slope)
          }
        }
      }
    }
    return result
  }

  /// With D_c = bias + a·Σ x² over the window of c: g·D^−β − 2aβ·x·Σ g_c·x_c·D_c^(−β−1) over the windows that hold x.
  private func localResponse(_ size: Int, _ a: Double, _ beta: Double, _ bias: Double) -> [Double] {
    let x = forward.operand(0)
    let data = x.values.doubles
    let channels = x.shape[1]
    let plane = x.shape.dims[2...].reduce(1, *)
    let (below, above) = ((size - 1) / 2, size / 2)
    var result = [Double](repeating: 0, count: data.count)
    var scale = [Double](repeating: bias, count: channels * plane)
    for item in 0..<x.shape[0] {
      let start = item * channels * plane
      for index in scale.indices { scale[index] = bias }
      for c in 0..<channels {
        for other in max(0, c - below)...min(channels - 1, c + above) {
          for p in 0..<plane {
            let value = data[start + other * plane + p]
            scale[c * plane + p] += a * value * value
          }
        }
      }
      for c in 0..<channels {
        for p in c * plane..<(c + 1) * plane {
          let power = pow(scale[p], -beta) * gradient[start + p]
          result[start + p] += power
          let shared = 2 * a * beta * power / scale[p] * data[start + p]
          for other in max(0, c - below)...min(channels - 1, c + above) {
            let at = start + p + (other - c) * plane
            result[at] -= shared * data[at]
          }
        }
      }
    }
    return result
  }

  /// p = 1: g/N − sign(x)·Σ(g·x)/N²; p = 2: (g − x·Σ(g·x)/N²)/N; where the norm N is 0: 0.
  private func lpNormalized(_ axes: [Int], _ p: Int) -> [Double] {
    let x = forward.operand(0)
    let data = x.values.doubles
    let members = Adjoint.offsets(x.shape, axes: axes)
    var result = gradient
    for base in Adjoint.offsets(x.shape, axes: (0..<x.shape.rank).filter { !axes.contains($0) }) {
      var (sum, products) = (0.0, 0.0)
      for member in members {
        let value = data[base + member]
        sum += p == 1 ? abs(value) : value * value
        products += value * result[base + member]
      }
      let norm = p == 1 ? sum : sum.squareRoot()
      for member in members {
        let value = data[base + member]
        let direction = p == 1 ? (value > 0 ? 1 : value < 0 ? -1 : 0) : value / norm
        result[base + member] = norm == 0 ? 0 : (result[base + member] - direction * products / norm) / norm
      }
    }
    return result
  }

  /// With s = σ + 1e-9 over n elements: (g − mean(g))/s − (x − μ)·Σ g·(x − μ)/(n·σ·s²).
  private func meanVariance(_ axes: [Int]) -> [Double] {
    let x = forward.operand(0)
    let data = x.values.doubles
    let members = Adjoint.offsets(x.shape, axes: axes)
    let count = Double(members.count)
    var result = gradient
    for base in Adjoint.offsets(x.shape, axes: (0..<x.shape.rank).filter { !axes.contains($0) }) {
      var (sum, flowSum) = (0.0, 0.0)
      for member in members {
        sum += data[base + member]
        flowSum += result[base + member]
      }
      let mean = sum / count
      var (squares, products) = (0.0, 0.0)
      for member in members {
        squares += (data[base + member] - mean) * (data[base + member] - mean)
        products += (data[base + member] - mean) * result[base + member]
      }
      let deviation = (squares / count).squareRoot()
      let s = deviation + 1e-9
      let slope = deviation == 0 ? 0 : products / (count * deviation * s * s)
      for member in members {
        let flow = (result[base + member] - flowSum / count) / s
        result[base + member] = flow - (data[base + member] - mean) * slope
      }
    }
    return result
  }
}
