import FCNAnalysis
import FCNBackendCPU
import FCNGraph
import FCNRuntime
import FCNTensor
import Testing

/// The lecture's table of operators, and the further rows of GEOMETRY §4.3, from single-operator models: derived and
/// measured.
@Suite struct OperatorTableTests {
  static let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/testdata/operators"

  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var verdict: String
    var period: [Int]?
    /// What the lecture says; nil: nothing.
    var lecture: String?
    var testDescription: String { name }
  }

  static let rows: [Row] = {
    guard let file = try? MappedFile(path: "\(folder)/expected.json") else { return [] }
    let text = withExtendedLifetime(file) { Array(file.bytes) }
    guard let table = try? JSONValue(parsing: text, name: "expected.json").members else { return [] }
    return table.map { member in
      Row(
        name: member.key, verdict: member.value["verdict"]?.text ?? "",
        period: member.value["period"]?.elements?.compactMap(\.int), lecture: member.value["slide"]?.text)
    }
  }()

  @Test func theLectureIsCovered() {
    let said = OperatorTableTests.rows.compactMap(\.lecture)
    #expect(said.count { $0 == "yes" } >= 6)
    #expect(said.contains("no"))
  }

  @Test(arguments: rows)
  func derivedAndMeasured(_ row: Row) throws {
    let graph = try CommittedNetwork.graph(OperatorTableTests.folder, file: row.name)
    let analysis = try GeometryAnalysis(graph)
    for facts in analysis.facts[0] {
      #expect(facts.verdict.rawValue == row.verdict)
      if let period = row.period {
        #expect([facts.intervals?.inputPeriod, facts.intervals?.outputPeriod] == period)
        // E = F: an operator commutes with every shift if and only if P = 1.
        if let lecture = row.lecture { #expect((period[0] == 1) == (lecture == "yes")) }
      }
    }
    let experiments = try GeometryExperiments(
      analysis, optimized: graph, backend: CPUBackend(pool: ThreadPool(threadCount: 1), family: .direct), samples: 2,
      seed: 3,
      canvas: { (index, size) throws(ExperimentError) in
        do throws(TensorError) {
          return try Canvas(noise: UInt64(index + 5), grid: analysis.grid, size: size)
        } catch { throw .tensor(error) }
      })
    #expect(experiments.contradictions.isEmpty, "\(experiments.claims)")
    for shift in experiments.shifts where shift.shift > 0 {
      guard let period = row.period else { continue }
      #expect((shift.maximum == 0) == (shift.shift % period[0] == 0), "shift \(shift.shift)")
    }
  }
}
