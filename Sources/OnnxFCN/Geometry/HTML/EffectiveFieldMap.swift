import Glibc

/// One effective receptive field: a heat map in the theoretical box, with marginals.
struct EffectiveFieldMap {
  let field: GeometryMeasurement.EffectiveField
  /// Cube roots of the values over that of the largest, at most `mapSide` on a side.
  private let map: (values: [Double], width: Int, height: Int)
  /// Sums over columns for each row, and over rows for each column, over their largest.
  private let rowSums: [Double]
  private let columnSums: [Double]
  private static let mapSide = 400

  init?(_ field: GeometryMeasurement.EffectiveField) {
    let limit = 1 << 26
    let ends = [field.rows.lowerBound, field.rows.upperBound, field.columns.lowerBound, field.columns.upperBound]
    guard ends.allSatisfy({ (-limit...limit).contains($0) }) else { return nil }
    let (height, width) = (field.rows.count, field.columns.count)
    let (count, overflow) = height.multipliedReportingOverflow(by: width)
    guard !overflow, count > 0, count == field.map.count, count <= limit else { return nil }
    self.field = field
    let values = field.map.map { $0.isFinite ? max(0, $0) : 0 }
    var rowSums = [Double](repeating: 0, count: height)
    var columnSums = [Double](repeating: 0, count: width)
    for row in 0..<height {
      for column in 0..<width {
        rowSums[row] += values[row * width + column]
        columnSums[column] += values[row * width + column]
      }
    }
    self.rowSums = Self.normalized(rowSums)
    self.columnSums = Self.normalized(columnSums)
    map = Self.reduced(values, width, height)
  }

  private static func normalized(_ values: [Double]) -> [Double] {
    guard let largest = values.max(), largest > 0, largest.isFinite else { return values.map { _ in 0 } }
    return values.map { $0 / largest }
  }

