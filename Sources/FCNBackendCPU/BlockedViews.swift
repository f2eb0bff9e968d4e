import FCNGraph
import FCNRuntime
import FCNTensor

extension BufferView {
  /// A blocked feature map as an array of blocks, `[N][blocks][D][H][W]` with elements of sixteen floats.
  var asBlocks: BufferView {
    var ranges = region.ranges
    ranges[1] = ranges[1].lowerBound / Layout.block..<ranges[1].upperBound.dividedUp(by: Layout.block)
    var dims = shape.dims
    dims[1] = dims[1].dividedUp(by: Layout.block)
    return BufferView(pointer: pointer, elementType: elementType, shape: Shape(dims), region: Region(ranges))
  }

  /// A blocked feature map as an array of floats, `[N][blocks][D][H][W][16]`.
  var asLanes: BufferView {
    let blocks = asBlocks
    return BufferView(
      pointer: pointer, elementType: elementType, shape: Shape(blocks.shape.dims + [Layout.block]),
      region: Region(blocks.region.ranges + [0..<Layout.block]))
  }
}

/// The blocks of a region of a blocked feature map, one task for each block's slice.
struct BlockLoop {
  let image: Int
  let block: Int
  let z: Int

  static func count(_ box: BlockedBox) -> Int { box.n.count * box.blocks.count * box.d.count }

  init(_ index: Int, in box: BlockedBox) {
    z = box.d.lowerBound + index % box.d.count
    block = box.blocks.lowerBound + index / box.d.count % box.blocks.count
    image = box.n.lowerBound + index / box.d.count / box.blocks.count
  }
}

/// A split of rows into parts of about `pixels` pixels.
struct RowParts {
  let count: Int
  private let rows: Range<Int>
  private let perPart: Int

  init(_ rows: Range<Int>, columns: Int, pixels: Int = 2048) {
    self.rows = rows
    perPart = max(1, pixels / max(1, columns))
    count = rows.count.dividedUp(by: perPart)
  }

  subscript(_ index: Int) -> Range<Int> {
    let low = rows.lowerBound + index * perPart
    return low..<min(rows.upperBound, low + perPart)
  }
}
