import FCNGraph
package import FCNTensor

/// Inputs for experiments, larger than the image, from which crops at any offset are taken: nothing is ever filled in.
package struct Canvas: Sendable {
  package let grid: InputGrid
  /// One per graph input, in order.
  package let tensors: [HostTensor]

  package init(grid: InputGrid, tensors: [HostTensor]) {
    self.grid = grid
    self.tensors = tensors
  }

  /// Seeded noise, uniform in [−1, 1) for floats and in 0…255 for integers; masks are 0 or 1.
  package init(noise seed: UInt64, grid: InputGrid, size: [Int]) throws(TensorError) {
    self.grid = grid
    var generator = SeededGenerator(seed)
    var tensors: [HostTensor] = []
    for (index, shape) in grid.shapes(size).enumerated() {
      let value = grid.graph[grid.graph.inputs[index]]
      let type = value.elementType ?? .float32
      let isMask = type == .bool || value.name.lowercased().contains("mask")
      let count = try shape.checkedCount()
      let values = (0..<count).map { _ in
        let noise = generator.real(in: 0...1)
        if isMask { return noise.rounded() }
        return type.isFloat ? 2 * noise - 1 : (noise * 256).rounded(.down)
      }
      tensors.append(try HostTensor(doubles: values, elementType: type, shape: shape))
    }
    self.tensors = tensors
  }

  /// The inputs of an image of `size` at `origin`; inputs that do not move with the image are taken at 0.
  package func crop(at origin: [Int], size: [Int]) throws(TensorError) -> [HostTensor] {
    var result: [HostTensor] = []
    for (index, tensor) in tensors.enumerated() {
      guard let axes = grid.followingAxes(index) else {
        result.append(tensor)
        continue
      }
      var region = tensor.shape.region
      for (position, axis) in axes.enumerated() {
        let start = grid.fixedInputs.contains(index) ? 0 : origin[position]
        region[axis] = start..<start + size[position]
      }
      let crop = try HostTensor(tensor.elementType, region.shape, zeroed: false)
      try tensor.read(region, into: crop.storage.mutableBytes)
      result.append(crop)
    }
    return result
  }
}
