import FCNRuntime
import FCNTensor

/// A held region `[N, C, (D, (H,)) W]` as five ranges with strides.
struct Box {
  let n, c, d, h, w: Range<Int>
  let rowStride, depthStride, channelStride, imageStride: Int

  init(_ view: BufferView) {
    let spatial = Array(repeating: 0..<1, count: 5 - view.region.rank) + view.region.ranges[2...]
    n = view.region[0]
    c = view.region[1]
    (d, h, w) = (spatial[0], spatial[1], spatial[2])
    rowStride = w.count
    depthStride = h.count * w.count
    channelStride = d.count * depthStride
    imageStride = c.count * channelStride
  }

  /// Offset of the first held element of an image.
  func plane(image: Int) -> Int { (image - n.lowerBound) * imageStride }

  /// Offset of a channel's slice at the first row and column of another box that lies inside.
  func offset(image: Int, _ channel: Int, _ z: Int, _ inner: Box) -> Int {
    plane(image: image) + (channel - c.lowerBound) * channelStride + (z - d.lowerBound) * depthStride
      + (inner.h.lowerBound - h.lowerBound) * rowStride + inner.w.lowerBound - w.lowerBound
  }
}
