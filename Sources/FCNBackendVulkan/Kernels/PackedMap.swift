import FCNGraph
import FCNTensor

/// A constant as quads, `[N][⌈C/4⌉][D][H][W][4]`; a single channel fills all lanes, other lanes beyond the last are 0.
struct PackedMap: Sendable {
  let dims: [Int]
  private let channels: Int
  private let constant: HostTensor

  /// - Parameter rank: of the output, 3 to 5; axes missing in front are 1.
  init(_ constant: HostTensor, rank: Int) {
    self.constant = constant
    let padded = Array(repeating: 1, count: rank - constant.shape.rank) + constant.shape.dims
    channels = padded[1]
    dims = [padded[0], channels.dividedUp(by: 4)] + Array(repeating: 1, count: 5 - rank) + padded[2...]
  }

  /// Floats.
  var count: Int { dims.reduce(4, *) }

  func write(to target: UnsafeMutableBufferPointer<Float>) {
    let positions = dims[2] * dims[3] * dims[4]
    constant.withElements(Float.self) { values in
      for n in 0..<dims[0] {
        for block in 0..<dims[1] {
          for i in 0..<positions {
            for lane in 0..<4 {
              let c = channels == 1 ? 0 : block * 4 + lane
              let place = ((n * dims[1] + block) * positions + i) * 4 + lane
              target[place] = c < channels ? values[(n * channels + c) * positions + i] : 0
            }
          }
        }
      }
    }
  }
}
