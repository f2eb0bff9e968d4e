/// How stored rows and columns lie in the seen picture: the values of EXIF tag 0x0112.
package enum Orientation: Int, Sendable, CaseIterable {
  case upright = 1, mirrored, halfTurn, flipped, transposed, quarterTurn, transversed, threeQuarterTurn

  /// Whether rows become columns, so that width and height change places.
  package var swapsAxes: Bool { rawValue >= 5 }

  /// Seen pixel (y, x) is the stored pixel at `origin + y·stepY + x·stepX`, in pixels of a width × height picture.
  func steps(width w: Int, height h: Int) -> (origin: Int, stepY: Int, stepX: Int) {
    switch self {
    case .upright: (0, w, 1)
    case .mirrored: (w - 1, w, -1)
    case .halfTurn: (w * h - 1, -w, -1)
    case .flipped: (w * (h - 1), -w, 1)
    case .transposed: (0, 1, w)
    case .quarterTurn: (w * (h - 1), 1, -w)
    case .transversed: (w * h - 1, -1, -w)
    case .threeQuarterTurn: (w - 1, -1, w)
    }
  }
}

extension Picture {
  /// The picture as seen, given how its stored rows lie.
  /// - Throws: `ImageError.memory`.
  package func oriented(_ orientation: Orientation) throws(ImageError) -> Picture {
    if orientation == .upright { return self }
    let swaps = orientation.swapsAxes
    let (newWidth, newHeight) = swaps ? (height, width) : (width, height)
    return try Picture(
      width: newWidth, height: newHeight, channels: channels, bitDepth: bitDepth, hasAlpha: hasAlpha
    ) { bytes in
      let steps = orientation.steps(width: width, height: height)
      if bitDepth == 8 {
        withSamples(UInt8.self) {
          Picture.permute($0, bytes.bindMemory(to: UInt8.self), newWidth, newHeight, channels, steps)
        }
      } else {
        withSamples(UInt16.self) {
          Picture.permute($0, bytes.bindMemory(to: UInt16.self), newWidth, newHeight, channels, steps)
        }
      }
    }
  }

  /// In blocks of 32 × 32, so that a transposition stays in cache.
  private static func permute<T: FixedWidthInteger>(
    _ source: UnsafeBufferPointer<T>, _ target: UnsafeMutableBufferPointer<T>, _ width: Int, _ height: Int,
    _ channels: Int, _ steps: (origin: Int, stepY: Int, stepX: Int)
  ) {
    let source = source.baseAddress!
    let target = target.baseAddress!
    for top in stride(from: 0, to: height, by: 32) {
      for left in stride(from: 0, to: width, by: 32) {
        for y in top..<min(top + 32, height) {
          var from = (steps.origin + y * steps.stepY + left * steps.stepX) * channels
          var to = (y * width + left) * channels
          for _ in left..<min(left + 32, width) {
            for channel in 0..<channels { target[to + channel] = source[from + channel] }
            from += steps.stepX * channels
            to += channels
          }
        }
      }
    }
  }
}
