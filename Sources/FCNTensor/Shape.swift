/// The dimensions of a tensor, outermost first. Rank 0 is a scalar.
package struct Shape: Sendable, Hashable, CustomStringConvertible, ExpressibleByArrayLiteral {
  package var dims: [Int]

  package init(_ dims: [Int]) { self.dims = dims }
  package init(arrayLiteral elements: Int...) { dims = elements }

  /// The largest single dimension that is accepted, 2³¹−1.
  package static let largestDimension = Int(Int32.max)

  package var rank: Int { dims.count }

  package subscript(_ axis: Int) -> Int {
    get { dims[axis] }
    set { dims[axis] = newValue }
  }

  /// Product of the dimensions. The shape must have passed `checkedCount`.
  package var count: Int { dims.reduce(1, *) }

  /// Number of elements.
  /// - Throws: `TensorError.size` for a negative dimension, one above 2³¹−1, or a product above 2⁶²/16.
  package func checkedCount() throws(TensorError) -> Int {
    var product = 1
    var empty = false
    for dim in dims {
      guard dim >= 0, dim <= Shape.largestDimension else {
        throw TensorError(.size, "shape \(self): dimension expected 0…\(Shape.largestDimension), got \(dim)")
      }
      if dim == 0 {
        empty = true
        continue
      }
      let (next, overflow) = product.multipliedReportingOverflow(by: dim)
      guard !overflow, next < 1 << 58 else {
        throw TensorError(.size, "shape \(self): number of elements overflows")
      }
      product = next
    }
    return empty ? 0 : product
  }

  /// Elements between neighbours along each axis in C order.
  package var strides: [Int] {
    var result = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      result[axis] = result[axis + 1] * dims[axis + 1]
    }
    return result
  }

  /// `2x3x4`; a scalar is `scalar`.
  package var description: String {
    dims.isEmpty ? "scalar" : dims.map(String.init).joined(separator: "x")
  }
}
