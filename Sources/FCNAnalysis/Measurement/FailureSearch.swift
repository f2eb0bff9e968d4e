import FCNGraph
import FCNReference
import FCNRuntime
import FCNTensor

/// Looks for the first node at which a contradicted statement fails already: there the rule of an operator is wrong.
struct FailureSearch {
  let design: ExperimentDesign
  let canvas: Canvas
  let backend: any Backend
  let budget: Int

  private static let valueLimit = 500

  func contradiction(_ claim: Claim) throws(ExperimentError) -> Contradiction {
    let axis = design.analysis.grid.names.firstIndex(of: claim.axis)
    var place = design.size.map { _ in 0 }
    for other in place.indices where axis == nil || other == axis { place[other] = design.periods[other] }
    let first: [HostTensor]
    let second: [HostTensor]
    do throws(TensorError) {
      first = try canvas.crop(at: place.map { _ in 0 }, size: design.size)
      second = try canvas.crop(at: place, size: design.size)
    } catch { throw .tensor(error) }
    let failing = try firstFailure(first, second, shift: place)
    var files: [(name: String, tensor: HostTensor)] = []
    for (index, tensor) in first.enumerated() { files.append(("image_in_\(index)", tensor)) }
    for (index, tensor) in second.enumerated() { files.append(("shifted_in_\(index)", tensor)) }
    if let failing { files += [("image_value", failing.first), ("shifted_value", failing.second)] }
    let from = place.map(String.init).joined(separator: ", ")
    return Contradiction(
      claim: claim, node: failing?.node ?? "", size: design.size, files: files,
      note: failing?.note ?? "the second image is the first one from (\(from)) on")
  }

  private struct Failing {
    var node: String
    var note: String
    var first: HostTensor
    var second: HostTensor
  }

  /// Compares every value of the two runs by its own period and border depth.
  private func firstFailure(
    _ first: [HostTensor], _ second: [HostTensor], shift: [Int]
  ) throws(ExperimentError) -> Failing? {
    let geometry = design.analysis.geometry
    let graph = geometry.sized.graph
    let sources = design.analysis.grid.axes.indices.map { design.analysis.sources(axis: $0) }
    var kept: [(node: Int, id: ValueID)] = []
    for (index, node) in graph.nodes.enumerated() where geometry.sized.sizings[index] != nil {
      if let output = node.outputs[0], geometry.sized.constant(output) == nil { kept.append((index, output)) }
    }
    // Each value is followed back to the input: the first ones are enough to tell where it begins.
    kept = Array(kept.prefix(FailureSearch.valueLimit))
    let results: ([HostTensor], [HostTensor])
    do throws(GraphError) {
      let runner = try NetworkRunner(graph, keeping: kept.map(\.id), backend: backend, budget: budget)
      do throws(RuntimeError) { results = (try runner.run(first), try runner.run(second)) } catch {
        throw GraphError(.size, error.description)
      }
    } catch { throw .graph(error) }
    for (position, item) in kept.enumerated() {
      let facts = sources.map { AxisFacts(geometry, sources: $0, output: item.id, attribution: 0) }
      let name = graph.nodes[item.node].name
      guard
        let output = TrackedOutput(0, name: name, type: geometry.sized.types[item.id.index], facts: facts),
        output.tracks.allSatisfy({ $0.isLocal && $0.facts.verdict != .anchored })
      else { continue }
      let (a, b) = (results.0[position], results.1[position])
      if let note = failure(output, OutputValues(a), OutputValues(b), shift) {
        return Failing(node: graph.nodes[item.node].label, note: note, first: a, second: b)
      }
    }
    return nil
  }

  private func failure(_ output: TrackedOutput, _ a: OutputValues, _ b: OutputValues, _ shift: [Int]) -> String? {
    var region = output.shape.region
    var offset = 0
    for (axis, track) in output.tracks.enumerated() {
      guard let clean = track.clean, shift[axis] % track.inputPeriod == 0 else { return nil }
      let moved = shift[axis] / track.inputPeriod * track.outputPeriod
      region[track.axis] = min(clean.lowerBound + moved, clean.upperBound)..<clean.upperBound
      offset += moved * output.shape.strides[track.axis]
    }
    if region.isEmpty { return nil }
    let difference = OutputDifference(a, b, region: region, offset: -offset, channels: output.channels)
    guard difference.relative > ClaimJudge.rounding else { return nil }
    var worst: (error: Double, place: [Int], expected: Float, got: Float) = (0, [], 0, 0)
    a.walk(region) { index, coordinates in
      let error = OutputDifference.error(a.values[index], b.values[index - offset])
      if error > worst.error { worst = (error, coordinates, a.values[index], b.values[index - offset]) }
    }
    return "\(output.name) at \(worst.place): expected \(worst.expected), got \(worst.got) from the shifted image"
  }
}
