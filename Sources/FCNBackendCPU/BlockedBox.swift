import CFCNKernels
import FCNGraph
import FCNRuntime
import FCNTensor

/// A held region of a blocked feature map, `[N][blocks][D][H][W][16]`, with strides in floats.
struct BlockedBox: Equatable {
  let n, d, h, w: Range<Int>
  /// Of sixteen channels each.
  let blocks: Range<Int>
  let channels: Range<Int>
  let rowStride, depthStride, blockStride, imageStride: Int

  init(_ view: BufferView) {
    let spatial = Array(repeating: 0..<1, count: 5 - view.region.rank) + view.region.ranges[2...]
    n = view.region[0]
    channels = view.region[1]
    blocks = channels.lowerBound / Layout.block..<channels.upperBound.dividedUp(by: Layout.block)
    (d, h, w) = (spatial[0], spatial[1], spatial[2])
    rowStride = w.count * Layout.block
    depthStride = h.count * rowStride
    blockStride = d.count * depthStride
    imageStride = blocks.count * blockStride
  }

  /// Offset of a block's slice of an image.
  func offset(image: Int, block: Int, z: Int) -> Int {
    (image - n.lowerBound) * imageStride + (block - blocks.lowerBound) * blockStride + (z - d.lowerBound) * depthStride
  }

  /// Offset of a pixel within a slice.
  func offset(row: Int, column: Int) -> Int {
    (row - h.lowerBound) * rowStride + (column - w.lowerBound) * Layout.block
  }
}

/// What a kernel does to a finished sum: bias, residual, activation.
struct Epilogue: Sendable {
  private let bias: FloatStore
  private let low: Float
  private let high: Float
  private let activation: Activation

  /// - Parameters:
  ///   - bias: one for each output channel, or empty.
  ///   - channels: output channels; the last block is filled up.
  init(bias values: [Float], channels: Int, activation: Activation) throws(RuntimeError) {
    bias = try FloatStore(count: channels.dividedUp(by: Layout.block) * Layout.block + Layout.block)
    for (index, value) in values.enumerated() { bias.pointer[index] = value }
    switch activation.op {
    case FCN_RELU: (low, high, self.activation) = (0, .infinity, .none)
    case FCN_CLIP: (low, high, self.activation) = (activation.a, activation.b, .none)
    default: (low, high, self.activation) = (-.infinity, .infinity, activation)
    }
  }

  /// - Parameter block: the first output block.
  func from(block: Int) -> fcn_epilogue {
    fcn_epilogue(
      bias: bias.pointer + block * Layout.block, low: low, high: high, activation: activation.op, a: activation.a,
      b: activation.b)
  }
}
