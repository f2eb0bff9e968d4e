/// Where a session reads an input: a tensor, an image, a slide – whole or by region.
package protocol RegionSource: Sendable {
  var elementType: ElementType { get }
  var shape: Shape { get }
  /// Copies `region` (within `shape`, global coordinates) in C order to `target`, which has exactly its bytes.
  func read(_ region: Region, into target: UnsafeMutableRawBufferPointer) throws(TensorError)
  /// Where the source holds exactly `region` in C order, elements aligned to their size, for as long as it lives; nil:
  /// it is read.
  func bytes(of region: Region) -> UnsafeRawBufferPointer?
}

extension RegionSource {
  package func bytes(of region: Region) -> UnsafeRawBufferPointer? { nil }
}

/// Where a session writes an output.
package protocol RegionSink: AnyObject {
  /// Memory in which the session may make the output in place, exactly of the region's size; nil: it is copied out.
  /// `write` follows, from this memory, once it is complete.
  func memory(for region: Region, _ elementType: ElementType) throws(TensorError) -> UnsafeMutableRawBufferPointer?
  /// `source` holds `region` of the output of full size `shape` in C order.
  func write(_ region: Region, of shape: Shape, _ elementType: ElementType, from source: UnsafeRawBufferPointer)
    throws(TensorError)
}

extension RegionSink {
  package func memory(
    for region: Region, _ elementType: ElementType
  ) throws(TensorError) -> UnsafeMutableRawBufferPointer? { nil }
}

extension HostTensor: RegionSource {
  package func read(_ region: Region, into target: UnsafeMutableRawBufferPointer) throws(TensorError) {
    try copyRegion(
      from: storage.bytes, sourceRegion: shape.region, to: target, targetRegion: region, region: region,
      elementSize: elementType.size)
  }

  package func bytes(of region: Region) -> UnsafeRawBufferPointer? {
    let isAligned = Int(bitPattern: storage.bytes.baseAddress) % elementType.size == 0
    return region == shape.region && isAligned ? storage.bytes : nil
  }
}

/// A sink that keeps the region it was given as a tensor.
package final class TensorSink: RegionSink {
  package private(set) var tensor: HostTensor?
  package private(set) var region: Region?
  private var unfinished: HostTensor?
  private let pool: StoragePool?

  /// - Parameter pool: where the tensor's memory comes from and goes to.
  package init(pool: StoragePool? = nil) { self.pool = pool }

  package func memory(
    for region: Region, _ elementType: ElementType
  ) throws(TensorError) -> UnsafeMutableRawBufferPointer? {
    let made = try make(region, elementType)
    unfinished = made
    return made.storage.mutableBytes
  }

  package func write(
    _ region: Region, of shape: Shape, _ elementType: ElementType, from source: UnsafeRawBufferPointer
  ) throws(TensorError) {
    self.region = region
    if let unfinished, unfinished.storage.bytes.baseAddress == source.baseAddress {
      tensor = unfinished
      self.unfinished = nil
      return
    }
    let result = try make(region, elementType)
    result.storage.mutableBytes.copyMemory(from: source)
    tensor = result
  }

  private func make(_ region: Region, _ elementType: ElementType) throws(TensorError) -> HostTensor {
    guard let pool else { return try HostTensor(elementType, region.shape, zeroed: false) }
    let storage = try pool.storage(count: region.shape.checkedCount() * elementType.size)
    return try HostTensor(elementType: elementType, shape: region.shape, storage: storage)
  }
}

/// Copies `region` between two C-ordered buffers that hold `sourceRegion` and `targetRegion` of the same tensor.
/// - Throws: `TensorError.mismatch` if `region` is not inside both.
package func copyRegion(
  from source: UnsafeRawBufferPointer, sourceRegion: Region, to target: UnsafeMutableRawBufferPointer,
  targetRegion: Region, region: Region, elementSize: Int
) throws(TensorError) {
  guard sourceRegion.contains(region), targetRegion.contains(region) else {
    throw TensorError(.mismatch, "region \(region): expected inside \(sourceRegion) and \(targetRegion)")
  }
  if region.isEmpty { return }
  let rank = region.rank
  if rank == 0 {
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[0..<elementSize]))
    return
  }
  let sourceStrides = sourceRegion.shape.strides
  let targetStrides = targetRegion.shape.strides
  let row = region[rank - 1].count * elementSize
  var index = region.ranges.map(\.lowerBound)
  while true {
    var from = 0
    var to = 0
    for axis in 0..<rank {
      from += (index[axis] - sourceRegion[axis].lowerBound) * sourceStrides[axis]
      to += (index[axis] - targetRegion[axis].lowerBound) * targetStrides[axis]
    }
    (target.baseAddress! + to * elementSize).copyMemory(from: source.baseAddress! + from * elementSize, byteCount: row)
    var axis = rank - 2
    while axis >= 0 {
      index[axis] += 1
      if index[axis] < region[axis].upperBound { break }
      index[axis] = region[axis].lowerBound
      axis -= 1
    }
    if axis < 0 { return }
  }
}
