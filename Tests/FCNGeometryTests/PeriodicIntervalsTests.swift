import FCNGraph
import Testing

@Suite struct PeriodicIntervalsTests {
  @Test func identity() { #expect(PeriodicIntervals.identity[7] == 7...7) }
}