  /// Means of blocks if the map is large; cube roots, so that the faint outer part is seen.
  private static func reduced(_ values: [Double], _ width: Int, _ height: Int) -> ([Double], Int, Int) {
    let block = (max(width, height) + mapSide - 1) / mapSide
    let columns = (width + block - 1) / block
    let rows = (height + block - 1) / block
    var result: [Double] = []
    result.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = 0.0
        let ys = row * block..<min(height, (row + 1) * block)
        let xs = column * block..<min(width, (column + 1) * block)
        for y in ys { for x in xs { sum += values[y * width + x] } }
        result.append(sum / Double(ys.count * xs.count))
      }
    }
    return (normalized(result).map { cbrt($0) }, columns, rows)
  }

  /// Of rows and columns.
  private var deviations: [Double?] {
    let list = field.standardDeviation.suffix(2).map { $0.isFinite && $0 > 0 ? $0 : nil }
    return Array(repeating: nil, count: 2 - list.count) + list
  }

  private var centers: [Double] {
    let list = field.centroid.suffix(2).map { $0.isFinite ? $0 : 0 }
    return Array(repeating: 0, count: 2 - list.count) + list
  }

  var phase: String { "(" + field.phase.map(String.init).joined(separator: ",\u{A0}") + ")" }

  var drawing: Drawing {
    let (height, columns) = (Double(field.rows.count), Double(field.columns.count))
    let scale = 240 / max(height, columns)
    let left = 40.0
    let top = 26.0
    let mapWidth = max(3, columns * scale)
    let mapHeight = max(3, height * scale)
    var drawing = Drawing(width: 350, height: top + mapHeight + 148)
    let x = LinearScale(
      Double(field.columns.lowerBound) - 0.5, Double(field.columns.upperBound) + 0.5, to: left, left + mapWidth)
    let y = LinearScale(
      Double(field.rows.lowerBound) - 0.5, Double(field.rows.upperBound) + 0.5, to: top, top + mapHeight)
    if let image = ColorMap.image(map.values, width: map.width, height: map.height) {
      drawing.image(image, left, top, mapWidth, mapHeight, "pixels")
    }
    drawing.rectangle(left, top, mapWidth, mapHeight, "outline")
    drawing.text("phase \(phase)", left, 14, .start, "title")
    square(&drawing, x, y, scale)
    let base = top + mapHeight + 20
    for tick in y.ticks(5) { drawing.text(NumberText.whole(tick), left - 6, y(tick) + 4, .end) }
    for tick in x.ticks(5) { drawing.text(NumberText.whole(tick), x(tick), base - 4, .middle) }
    if height > 1 { rowMarginal(&drawing, y, at: left + mapWidth + 10) }
    columnMarginal(&drawing, x, at: base + 6)
    colorBar(&drawing, left, base + 76, mapWidth)
    return drawing
  }

  private func square(_ drawing: inout Drawing, _ x: LinearScale, _ y: LinearScale, _ scale: Double) {
    let side = Double(max(0, field.side))
    let center = Point(x: x(centers[1].rounded()), y: y(centers[0].rounded()))
    let width = min(side * scale, x.end - x.start)
    let height = min(side * scale, y.end - y.start)
    let left = min(max(center.x - width / 2, x.start), x.end - width)
    let top = min(max(center.y - height / 2, y.start), y.end - height)
    drawing.rectangle(left, top, width, height, "square")
    drawing.rectangle(left, top, width, height, "square dash")
  }

  private func bell(_ value: Double, _ center: Double, _ deviation: Double) -> Double {
    exp(-(value - center) * (value - center) / (2 * deviation * deviation))
  }

  /// The height of the Gaussian with the area of the marginal.
  private func peak(_ sums: [Double], _ deviation: Double) -> Double {
    sums.reduce(0, +) / (deviation * (2 * Double.pi).squareRoot())
  }

  private func rowMarginal(_ drawing: inout Drawing, _ y: LinearScale, at left: Double) {
    let origin = Double(field.rows.lowerBound)
    let points = rowSums.indices.map { Point(x: left + rowSums[$0] * 46, y: y(origin + Double($0))) }
    drawing.path([Point(x: left, y: y.start)] + points + [Point(x: left, y: y.end)], "f1 pale", isClosed: true)
    drawing.path(points, "s1 curve")
    guard let deviation = deviations[0] else { return }
    let peak = peak(rowSums, deviation)
    let fit = (0...80).map { step -> Point in
      let value = y.low + (y.high - y.low) * Double(step) / 80
      return Point(x: left + min(1.3, peak * bell(value, centers[0], deviation)) * 46, y: y(value))
    }
    drawing.path(fit, "s2 curve dashed")
  }

  private func columnMarginal(_ drawing: inout Drawing, _ x: LinearScale, at top: Double) {
    let origin = Double(field.columns.lowerBound)
    let bottom = top + 48
    let points = columnSums.indices.map { Point(x: x(origin + Double($0)), y: bottom - columnSums[$0] * 46) }
    drawing.path([Point(x: x.start, y: bottom)] + points + [Point(x: x.end, y: bottom)], "f1 pale", isClosed: true)
    drawing.path(points, "s1 curve")
    guard let deviation = deviations[1] else { return }
    let peak = peak(columnSums, deviation)
    let fit = (0...80).map { step -> Point in
      let value = x.low + (x.high - x.low) * Double(step) / 80
      return Point(x: x(value), y: bottom - min(1.3, peak * bell(value, centers[1], deviation)) * 46)
    }
    drawing.path(fit, "s2 curve dashed")
  }

  private func colorBar(_ drawing: inout Drawing, _ left: Double, _ top: Double, _ width: Double) {
    let ramp = (0..<64).map { Double($0) / 63 }
    if let image = ColorMap.image(ramp, width: 64, height: 1) { drawing.image(image, left, top, width, 10, "photo") }
    for (share, text) in [(0.0, "0"), (0.01, "1 %"), (0.1, "10 %"), (1, "100 %")] {
      drawing.text(text, left + cbrt(share) * width, top + 24, .middle)
    }
    drawing.text("of the largest value", left + width / 2, top + 41, .middle, "title")
  }
}
