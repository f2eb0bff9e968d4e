package import FCNTensor

/// Where the graph says that an output has its class axis.
package enum ChannelHint: Sendable, Hashable {
  /// `[N, C, H, W]`, `[C, H, W]`
  case first
  /// `[N, H, W, C]`, `[H, W, C]`
  case last
  /// `[N, H, W]`, `[H, W]`
  case none
  case unknown
}

/// How an output tensor holds its images: sizes, and strides in elements.
///
/// The spatial axes are always neighbours in C order, so pixel `y·width + x` of image `n` and class `c` is element
/// `n·imageStride + c·channelStride + (y·width + x)·pixelStride`.
package struct ScoreLayout: Sendable, Hashable {
  package let images: Int
  package let channels: Int
  package let height: Int
  package let width: Int
  package let imageStride: Int
  package let channelStride: Int
  package let pixelStride: Int
  /// Whether there is a class axis, be it of one class.
  package let hasChannelAxis: Bool
  /// Whether the class axis was guessed from the sizes rather than given.
  package let isAssumed: Bool

  package var pixels: Int { height * width }

  /// Finds the class axis of an output.
  ///
  /// - Rank 2 is `[H, W]`. Rank 3 is `[C, H, W]` or `[H, W, C]` as `hint` says, else `[N, H, W]`.
  /// - Rank 4 is `[N, C, H, W]` or `[N, H, W, C]` as `hint` says. Without a hint: axis 1 is 1, or axes 2 and 3 are
  ///   equal → channels first; axes 1 and 2 equal → last; else last only if axis 3 is the smallest of the three.
  /// - Throws: `.mismatch` for another rank or an empty axis.
  package init(_ shape: Shape, hint: ChannelHint = .unknown) throws(SegmentationError) {
    guard (2...4).contains(shape.rank) else {
      throw SegmentationError(.mismatch, "scores: expected rank 2 to 4 ([N, C, H, W], [N, H, W]…), got \(shape)")
    }
    guard !shape.dims.contains(where: { $0 < 1 }) else {
      throw SegmentationError(.mismatch, "scores: expected no empty axis, got \(shape)")
    }
    do throws(TensorError) { _ = try shape.checkedCount() } catch { throw SegmentationError(error) }
    let axis = ScoreLayout.channelAxis(shape, hint)
    let dims = shape.dims
    hasChannelAxis = axis != nil
    isAssumed = shape.rank == 4 && (hint == .unknown || hint == .none)
    channels = axis.map { dims[$0] } ?? 1
    let spatial = dims.indices.filter { $0 != axis }.suffix(2).map { dims[$0] }
    height = spatial[0]
    width = spatial[1]
    images = shape.rank == 4 || (shape.rank == 3 && axis == nil) ? dims[0] : 1
    imageStride = channels * height * width
    let isLast = axis == shape.rank - 1
    channelStride = isLast ? 1 : height * width
    pixelStride = isLast ? channels : 1
  }

  private static func channelAxis(_ shape: Shape, _ hint: ChannelHint) -> Int? {
    let dims = shape.dims
    switch (shape.rank, hint) {
    case (3, .first): return 0
    case (3, .last): return 2
    case (4, .first): return 1
    case (4, .last): return 3
    case (4, _):
      if dims[1] == 1 || dims[2] == dims[3] { return 1 }
      if dims[1] == dims[2] { return 3 }
      return dims[3] < dims[1] && dims[3] < dims[2] ? 3 : 1
    default: return nil
    }
  }

  func checkImage(_ image: Int) throws(SegmentationError) {
    guard image >= 0, image < images else {
      throw SegmentationError(.mismatch, "scores: image \(image): expected 0…\(images - 1)")
    }
  }
}
