import FCNGraph
import FCNRuntime
import FCNTensor

/// Effective receptive field: mean |∂y/∂x| around outputs of one phase. Seeds of one backward pass are so far apart
/// that their receptive fields are disjoint. Source: GEOMETRY §6.3.
struct FieldExperiment {
  let design: ExperimentDesign
  private(set) var fields: [Field] = []
  /// Why an output has none, by index.
  private(set) var refusals: [Int: String] = [:]

  /// The accumulated gradient of one phase of one output.
  struct Field {
    var output: TrackedOutput
    var phase: [Int]
    /// Per axis, relative to the input sample below the output.
    var extent: [ClosedRange<Int>]
    /// D × H × W (missing leading axes 1), in C order.
    var sums: [Double]
    var samples = 0
    /// Gradient found outside the receptive field: where, and how much.
    var stray: (place: [Int], value: Double)?
  }

  init(_ design: ExperimentDesign) { self.design = design }

  /// Phases of which the field is taken.
  private static func phases(_ period: Int) -> [Int] {
    period == 1 ? [0] : Array(Set([0, period / 2, period - 1])).sorted()
  }

  mutating func add(
    _ canvas: Canvas, _ pass: GradientPass, generator: inout SeededGenerator
  ) throws(ExperimentError) {
    let graph = design.analysis.geometry.sized.graph
    let image = graph.inputs[design.analysis.grid.image]
    let inputs: [HostTensor]
    do throws(TensorError) {
      inputs = try canvas.crop(at: design.size.map { _ in 0 }, size: design.size)
    } catch { throw .tensor(error) }
    do throws(RuntimeError) { try pass.load(inputs) } catch { throw .runtime(error) }
    for output in design.outputs {
      guard output.tracks.allSatisfy(\.isLocal) else { continue }
      let count = output.tracks.map { FieldExperiment.phases($0.outputPeriod).count }.max() ?? 1
      for index in 0..<count {
        let phase = output.tracks.map { track -> Int in
          let phases = FieldExperiment.phases(track.outputPeriod)
          return phases[min(index, phases.count - 1)]
        }
        guard let seeds = seeds(output, phase) else { continue }
        let seed = self.seed(output, seeds, &generator)
        guard let gradient = try pass.gradient(of: graph.outputs[output.index], seed: seed, with: image) else {
          refusals[output.index] = "no gradient reaches the input (integers, or a function that is flat)"
          continue
        }
        accumulate(output, phase, seeds, gradient, shape: design.analysis.geometry.sized.type(image).shape)
      }
    }
  }

  /// Positions of one phase per axis, S apart with S·P/Q at least the width of the receptive field.
  private func seeds(_ output: TrackedOutput, _ phase: [Int]) -> [[Int]]? {
    var result: [[Int]] = []
    for (track, phase) in zip(output.tracks, phase) {
      guard let clean = track.clean, let intervals = track.facts.intervals, let width = intervals.widths.max(),
        intervals.intervals[phase] != nil
      else { return nil }
      let q = track.outputPeriod
      let step = width.dividedUp(by: track.inputPeriod) * q
      let first = phase + (clean.lowerBound - phase).dividedUp(by: q) * q
      var places = Array(stride(from: first, to: clean.upperBound, by: step))
      // In the middle of what is left over.
      if let last = places.last {
        let shift = (clean.upperBound - 1 - last) / 2 / q * q
        places = places.map { $0 + shift }
      }
      if places.isEmpty { return nil }
      result.append(places)
    }
    return result
  }

  /// ±1 on every channel of every seed.
  private func seed(_ output: TrackedOutput, _ seeds: [[Int]], _ generator: inout SeededGenerator) -> [Double] {
    var result = [Double](repeating: 0, count: output.shape.count)
    let strides = output.shape.strides
    let channels = output.channels.map { output.shape[$0] } ?? 1
    let step = output.channels.map { strides[$0] } ?? 0
    for place in FieldExperiment.product(seeds) {
      let start = zip(output.tracks, place).reduce(0) { $0 + $1.1 * strides[$1.0.axis] }
      for c in 0..<channels { result[start + c * step] = generator.next() & 1 == 0 ? 1 : -1 }
    }
    return result
  }

  private static func product(_ lists: [[Int]]) -> [[Int]] {
    lists.reduce([[]]) { partial, list in partial.flatMap { head in list.map { head + [$0] } } }
  }

  private mutating func accumulate(
    _ output: TrackedOutput, _ phase: [Int], _ seeds: [[Int]], _ gradient: [Double], shape: Shape
  ) {
    let known = fields.firstIndex { $0.output.index == output.index && $0.phase == phase }
    if known == nil {
      let extent = zip(output.tracks, phase).map { $0.facts.intervals!.relative[$1]! }
      fields.append(
        Field(
          output: output, phase: phase, extent: extent,
          sums: [Double](repeating: 0, count: extent.reduce(1) { $0 * $1.count })))
    }
    let index = known ?? fields.count - 1
    var rest = gradient
    let axes = design.analysis.grid.axes
    let lattice = shape
    for place in FieldExperiment.product(seeds) {
      var box = shape.region
      for (position, track) in output.tracks.enumerated() {
        let interval = track.facts.intervals![place[position]]!
        box[axes[position]] = interval.lowerBound..<interval.upperBound + 1
      }
      guard shape.region.contains(box) else { continue }
      let origin = box
      let field = fields[index].extent
      lattice.walk(box) { element, coordinates in
        var cell = 0
        for (position, axis) in axes.enumerated() {
          cell = cell * field[position].count + coordinates[axis] - origin[axis].lowerBound
        }
        fields[index].sums[cell] += abs(gradient[element])
        rest[element] = 0
      }
      fields[index].samples += 1
    }
    if let stray = rest.firstIndex(where: { $0 != 0 }) {
      var place: [Int] = []
      var left = stray
      for stride in shape.strides {
        place.append(left / stride)
        left %= stride
      }
      fields[index].stray = (place, rest[stray])
    }
  }

  var outcomes: [FieldOutcome] { fields.compactMap(\.outcome) }
}

extension FieldExperiment.Field {
  /// Sums over all axes but one.
  var marginals: [[Double]] {
    let sizes = extent.map(\.count)
    return sizes.indices.map { axis in
      var result = [Double](repeating: 0, count: sizes[axis])
      let inner = sizes[(axis + 1)...].reduce(1, *)
      for (index, value) in sums.enumerated() { result[index / inner % sizes[axis]] += value }
      return result
    }
  }

  /// Whether the first and the last sample of the receptive field were reached, per axis.
  var reach: [(low: Bool, high: Bool)] { marginals.map { ($0.first != 0, $0.last != 0) } }

  var outcome: FieldOutcome? {
    guard samples > 0 else { return nil }
    let width = extent[extent.count - 1].count
    let plane = (extent.count > 1 ? extent[extent.count - 2].count : 1) * width
    var map = [Double](repeating: 0, count: plane)
    for (index, value) in sums.enumerated() { map[index % plane] += value / Double(samples) }
    return FieldOutcome(
      output: output.name, phase: phase, rows: extent.count > 1 ? extent[extent.count - 2] : 0...0,
      columns: extent[extent.count - 1], map: map, samples: samples,
      statistics: FieldStatistics(
        marginals: marginals, origins: extent.map(\.lowerBound), map: map, width: width))
  }
}
