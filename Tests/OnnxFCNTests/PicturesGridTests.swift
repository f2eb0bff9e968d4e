import FCNTensor
import OnnxFCN
import Testing

@Suite struct PicturesGridTests {
  @Test func reflectionRepeatsWithoutTheEdge() {
    let place = PictureOptions.Border.reflect
    #expect((3..<12).map { place.source($0, 3) } == [1, 0, 1, 2, 1, 0, 1, 2, 1])
    #expect((1..<4).map { place.source($0, 1) } == [0, 0, 0])
    #expect(PictureOptions.Border.replicate.source(9, 4) == 3)
    #expect(PictureOptions.Border.zero.source(9, 4) == nil)
  }

  @Test(arguments: PictureOptions.Border.allCases, [false, true])
  func paddingAddsBelowAndRight(_ border: PictureOptions.Border, _ isChannelsLast: Bool) throws {
    let (height, width, channels) = (3, 4, 2)
    func value(_ channel: Int, _ y: Int, _ x: Int) -> Float { Float(100 * channel + 10 * y + x + 1) }
    let shape: Shape = isChannelsLast ? [1, height, width, channels] : [1, channels, height, width]
    var stored: [Float] = []
    for index in 0..<shape.count {
      let (channel, pixel) = isChannelsLast ? (index % 2, index / 2) : (index / 12, index % 12)
      stored.append(value(channel, pixel / 4, pixel % 4))
    }
    let tensor = try HostTensor(stored, shape: shape)
    let padded = try border.padded(tensor, height: 8, width: 6, isChannelsLast: isChannelsLast)
    #expect(padded.shape == (isChannelsLast ? [1, 8, 6, 2] : [1, 2, 8, 6]))
    let values = padded.doubles()
    for channel in 0..<2 {
      for y in 0..<8 {
        for x in 0..<6 {
          let row = y < 3 ? y : border.source(y, 3)
          let column = x < 4 ? x : border.source(x, 4)
          let expected = row.flatMap { row in column.map { Double(value(channel, row, $0)) } } ?? 0
          #expect(values[isChannelsLast ? (y * 6 + x) * 2 + channel : (channel * 8 + y) * 6 + x] == expected)
        }
      }
    }
  }

  private func mapping(_ picture: Int, _ resampled: Int, _ network: Int, _ output: Int) -> GridMapping {
    let axis = GridMapping.Axis(picture: picture, resampled: resampled, network: network, output: output)
    return GridMapping(rows: axis, columns: axis)
  }

  @Test func paddingIsCutOffAgain() {
    let axis = GridMapping.Axis(picture: 5, resampled: 5, network: 8, output: 8)
    #expect(axis.isIdentity && axis.covered == 5)
    #expect((0..<5).map(axis.nearest) == [0, 1, 2, 3, 4])
  }

  @Test func coarseLabelsGoToTheNearestPixels() {
    let coarse = GridMapping.Axis(picture: 7, resampled: 7, network: 8, output: 2)
    #expect((0..<7).map(coarse.nearest) == [0, 0, 0, 0, 1, 1, 1])
    let resampled = GridMapping.Axis(picture: 6, resampled: 3, network: 4, output: 4)
    #expect((0..<6).map(resampled.nearest) == [0, 0, 1, 1, 2, 2])
    let finer = GridMapping.Axis(picture: 3, resampled: 3, network: 3, output: 6)
    #expect((0..<3).map(finer.nearest) == [1, 3, 5])
  }

  @Test func valuesAreLinearBetweenCentres() throws {
    let tensor = try HostTensor([0, 4, 8, 12] as [Float], shape: [1, 1, 2, 2])
    let fine = try mapping(4, 4, 4, 2).values(tensor, isChannelsLast: false)
    #expect(Array(fine.doubles()[0..<4]) == [0, 1, 3, 4])
    #expect(stride(from: 0, to: 16, by: 4).map { fine.doubles()[$0] } == [0, 2, 6, 8])
  }

  @Test func unevenGridsStayAsTheyAre() throws {
    let grid = mapping(60, 60, 60, 20)
    #expect(grid.isAligned)
    let scale = GridScale(outputs: 1, inputs: 1)
    let axis = GridMapping.Axis(picture: 60, resampled: 60, network: 60, output: 20, scale: scale)
    #expect(!GridMapping(rows: axis, columns: axis).isAligned)
  }

  @Test func smallestSizeIsFoundPerAxis() {
    typealias Size = SizeSearch.Size
    func next(_ size: Size, _ takes: @escaping (Size) -> Bool) -> Size? {
      SizeSearch { takes($0) ? .fits : .refused }.next(from: size)
    }
    let all = next(Size(height: 37, width: 53)) { _ in true }
    #expect(all == Size(height: 37, width: 53))
    let sixteen = next(Size(height: 37, width: 64)) { $0.height % 16 == 0 && $0.width % 16 == 0 }
    #expect(sixteen == Size(height: 48, width: 64))
    let mixed = next(Size(height: 37, width: 53)) { $0.height % 32 == 0 && $0.width % 2 == 0 }
    #expect(mixed == Size(height: 64, width: 54))
    let plusOne = next(Size(height: 30, width: 30)) { $0.height % 16 == 1 && $0.width % 16 == 1 }
    #expect(plusOne == Size(height: 33, width: 33))
    #expect(next(Size(height: 30, width: 30)) { $0.height == 7 } == nil)
  }
}
