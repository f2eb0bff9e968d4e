import FCNGraph
import FCNRuntime
import FCNTensor

/// Which memory a binding lies in.
package enum BufferKind: Int, Sendable, Hashable { case weights, device, host }

/// Bytes of a buffer that a shader sees, exactly.
struct Binding: Sendable, Hashable {
  var buffer: BufferKind
  var offset: Int
  var range: Int

  /// `floats` of it from `start`, both in floats.
  func part(_ start: Int, _ floats: Int) -> Binding {
    Binding(buffer: buffer, offset: offset + start * 4, range: floats * 4)
  }
}

/// A held region of a feature map as shaders see it: extents and origin per axis, channels in quads.
struct DeviceTensor: Sendable {
  let binding: Binding
  let layout: Layout
  let elementType: ElementType
  private(set) var n, channels, d, h, w: Range<Int>
  /// Extents of the whole image.
  let imageChannels, imageD, imageH, imageW: Int

  /// - Parameter axes: of the map, which axis of the buffer each is; nil: none, its extent is 1.
  init(_ buffer: PlanBuffer, axes: [Int?]? = nil) {
    let axes = axes ?? buffer.shape.dims.indices.map { $0 }
    let ranges = axes.map { axis in axis.map { buffer.region[$0] } ?? 0..<1 }
    let dims = axes.map { axis in axis.map { buffer.shape[$0] } ?? 1 }
    let kind: BufferKind = buffer.layout.isOnDevice ? .device : .host
    self.init(
      Binding(buffer: kind, offset: buffer.offset, range: buffer.byteCount), buffer.layout, buffer.elementType, ranges,
      dims)
  }

  /// The whole of a map in quads that lies elsewhere.
  init(_ binding: Binding, of shape: Shape) {
    self.init(binding, .quads, .float32, shape.region.ranges, shape.dims)
  }

  private init(
    _ binding: Binding, _ layout: Layout, _ elementType: ElementType, _ ranges: [Range<Int>], _ dims: [Int]
  ) {
    let spatial = Array(repeating: 0..<1, count: 5 - ranges.count) + ranges[2...]
    let image = Array(repeating: 1, count: 5 - dims.count) + dims[2...]
    self.binding = binding
    self.layout = layout
    self.elementType = elementType
    n = ranges[0]
    channels = ranges[1]
    (d, h, w) = (spatial[0], spatial[1], spatial[2])
    imageChannels = dims[1]
    (imageD, imageH, imageW) = (image[0], image[1], image[2])
  }

  /// Along one of d, h and w, by number, only a part.
  func narrowed(_ axis: Int, to range: Range<Int>) -> DeviceTensor {
    var box = self
    switch axis {
    case 0: box.d = range
    case 1: box.h = range
    default: box.w = range
    }
    return box
  }

  /// Blocks of four channels.
  var blocks: Range<Int> { channels.lowerBound / 4..<channels.upperBound.dividedUp(by: 4) }
  /// Positions of a channel, or of a block of four.
  var positions: Int { d.count * h.count * w.count }
  /// Whether the two hold the same box.
  func holdsSame(as other: DeviceTensor) -> Bool {
    [n, channels, d, h, w] == [other.n, other.channels, other.d, other.h, other.w]
  }
}
