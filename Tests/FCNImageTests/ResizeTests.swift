import FCNImage
import Testing

@Suite("Resampling") struct ResizeTests {
  /// The triangle filter written out in Double over the whole axis.
  static func expected(_ source: [Double], to count: Int) -> [Double] {
    let ratio = Double(source.count) / Double(count)
    let radius = max(1, ratio)
    return (0..<count).map { index in
      let center = (Double(index) + 0.5) * ratio
      var sum = 0.0
      var weight = 0.0
      for (position, value) in source.enumerated() {
        let share = max(0, 1 - abs(Double(position) + 0.5 - center) / radius)
        sum += share * value
        weight += share
      }
      return sum / weight
    }
  }

  @Test(arguments: [1, 2, 3, 5, 8, 16, 17, 31, 40, 97]) func rowsAndColumns(count: Int) throws {
    let samples = PictureFiles.noise(17, top: 255)
    let row = try Picture(width: 17, height: 1, channels: 1, samples: samples.map { UInt8($0) })
    let column = try Picture(width: 1, height: 17, channels: 1, samples: samples.map { UInt8($0) })
    let expected = ResizeTests.expected(samples.map(Double.init), to: count)
    let across = try row.resized(width: count, height: 1).values
    #expect(zip(across, expected).allSatisfy { abs(Double($0) - $1) < 0.501 })
    #expect(try column.resized(width: 1, height: count).values == across)
  }

  @Test func constantStaysConstant() throws {
    let flat = try Picture(width: 9, height: 5, channels: 3, samples: [UInt16](repeating: 65535, count: 135))
    let resized = try flat.resized(width: 23, height: 2)
    #expect(resized.width == 23 && resized.height == 2)
    #expect(resized.values.allSatisfy { $0 == 65535 })
  }

  @Test func impossibleSizes() throws {
    let picture = try PictureFiles.picture(3, 3, 1, bits: 8)
    #expect(throws: ImageError.self) { try picture.resized(width: 0, height: 3) }
    #expect(throws: ImageError.self) { try picture.resized(width: 1 << 40, height: 3) }
    #expect(try picture.resized(width: 3, height: 3).values == picture.values)
  }
}
