package import FCNTensor

/// Element type and concrete shape.
package struct TensorType: Sendable, Hashable, CustomStringConvertible {
  package var elementType: ElementType
  package var shape: Shape
  package init(_ elementType: ElementType, _ shape: Shape) {
    self.elementType = elementType
    self.shape = shape
  }
  package var description: String { "\(elementType.rawValue) \(shape)" }
}

/// What a node makes at given input types: its outputs' types and the rule that ties regions together.
package struct NodeSizing: Sendable {
  package var outputs: [TensorType]
  package var rule: SpatialRule
  package init(_ outputs: [TensorType], _ rule: SpatialRule) {
    self.outputs = outputs
    self.rule = rule
  }
}
