import FCNGraph
import FCNTensor
import FCNTestKit
import Testing

/// What the geometry says of random networks, against the networks themselves.
@Suite struct RandomNetworkTests {
  /// Networks from the seeds `shard`, `shard` + shards, … that run at their size.
  private func tally(_ count: Int, rank: Int, shard: Int, of shards: Int) throws -> Tally {
    var result = Tally()
    var seed = shard
    while result[.networks] < count {
      defer { seed += shards }
      var network = RandomNetwork(seed: UInt64(seed), rank: rank)
      let made: (graph: Graph, input: [Int])
      do { made = try network.make() } catch is GraphError { continue }
      var proof = BruteForce(made.graph, input: made.input, label: "seed \(seed)", seed: UInt64(seed))
      try proof.prove()
      result.add(proof.tally)
    }
    return result
  }

  private func tally(_ count: Int, rank: Int) async throws -> Tally {
    let shards = 16
    return try await withThrowingTaskGroup(of: Tally.self) { group in
      for shard in 0..<shards {
        group.addTask { try tally(count.dividedUp(by: shards), rank: rank, shard: shard, of: shards) }
      }
      var result = Tally()
      for try await part in group { result.add(part) }
      return result
    }
  }

  private func check(_ tally: Tally, _ title: String) {
    print("\(title): \(tally.text)")
    for text in tally.failures.prefix(5) { Issue.record("\(text)") }
    #expect(tally[.missedDependences] == 0 && tally[.missedBorders] == 0, "\(title): \(tally.text)")
    #expect(tally[.unsound] == 0 && tally[.sound] == tally[.lattices], "\(title): \(tally.text)")
    #expect(tally[.minimal] * 100 >= tally[.longer] * 99, "\(title): \(tally.text)\n\(tally.loose.prefix(3))")
  }

  @Test func rows() async throws { check(try await tally(8000, rank: 1), "1-D") }

  @Test func pictures() async throws { check(try await tally(1008, rank: 2), "2-D") }
}
