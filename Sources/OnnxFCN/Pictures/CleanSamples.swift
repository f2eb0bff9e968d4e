import FCNAnalysis
package import FCNGraph
import FCNImage
import FCNSegmentation
import FCNTensor
import Synchronization

/// The samples of a network's output that no border rule and no added row or column touched.
package struct CleanSamples: Sendable, Hashable {
  package var rows: Range<Int>
  package var columns: Range<Int>
  /// Why there are none, if so.
  package var reasons: [TrustedRegion.Reason] = []

  /// - Parameters:
  ///   - axes: the tensor axes of the output's rows and columns.
  ///   - foreign: the rows and columns of the input that are not the picture's own.
  package init(
    _ geometry: GraphGeometry, input: Int, output: ValueID, axes: (rows: Int, columns: Int),
    foreign: (rows: BorderDepth, columns: BorderDepth)
  ) {
    let shape = geometry.sized.type(output).shape
    rows = 0..<shape[axes.rows]
    columns = 0..<shape[axes.columns]
    let sources = geometry.sources.indices.filter { geometry.sources[$0].input == input }
    for (source, foreign) in zip(sources, [foreign.rows, foreign.columns]) {
      switch geometry.dependence(source, output) {
      case .none: continue
      case .all(let reasons), .unknown(let reasons): refuse(reasons, geometry)
      case .local(let local):
        let depth = geometry.depths(source, initial: foreign)[output.index] ?? .wholeAxis
        if depth == BorderDepth() { continue }
        if local.extent == nil, local.axis == axes.rows {
          rows = cut(rows, depth, shape[axes.rows], "rows")
        } else if local.extent == nil, local.axis == axes.columns {
          columns = cut(columns, depth, shape[axes.columns], "columns")
        } else {
          let side = source == sources.first ? "rows" : "columns"
          refuse([], geometry)
          add(TrustedRegion.Reason(node: nil, reason: "the picture's \(side) are no \(side) of the output"))
        }
      }
    }
  }

  /// Nothing is clean.
  init(reason: String) {
    (rows, columns) = (0..<0, 0..<0)
    reasons = [TrustedRegion.Reason(node: nil, reason: reason)]
  }

  private mutating func add(_ reason: TrustedRegion.Reason) {
    if !reasons.contains(reason) { reasons.append(reason) }
  }

  private mutating func refuse(_ list: [GeometryReason], _ geometry: GraphGeometry) {
    (rows, columns) = (0..<0, 0..<0)
    for reason in list {
      add(TrustedRegion.Reason(node: geometry.sized.graph.nodes[reason.node].name, reason: reason.text))
    }
  }

  private mutating func cut(_ range: Range<Int>, _ depth: BorderDepth, _ size: Int, _ name: String) -> Range<Int> {
    let (low, high) = (min(depth.low, size), min(depth.high, size))
    let inner = low < size - high ? low..<size - high : low..<low
    let result = range.clamped(to: inner)
    if result.isEmpty, !range.isEmpty {
      let text =
        "the border reaches \(low) of \(size) \(name) of the output at the low side and \(high) at the high side"
      add(TrustedRegion.Reason(node: nil, reason: text))
    }
    return result
  }
}

extension PicturePipeline {
  /// All that the clean samples follow from, in one network.
  package struct CleanKey: Sendable, Hashable {
    var picture: SizeSearch.Size
    var resampled: SizeSearch.Size
    var network: SizeSearch.Size
  }

  /// The clean samples of the output that is read.
  ///
  /// - Complexity: the geometry of the graph, once for pictures of the same size.
  package func cleanSamples(_ fitted: Fitted) -> CleanSamples {
    let key = CleanKey(
      picture: SizeSearch.Size(height: fitted.picture.height, width: fitted.picture.width),
      resampled: SizeSearch.Size(height: fitted.resampled.height, width: fitted.resampled.width),
      network: fitted.network)
    if let known = clean.withLock({ $0[key] }) { return known }
    let found: CleanSamples
    do throws(FCNError) { found = try cleanSamples(key) } catch {
      found = CleanSamples(reason: "the geometry is not known: \(error.message)")
    }
    clean.withLock { $0[key] = found }
    return found
  }

  private func cleanSamples(_ key: CleanKey) throws(FCNError) -> CleanSamples {
    let geometry = try geometry(key.network)
    let id = geometry.sized.graph.outputs[output.index]
    let shape = geometry.sized.type(id).shape
    guard let view = OutputView(shape, input: input, height: key.network.height, width: key.network.width) else {
      throw FCNError(.input, "output \(output.name): \(shape) is no picture")
    }
    func foreign(_ axis: KeyPath<SizeSearch.Size, Int>) -> BorderDepth {
      let (from, to) = (key.picture[keyPath: axis], key.resampled[keyPath: axis])
      let inner = ResizingReach(from: from, to: to).clean(0..<from)
      return BorderDepth(low: inner.lowerBound, high: key.network[keyPath: axis] - inner.upperBound)
    }
    return CleanSamples(
      geometry, input: input.index, output: id, axes: view.axes(rank: shape.rank),
      foreign: (foreign(\.height), foreign(\.width)))
  }

  /// The geometry at a size of the network; the picture moves, all other inputs stay where they are.
  private func geometry(_ size: SizeSearch.Size) throws(FCNError) -> GraphGeometry {
    let fixed = Set(model.graph.inputs.indices).subtracting([input.index])
    let axes = [input.index: input.spatialAxes]
    let sized = try model.sized(shapes(size), optimized: false)
    let rough = GraphGeometry(sized, fixedInputs: fixed, axes: axes)
    let sources = rough.sources.indices.filter { rough.sources[$0].input == input.index }
    var larger = size
    for (source, axis) in zip(sources, [\SizeSearch.Size.height, \.width]) {
      larger[keyPath: axis] += GeometryAnalysis.guessedPeriod(rough, [source])
    }
    let other = try? model.sized(shapes(larger, following: size), optimized: false)
    return GraphGeometry(sized, other: other, fixedInputs: fixed, isOnlySize: other == nil, axes: axes)
  }

  /// The shapes at another size: inputs of the picture's size at `old` keep up with it.
  private func shapes(_ size: SizeSearch.Size, following old: SizeSearch.Size) -> [Shape] {
    shapes(size).enumerated().map { index, shape in
      let axes = GraphGeometry.spatialAxes(shape)
      guard index != input.index, axes.count == 2, axes.map({ shape[$0] }) == [old.height, old.width] else {
        return shape
      }
      var dims = shape.dims
      (dims[axes[0]], dims[axes[1]]) = (size.height, size.width)
      return Shape(dims)
    }
  }
}

extension PictureInput {
  /// The tensor axes of the picture's rows and columns.
  var spatialAxes: [Int] { layout == .nhwc ? [rank - 3, rank - 2] : [rank - 2, rank - 1] }
}

extension OutputView {
  /// The tensor axes of its rows and columns.
  func axes(rank: Int) -> (rows: Int, columns: Int) {
    hint == .last ? (rank - 3, rank - 2) : (rank - 2, rank - 1)
  }
}
