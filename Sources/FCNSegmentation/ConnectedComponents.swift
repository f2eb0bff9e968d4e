/// The connected parts of equal label: 8-connected (pixels that touch at an edge or a corner).
package struct ConnectedComponents: Sendable {
  /// `[height, width]`: the component of each pixel, numbered from 0 in raster order of first pixels.
  package let components: [Int32]
  /// The class label of each component.
  package let labels: [UInt16]

  package var count: Int { labels.count }

  /// Union-find in two passes over the map; four bytes per pixel.
  /// - Throws: `.mismatch` above 2³¹−1 pixels.
  package init(_ map: LabelMap) throws(SegmentationError) {
    guard map.labels.count <= Int(Int32.max) else {
      throw SegmentationError(.mismatch, "components: expected at most 2³¹−1 pixels, got \(map.labels.count)")
    }
    var parent: [Int32] = []
    var components = [Int32](repeating: 0, count: map.labels.count)
    func root(_ node: Int32) -> Int32 {
      var node = node
      while parent[Int(node)] != node {
        parent[Int(node)] = parent[Int(parent[Int(node)])]
        node = parent[Int(node)]
      }
      return node
    }
    let width = map.width
    for y in 0..<map.height {
      for x in 0..<width {
        let at = y * width + x
        let label = map.labels[at]
        var component: Int32 = -1
        func join(_ neighbour: Int) {
          guard map.labels[neighbour] == label else { return }
          let other = root(components[neighbour])
          if component < 0 {
            component = other
          } else if component != other {
            parent[Int(max(component, other))] = min(component, other)
            component = min(component, other)
          }
        }
        if x > 0 { join(at - 1) }
        if y > 0 {
          if x > 0 { join(at - width - 1) }
          join(at - width)
          if x + 1 < width { join(at - width + 1) }
        }
        if component < 0 {
          component = Int32(parent.count)
          parent.append(component)
        }
        components[at] = component
      }
    }
    var number = [Int32](repeating: -1, count: parent.count)
    var labels: [UInt16] = []
    for at in components.indices {
      let top = Int(root(components[at]))
      if number[top] < 0 {
        number[top] = Int32(labels.count)
        labels.append(map.labels[at])
      }
      components[at] = number[top]
    }
    self.components = components
    self.labels = labels
  }
}
