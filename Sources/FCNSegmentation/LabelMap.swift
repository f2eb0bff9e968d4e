package import FCNTensor

/// A picture of class labels.
package struct LabelMap: Sendable, Hashable {
  package let width: Int
  package let height: Int
  /// `[height, width]`, C order.
  package let labels: [UInt16]
  /// Labels are below this, but for `ignoreLabel`.
  package let classCount: Int
  /// One per class, or empty.
  package var classNames: [String]

  /// The label that by convention means "not labelled": 255, unless 255 is a class.
  package static let ignoreLabel = 255

  /// - Throws: `.mismatch` unless there are `width × height` labels and as many names as classes (or none).
  package init(
    width: Int, height: Int, labels: [UInt16], classCount: Int, classNames: [String] = []
  ) throws(SegmentationError) {
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !overflow, labels.count == count else {
      throw SegmentationError(.mismatch, "label map \(height)x\(width): got \(labels.count) labels")
    }
    guard classNames.isEmpty || classNames.count == classCount else {
      throw SegmentationError(
        .option, "class names: expected \(classCount), one per label, got \(classNames.count)")
    }
    self.width = width
    self.height = height
    self.labels = labels
    self.classCount = classCount
    self.classNames = classNames
  }

  /// From bytes, as an indexed or grey 8-bit picture gives them; `classCount` nil is the highest label (but 255) + 1.
  package init(width: Int, height: Int, bytes: [UInt8], classCount: Int? = nil) throws(SegmentationError) {
    let labels = bytes.map(UInt16.init)
    try self.init(width: width, height: height, labels: labels, classCount: classCount ?? LabelMap.classes(in: labels))
  }

  /// The highest label + 1, where 255 is not counted if no higher label occurs.
  package static func classes(in labels: [UInt16]) -> Int {
    let highest = Int(labels.max() ?? 0)
    if highest != ignoreLabel { return highest + 1 }
    return labels.reduce(-1) { Int($1) == ignoreLabel ? $0 : max($0, Int($1)) } + 1
  }

  /// The labels as bytes, or nil if one is above 255.
  package var bytes: [UInt8]? {
    labels.allSatisfy { $0 <= 255 } ? labels.map { UInt8(truncatingIfNeeded: $0) } : nil
  }

  package subscript(y y: Int, x x: Int) -> Int { Int(labels[y * width + x]) }

  /// The class's name, or "class N".
  package func name(_ label: Int) -> String {
    classNames.indices.contains(label) ? classNames[label] : "class \(label)"
  }

  /// The part within `region` (rank 2: rows, columns).
  /// - Throws: `.mismatch` if it is empty or reaches beyond the map.
  package func crop(to region: Region) throws(SegmentationError) -> LabelMap {
    guard region.rank == 2, !region.isEmpty, Region([0..<height, 0..<width]).contains(region) else {
      throw SegmentationError(.mismatch, "crop \(region): expected inside [0:\(height), 0:\(width)]")
    }
    var result: [UInt16] = []
    result.reserveCapacity(region.count)
    for y in region[0] {
      result += labels[y * width + region[1].lowerBound..<y * width + region[1].upperBound]
    }
    return try LabelMap(
      width: region[1].count, height: region[0].count, labels: result, classCount: classCount, classNames: classNames)
  }

  /// How many pixels have each label, for all labels up to the highest.
  package var histogram: [Int] {
    var counts = [Int](repeating: 0, count: max(classCount, Int(labels.max() ?? 0) + 1))
    for label in labels { counts[Int(label)] += 1 }
    return counts
  }
}
