package import FCNTensor

/// What one label covers in a map.
package struct ClassStatistics: Sendable, Hashable {
  /// Half-open: the last row is `bottom − 1`.
  package struct Box: Sendable, Hashable {
    package var top: Int
    package var left: Int
    package var bottom: Int
    package var right: Int

    package init(top: Int, left: Int, bottom: Int, right: Int) {
      self.top = top
      self.left = left
      self.bottom = bottom
      self.right = right
    }

    /// The boxes of `count` things, of which `thing` tells the one at each pixel; an absent one is inside out.
    static func all(count: Int, width: Int, height: Int, thing: (Int) -> Int) -> [Box] {
      var boxes = [Box](repeating: Box(top: .max, left: .max, bottom: 0, right: 0), count: count)
      for y in 0..<height {
        for x in 0..<width {
          let index = thing(y * width + x)
          boxes[index].top = min(boxes[index].top, y)
          boxes[index].bottom = y + 1
          boxes[index].left = min(boxes[index].left, x)
          boxes[index].right = max(boxes[index].right, x + 1)
        }
      }
      return boxes
    }
  }

  package let label: Int
  package let name: String
  package let pixels: Int
  /// Of all pixels of the map, 0…1.
  package let fraction: Double
  /// 8-connected parts.
  package let components: Int
  package let box: Box

  /// One entry per label that occurs, in order.
  package static func all(_ map: LabelMap) throws(SegmentationError) -> [ClassStatistics] {
    let histogram = map.histogram
    var parts = [Int](repeating: 0, count: histogram.count)
    for label in try ConnectedComponents(map).labels { parts[Int(label)] += 1 }
    let boxes = Box.all(count: histogram.count, width: map.width, height: map.height) { Int(map.labels[$0]) }
    return histogram.indices.filter { histogram[$0] > 0 }.map { label in
      ClassStatistics(
        label: label, name: map.name(label), pixels: histogram[label],
        fraction: Double(histogram[label]) / Double(map.labels.count), components: parts[label], box: boxes[label])
    }
  }

  package var json: JSONValue {
    [
      "class": .integer(label), "name": .string(name), "pixels": .integer(pixels), "fraction": .number(fraction),
      "components": .integer(components),
      "box": [
        "top": .integer(box.top), "left": .integer(box.left), "bottom": .integer(box.bottom),
        "right": .integer(box.right),
      ],
    ]
  }
}
