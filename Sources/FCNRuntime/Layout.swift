package import FCNGraph
package import FCNTensor

/// How a tensor lies in memory.
package enum Layout: String, Sendable, Hashable {
  /// C order, as ONNX has it.
  case planar
  /// `[N][⌈C/16⌉][D][H][W][16]` for feature maps of rank 3 to 5: sixteen channels side by side. Lanes beyond the last
  /// channel hold anything; no kernel reads them as channels.
  case blocked
  /// `[N][⌈C/4⌉][D][H][W][4]` for feature maps of rank 3 to 5, in the memory of a device. Lanes beyond the last channel
  /// are finite: zero weights times infinity would be NaN.
  case quads

  /// Channels of a block in this machine's memory.
  @inlinable package static var block: Int { 16 }

  /// Channels that lie side by side.
  package var lanes: Int {
    switch self {
    case .planar: 1
    case .blocked: Layout.block
    case .quads: 4
    }
  }

  /// Whether values lie in the device's arena.
  package var isOnDevice: Bool { self == .quads }

  /// Elements in memory of a region. Overflow is reported.
  package func checkedCount(_ region: Region) -> (count: Int, overflow: Bool) {
    var dims = region.ranges.map(\.count)
    if self != .planar { dims[1] = dims[1].dividedUp(by: lanes) * lanes }
    var (count, isOver) = (1, false)
    for dim in dims {
      let (product, overflow) = count.multipliedReportingOverflow(by: dim)
      (count, isOver) = (product, isOver || overflow)
    }
    return (count, isOver)
  }

  /// The smallest region that the layout can hold: whole blocks of channels.
  package func held(_ region: Region, of shape: Shape) -> Region {
    guard self != .planar, !region.isEmpty else { return region }
    var result = region
    let low = region[1].lowerBound / lanes * lanes
    result[1] = low..<min(shape[1], region[1].upperBound.dividedUp(by: lanes) * lanes)
    return result
  }

  package static func canBlock(_ type: TensorType) -> Bool {
    type.elementType == .float32 && (3...5).contains(type.shape.rank)
  }
}

/// A value as it lies in memory. A value may lie there several times, once for each layout that its users want.
package struct StoredValue: Sendable, Hashable {
  package let id: ValueID
  package let layout: Layout

  package init(_ id: ValueID, _ layout: Layout = .planar) {
    self.id = id
    self.layout = layout
  }
}
