import FCNSegmentation
import FCNTensor
import Testing

@Suite struct StatisticsTests {
  @Test func handMade() throws {
    let all = try ClassStatistics.all(map("11000", "00100", "00010", "20202"))
    #expect(all.map(\.label) == [0, 1, 2])
    #expect(all.map(\.pixels) == [13, 4, 3])
    #expect(all.map(\.components) == [1, 1, 3])
    #expect(all[1].box == ClassStatistics.Box(top: 0, left: 0, bottom: 3, right: 4))
    #expect(all[2].box == ClassStatistics.Box(top: 3, left: 0, bottom: 4, right: 5))
    #expect(abs(all.reduce(0) { $0 + $1.fraction } - 1) < 1e-12)
    #expect(
      all[1].json.serialized()
        == #"{"class":1,"name":"class 1","pixels":4,"fraction":0.2,"components":1,"#
        + #""box":{"top":0,"left":0,"bottom":3,"right":4}}"#)
  }

  @Test func componentsThatMeetLate() throws {
    let parts = try ConnectedComponents(map("10101", "10101", "11111", "00000", "10001"))
    #expect(parts.labels == [1, 0, 0, 0, 1, 1])
    #expect(parts.components[0] == parts.components[4])
    #expect(try ConnectedComponents(map("10", "01")).count == 2)
  }

  @Test func componentsAgreeWithFloodFill() throws {
    var random = SeededGenerator(11)
    for _ in 0..<60 {
      let (width, height) = (Int.random(in: 1...12, using: &random), Int.random(in: 1...12, using: &random))
      let labels = (0..<width * height).map { _ in UInt16.random(in: 0...2, using: &random) }
      let map = try LabelMap(width: width, height: height, labels: labels, classCount: 3)
      var seen = [Bool](repeating: false, count: labels.count)
      var count = 0
      for start in labels.indices where !seen[start] {
        count += 1
        seen[start] = true
        var stack = [start]
        while let at = stack.popLast() {
          for dy in -1...1 {
            for dx in -1...1 {
              let (y, x) = (at / width + dy, at % width + dx)
              guard (0..<height).contains(y), (0..<width).contains(x), !seen[y * width + x],
                labels[y * width + x] == labels[at]
              else { continue }
              seen[y * width + x] = true
              stack.append(y * width + x)
            }
          }
        }
      }
      #expect(try ConnectedComponents(map).count == count)
    }
  }
}
