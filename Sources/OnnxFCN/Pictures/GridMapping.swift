package import FCNSegmentation
package import FCNTensor

/// Output samples per input sample: `up / down`, one of them 1.
package struct GridScale: Sendable, Hashable {
  package let up: Int
  package let down: Int

  /// Nil unless one number divides the other.
  package init?(outputs: Int, inputs: Int) {
    guard outputs > 0, inputs > 0, outputs % inputs == 0 || inputs % outputs == 0 else { return nil }
    up = max(1, outputs / inputs)
    down = max(1, inputs / outputs)
  }

  /// Nil unless both axes have the same.
  package init?(outputs rows: Int, inputs rowInputs: Int, _ columns: Int, _ columnInputs: Int) {
    guard let scale = GridScale(outputs: rows, inputs: rowInputs),
      GridScale(outputs: columns, inputs: columnInputs) == scale
    else { return nil }
    self = scale
  }

  package func fits(outputs: Int, inputs: Int) -> Bool { outputs * down == inputs * up }

  package var description: String { down == 1 ? String(up) : "1/\(down)" }
}

/// How an output's grid lies on the picture: picture → resampled → padded (the network's input) → output.
package struct GridMapping: Sendable, Hashable {
  package struct Axis: Sendable, Hashable {
    /// Samples of the picture.
    package var picture: Int
    /// After resampling.
    package var resampled: Int
    /// After padding at the end.
    package var network: Int
    package var output: Int
    /// Output samples per network sample; nil if the grids do not divide.
    package private(set) var ratio: GridScale?

    /// - Parameter scale: the network's, if known; else it is read off the sizes.
    package init(picture: Int, resampled: Int, network: Int, output: Int, scale: GridScale? = nil) {
      self.picture = picture
      self.resampled = resampled
      self.network = network
      self.output = output
      let found = scale ?? GridScale(outputs: output, inputs: network)
      if let found, found.fits(outputs: output, inputs: network) { ratio = found }
    }

    /// Output samples that the picture covers, padding left out.
    package var covered: Int {
      guard let ratio else { return output }
      return (resampled * ratio.up + ratio.down - 1) / ratio.down
    }

    package var isIdentity: Bool { picture == resampled && output == network }

    /// The output sample under the centre of picture sample `index`: ⌊(2i + 1)·r·u / 2pd⌋.
    package func nearest(_ index: Int) -> Int {
      guard let ratio else { return min(index, output - 1) }
      return min(covered - 1, (2 * index + 1) * resampled * ratio.up / (2 * picture * ratio.down))
    }

    /// Two output samples and the weight of the second: linear between centres, constant beyond the first and last.
    func linear(_ index: Int) -> (low: Int, high: Int, weight: Double) {
      guard let ratio else { return (index, index, 0) }
      let scale = Double(resampled * ratio.up) / Double(picture * ratio.down)
      let place = min(max((Double(index) + 0.5) * scale - 0.5, 0), Double(covered - 1))
      let low = Int(place)
      return (low, min(low + 1, covered - 1), place - Double(low))
    }
  }

  package var rows: Axis
  package var columns: Axis

  package init(rows: Axis, columns: Axis) {
    self.rows = rows
    self.columns = columns
  }

  /// Whether output and picture can be laid over each other.
  package var isAligned: Bool {
    guard let a = rows.ratio, let b = columns.ratio else { return false }
    return a == b
  }

  /// Labels on the picture's grid (nearest); as they are if the grids do not fit.
  package func labels(_ map: LabelMap) throws(SegmentationError) -> LabelMap {
    guard isAligned else { return map }
    if rows.isIdentity, columns.isIdentity {
      return try map.crop(to: Region([0..<rows.picture, 0..<columns.picture]))
    }
    let sources = (0..<columns.picture).map(columns.nearest)
    var labels: [UInt16] = []
    labels.reserveCapacity(rows.picture * columns.picture)
    for y in 0..<rows.picture {
      let start = rows.nearest(y) * map.width
      for x in sources { labels.append(map.labels[start + x]) }
    }
    return try LabelMap(
      width: columns.picture, height: rows.picture, labels: labels, classCount: map.classCount,
      classNames: map.classNames)
  }

  /// Values on the picture's grid (linear); as they are if the grids do not fit. The tensor is float32 `[1, C, H, W]`
  /// or, with `isChannelsLast`, `[1, H, W, C]`.
  package func values(_ tensor: HostTensor, isChannelsLast: Bool) throws(TensorError) -> HostTensor {
    guard isAligned else { return tensor }
    let dims = tensor.shape.dims
    let channels = isChannelsLast ? dims[3] : dims[1]
    let (height, width) = (rows.picture, columns.picture)
    let result = try HostTensor(
      .float32, isChannelsLast ? [1, height, width, channels] : [1, channels, height, width], zeroed: false)
    let (channelFrom, pixel) = isChannelsLast ? (1, channels) : (rows.output * columns.output, 1)
    let channelTo = isChannelsLast ? 1 : height * width
    let across = (0..<width).map(columns.linear)
    tensor.withElements(Float.self) { source in
      result.storage.mutableBytes.withMemoryRebound(to: Float.self) { target in
        for channel in 0..<channels {
          for y in 0..<height {
            let (top, bottom, v) = rows.linear(y)
            let upper = channel * channelFrom + top * columns.output * pixel
            let lower = channel * channelFrom + bottom * columns.output * pixel
            for (x, (left, right, u)) in across.enumerated() {
              func row(_ start: Int) -> Double {
                let a = Double(source[start + left * pixel])
                return u == 0 ? a : a + (Double(source[start + right * pixel]) - a) * u
              }
              let a = row(upper)
              target[channel * channelTo + (y * width + x) * pixel] = Float(v == 0 ? a : a + (row(lower) - a) * v)
            }
          }
        }
      }
    }
    return result
  }

  /// An image or density on the output's own grid, without what was padded.
  package func cropped(_ tensor: HostTensor, isChannelsLast: Bool) throws(TensorError) -> HostTensor {
    guard isAligned, (rows.covered, columns.covered) != (rows.output, columns.output) else { return tensor }
    let dims = tensor.shape.dims
    let region =
      isChannelsLast
      ? Region([0..<1, 0..<rows.covered, 0..<columns.covered, 0..<dims[3]])
      : Region([0..<1, 0..<dims[1], 0..<rows.covered, 0..<columns.covered])
    let result = try HostTensor(tensor.elementType, region.shape, zeroed: false)
    try tensor.read(region, into: result.storage.mutableBytes)
    return result
  }
}
