import FCNGraph
import FCNTensor

/// G·w·Gᵀ of 3×3 weights as `[36][⌈C/8⌉][KD][I][4][2]` vectors: lane r of (6a + b, B, kd, i, j, s) is the weight of
/// output channel 8B + 4s + r and input channel 4i + j at tap kd along depth and frequency (a, b); 0 beyond either.
/// Computed in Double.
struct WinogradWeights: Sendable {
  private let weights: ConvolutionWeights

  init(_ candidate: VulkanCandidate) { weights = ConvolutionWeights(candidate) }

  private var outputBlocks: Int { weights.channels.dividedUp(by: 8) }
  private var inputBlocks: Int { weights.input.dividedUp(by: 4) }
  private var depth: Int { weights.taps / 9 }

  /// - Parameter frequencies: of the 36, those that `target` holds.
  func write(_ frequencies: Range<Int>, to target: UnsafeMutableBufferPointer<Float>) {
    target.update(repeating: 0)
    weights.read { reader in
      for block in 0..<outputBlocks {
        for c in 0..<weights.input {
          for channel in block * 8..<min(weights.channels, block * 8 + 8) {
            let row = reader.row(channel, c)
            for kd in 0..<depth {
              let place = ((block * depth + kd) * inputBlocks * 4 + c) * 8 + channel % 8
              write(row, 9 * kd, frequencies, to: target, at: place)
            }
          }
        }
      }
    }
  }

  /// The 3×3 weights from tap `first` on at all frequencies.
  private func write(
    _ row: ConvolutionWeights.Row, _ first: Int, _ frequencies: Range<Int>,
    to target: UnsafeMutableBufferPointer<Float>, at place: Int
  ) {
    let stride = outputBlocks * depth * inputBlocks * 32
    func taps(_ start: Int) -> SIMD4<Double> {
      SIMD4(Double(row[first + start]), Double(row[first + start + 1]), Double(row[first + start + 2]), 0)
    }
    let half = WinogradWeights.spread(taps(0), taps(3), taps(6))
    for (a, columns) in [half.0, half.1, half.2, half.3, half.4, half.5].enumerated() {
      let values = WinogradWeights.spread(columns.x, columns.y, columns.z)
      func put(_ b: Int, _ value: Double) {
        guard frequencies.contains(6 * a + b) else { return }
        target[place + (6 * a + b - frequencies.lowerBound) * stride] = Float(value)
      }
      put(0, values.0)
      put(1, values.1)
      put(2, values.2)
      put(3, values.3)
      put(4, values.4)
      put(5, values.5)
    }
  }

  private typealias Six<T> = (T, T, T, T, T, T)

  /// G·w for the points 0, ±a, ±b, ∞ with a = √½ and b = √2: w₀, −⅔(w₀ ± a·w₁ + w₂/2), ⅙(w₀ ± b·w₁ + 2w₂), w₂.
  private static func spread(_ w0: Double, _ w1: Double, _ w2: Double) -> Six<Double> {
    let (near, far) = (w0 + 0.5 * w2, w0 + 2 * w2)
    let (a, b) = (0.5.squareRoot() * w1, 2.0.squareRoot() * w1)
    let (p, q) = (-2.0 / 3, 1.0 / 6)
    return (w0, p * (near + a), p * (near - a), q * (far + b), q * (far - b), w2)
  }

  private static func spread(_ w0: SIMD4<Double>, _ w1: SIMD4<Double>, _ w2: SIMD4<Double>) -> Six<SIMD4<Double>> {
    let (near, far) = (w0 + 0.5 * w2, w0 + 2 * w2)
    let (a, b) = (0.5.squareRoot() * w1, 2.0.squareRoot() * w1)
    let (p, q) = (-2.0 / 3, 1.0 / 6)
    return (w0, p * (near + a), p * (near - a), q * (far + b), q * (far - b), w2)
  }
}
