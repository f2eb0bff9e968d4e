import FCNTensor
import FCNTestKit
import Testing

/// Shapes and regions: counts that overflow, strides, hulls, copies.
@Suite struct ShapeTests {
  @Test func counts() throws {
    #expect(try Shape([]).checkedCount() == 1)
    #expect(try Shape([2, 3, 4]).checkedCount() == 24)
    #expect(try Shape([2, 0, 4]).checkedCount() == 0)
    #expect(try Shape([Shape.largestDimension]).checkedCount() == Shape.largestDimension)
    #expect(Shape([2, 3, 4]).strides == [12, 4, 1] && Shape([]).strides == [])
    #expect(Shape([2, 3]).description == "2x3" && Shape([]).description == "scalar")
  }

  @Test(arguments: [
    [-1], [2, -3], [Shape.largestDimension + 1], [Int.max], [Int.min], [1 << 20, 1 << 20, 1 << 20],
    [Shape.largestDimension, Shape.largestDimension, 2], Array(repeating: 1000, count: 12), [0, -1],
    [0, Int(Int32.max), Int(Int32.max), Int(Int32.max)],
  ])
  func impossible(_ dims: [Int]) {
    #expect { try Shape(dims).checkedCount() } throws: { ($0 as? TensorError)?.code == .size }
    #expect(throws: TensorError.self) { try HostTensor(.float64, Shape(dims)) }
  }

  @Test func storageMustFit() throws {
    let storage = try Storage(count: 12)
    #expect { try HostTensor(elementType: .float32, shape: [4], storage: storage) } throws: { error in
      (error as? TensorError)?.code == .mismatch
    }
    #expect(throws: TensorError.self) { try HostTensor([Float(1), 2], shape: [3]) }
    #expect(throws: TensorError.self) { try HostTensor(integers: [1], elementType: .bool, shape: [2]) }
    #expect(throws: TensorError.self) { try HostTensor(doubles: [1], elementType: .float16, shape: []).reshaped([2]) }
    #expect(throws: TensorError.self) { try Storage(count: 1 << 58) }
  }

  @Test func regions() {
    let a = Region([0..<2, 5..<9])
    let b = Region([1..<4, 2..<6])
    #expect(a.hull(b) == Region([0..<4, 2..<9]) && a.intersection(b) == Region([1..<2, 5..<6]))
    let empty = Region([0..<2, 7..<7])
    #expect(empty.isEmpty && empty.count == 0 && a.hull(empty) == a && empty.hull(a) == a && a.contains(empty))
    #expect(a.contains(Region([1..<2, 5..<9])) && !a.contains(b) && a.intersection(Region([5..<6, 0..<1])).isEmpty)
    #expect(Region([]).count == 1 && !Region([]).isEmpty && a.description == "[0:2, 5:9]")
    #expect(a.shape == [2, 4])
  }

  /// Every byte of the region arrives at its place, every other byte stays.
  @Test(arguments: 0..<60)
  func copyRegionProperty(_ seed: Int) throws {
    var generator = SeededGenerator(UInt64(seed))
    let rank = generator.integer(in: 0...4)
    let size = [1, 2, 4, 8][generator.integer(in: 0...3)]
    func box() -> Region {
      Region(
        (0..<rank).map { _ in
          let low = generator.integer(in: 0...3)
          return low..<low + generator.integer(in: 3...6)
        })
    }
    let (source, target) = (box(), box())
    var region = source.intersection(target)
    for axis in 0..<rank where !region[axis].isEmpty {
      let low = generator.integer(in: region[axis].lowerBound...region[axis].upperBound - 1)
      region[axis] = low..<generator.integer(in: low...region[axis].upperBound)
    }
    let from = (0..<source.count * size).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    let before = (0..<target.count * size).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    var to = before
    try from.withUnsafeBytes { held in
      try to.withUnsafeMutableBytes { filled in
        try copyRegion(
          from: held, sourceRegion: source, to: filled, targetRegion: target, region: region, elementSize: size)
      }
    }
    for offset in 0..<target.count {
      let index = Self.index(offset, target)
      let isInside = zip(index, region.ranges).allSatisfy { $1.contains($0) }
      let expected: ArraySlice<UInt8>
      if isInside {
        let at = Self.offset(index, source)
        expected = from[at * size..<(at + 1) * size]
      } else {
        expected = before[offset * size..<(offset + 1) * size]
      }
      #expect(to[offset * size..<(offset + 1) * size].elementsEqual(expected))
    }
  }

  @Test func copyOutsideIsRefused() throws {
    let bytes = [UInt8](repeating: 0, count: 4)
    var target = bytes
    let box = Region([0..<4])
    for (source, region) in [(box, Region([0..<5])), (Region([1..<5]), box)] {
      #expect(throws: TensorError.self) {
        try bytes.withUnsafeBytes { from in
          try target.withUnsafeMutableBytes { to in
            try copyRegion(
              from: from, sourceRegion: source, to: to, targetRegion: box, region: region, elementSize: 1)
          }
        }
      }
    }
  }

  private static func index(_ offset: Int, _ region: Region) -> [Int] {
    zip(region.shape.strides, region.ranges).map { $1.lowerBound + offset / $0 % $1.count }
  }

  private static func offset(_ index: [Int], _ region: Region) -> Int {
    zip(zip(index, region.ranges), region.shape.strides).reduce(0) { $0 + ($1.0.0 - $1.0.1.lowerBound) * $1.1 }
  }
}
