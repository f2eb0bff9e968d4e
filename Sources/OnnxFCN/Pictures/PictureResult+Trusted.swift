import FCNSegmentation

extension PictureResult {
  /// Where no border rule and no added padding touched the result.
  ///
  /// On the grid of the labels for a segmentation, where it holds for labels, probabilities and confidence alike; on
  /// the grid of what is written for an image or a density.
  ///
  /// - Complexity: the geometry of the network is derived once for all pictures of the same size.
  public var trusted: TrustedRegion {
    let clean = pipeline.cleanSamples(fitted)
    let (rows, columns) = (mapping.rows, mapping.columns)
    func region(_ height: Int, _ width: Int, _ y: Range<Int>, _ x: Range<Int>) -> TrustedRegion {
      var reasons = clean.reasons
      if reasons.isEmpty {
        let text = "no pixel is made of the output's clean rows \(clean.rows) and columns \(clean.columns) alone"
        reasons = [TrustedRegion.Reason(node: nil, reason: text)]
      }
      return TrustedRegion(height: height, width: width, rows: y, columns: x, reasons: reasons)
    }
    func ownGrid() -> TrustedRegion {
      let height = mapping.isAligned ? rows.covered : rows.output
      let width = mapping.isAligned ? columns.covered : columns.output
      return region(height, width, clean.rows.clamped(to: 0..<height), clean.columns.clamped(to: 0..<width))
    }
    switch content {
    case .segmentation(_, _, let reading) where mapping.isAligned:
      let isInterpolated = reading.kind != .labels
      return region(
        rows.picture, columns.picture, rows.trusted(clean.rows, isInterpolated: isInterpolated),
        columns.trusted(clean.columns, isInterpolated: isInterpolated))
    case .image where isResizedBack:
      func back(_ axis: GridMapping.Axis, _ clean: Range<Int>) -> Range<Int> {
        ResizingReach(from: axis.covered, to: axis.picture).clean(clean.clamped(to: 0..<axis.covered))
      }
      return region(rows.picture, columns.picture, back(rows, clean.rows), back(columns, clean.columns))
    case .none, .segmentation, .image, .density: return ownGrid()
    }
  }

  /// Whether an image of the picture's own scale goes back to the picture's size.
  var isResizedBack: Bool { mapping.isAligned && mapping.rows.output == mapping.rows.network }
}
