import FCNImage

extension GeometryReport {
  /// A picture for the page: the middle of an image file, of the size that the report speaks of.
  ///
  /// - Returns: nil for volumes, and for a picture that is smaller.
  /// - Throws: `FCNError.input` for a damaged file.
  public func picture(path: String) throws(FCNError) -> (png: [UInt8], width: Int, height: Int)? {
    guard size.count == 2 else { return nil }
    let (height, width) = (size[0], size[1])
    do throws(ImageError) {
      let source = try PictureReader.read(path: path).droppingAlpha().converted(toBitDepth: 8)
      guard source.height >= height, source.width >= width else { return nil }
      let top = (source.height - height) / 2
      let left = (source.width - width) / 2
      var samples: [UInt8] = []
      samples.reserveCapacity(height * width * source.channels)
      source.withSamples(UInt8.self) { all in
        for row in top..<top + height {
          let start = (row * source.width + left) * source.channels
          samples += all[start..<start + width * source.channels]
        }
      }
      let crop = try Picture(width: width, height: height, channels: source.channels, samples: samples)
      return (try PNGEncoder().encode(crop), width, height)
    } catch { throw FCNError(error) }
  }
}
