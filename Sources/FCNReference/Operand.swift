import FCNGraph
package import FCNTensor

/// Elements as the reference computes them: floats in Double, integers and bool exactly.
package enum Values: Sendable {
  case real([Double])
  case integer([Int64])

  package var count: Int {
    switch self {
    case .real(let values): values.count
    case .integer(let values): values.count
    }
  }

  /// As doubles; integers beyond 2⁵³ round.
  package var doubles: [Double] {
    switch self {
    case .real(let values): values
    case .integer(let values): values.map(Double.init)
    }
  }

  /// As integers; floats saturate toward zero.
  package var integers: [Int64] {
    switch self {
    case .real(let values): values.map { saturating($0) }
    case .integer(let values): values
    }
  }
}

/// A region of a tensor in the reference's form.
package struct Operand: Sendable {
  package var elementType: ElementType
  /// Of the whole tensor.
  package var shape: Shape
  /// The part held, global coordinates.
  package var region: Region
  /// The region's elements in C order.
  package var values: Values

  package init(elementType: ElementType, shape: Shape, region: Region, values: Values) {
    self.elementType = elementType
    self.shape = shape
    self.region = region
    self.values = values
  }

  package init(_ tensor: HostTensor) {
    self.init(
      elementType: tensor.elementType, shape: tensor.shape, region: tensor.shape.region,
      values: tensor.elementType.isFloat ? .real(tensor.doubles()) : .integer(tensor.integers()))
  }

  /// From memory that holds `region` as `elementType`.
  package init(bytes: UnsafeRawBufferPointer, elementType: ElementType, shape: Shape, region: Region) {
    let storage = Storage(borrowing: bytes, from: Borrowed.marker)
    // The bytes are exactly those of the region: the tensor cannot be refused.
    let tensor = try? HostTensor(elementType: elementType, shape: region.shape, storage: storage)
    precondition(tensor != nil, "bytes and region differ")
    self.init(
      elementType: elementType, shape: shape, region: region,
      values: elementType.isFloat ? .real(tensor!.doubles()) : .integer(tensor!.integers()))
  }

  /// The held region as a tensor of its extents.
  package func tensor(as type: ElementType? = nil) throws(TensorError) -> HostTensor {
    switch values {
    case .real(let reals): try HostTensor(doubles: reals, elementType: type ?? elementType, shape: region.shape)
    case .integer(let integers):
      try HostTensor(integers: integers, elementType: type ?? elementType, shape: region.shape)
    }
  }

  /// Writes the held elements as `type`.
  /// - Throws: `TensorError.memory`.
  package func write(to target: UnsafeMutableRawBufferPointer, as type: ElementType) throws(TensorError) {
    let tensor = try tensor(as: type)
    withExtendedLifetime(tensor) { target.copyMemory(from: tensor.storage.bytes) }
  }

  private final class Borrowed: Sendable {
    static let marker = Borrowed()
  }
}
