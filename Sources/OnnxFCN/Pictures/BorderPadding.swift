import FCNImage
package import FCNTensor

extension PictureOptions.Border {
  /// A tensor with rows added below and columns added on the right.
  ///
  /// `tensor` is `[1, C, H, W]` or, with `isChannelsLast`, `[1, H, W, C]`. `reflect` does not repeat the edge
  /// (period 2(n − 1), as often as needed; n = 1 replicates); `zero` is 0 in the tensor.
  package func padded(_ tensor: HostTensor, height: Int, width: Int, isChannelsLast: Bool) throws(TensorError)
    -> HostTensor
  {
    let dims = tensor.shape.dims
    let (oldHeight, oldWidth) = isChannelsLast ? (dims[1], dims[2]) : (dims[2], dims[3])
    if (oldHeight, oldWidth) == (height, width) { return tensor }
    let (planes, cell) = isChannelsLast ? (1, dims[3]) : (dims[1], 1)
    let size = tensor.elementType.size * cell
    let shape: Shape = isChannelsLast ? [1, height, width, cell] : [1, planes, height, width]
    let result = try HostTensor(tensor.elementType, shape, zeroed: self == .zero)
    let columns = (oldWidth..<max(width, oldWidth)).map { source($0, oldWidth) }
    let from = tensor.storage.bytes.baseAddress!
    let to = result.storage.mutableBytes.baseAddress!
    for plane in 0..<planes {
      for y in 0..<height {
        guard let row = y < oldHeight ? y : source(y, oldHeight) else { continue }
        let src = from + (plane * oldHeight + row) * oldWidth * size
        let dst = to + (plane * height + y) * width * size
        dst.copyMemory(from: src, byteCount: oldWidth * size)
        for (x, column) in columns.enumerated() {
          guard let column else { continue }
          (dst + (oldWidth + x) * size).copyMemory(from: src + column * size, byteCount: size)
        }
      }
    }
    return result
  }

  /// The sample that lies at `index` ≥ `length`; nil for zero.
  package func source(_ index: Int, _ length: Int) -> Int? {
    switch self {
    case .zero: return nil
    case .replicate: return length - 1
    case .reflect:
      if length == 1 { return 0 }
      let period = 2 * (length - 1)
      let place = index % period
      return place < length ? place : period - place
    }
  }
}
