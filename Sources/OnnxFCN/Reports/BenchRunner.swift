import FCNGraph
import FCNRuntime
package import FCNTensor
import Glibc

/// Seconds since some fixed moment.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The most memory that this process ever had resident.
package func peakResidentBytes() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss * 1024
}

/// Times of one model at one size.
package struct BenchReport: Sendable {
  package struct Layer: Sendable {
    package var node: String
    package var kernel: String
    package var milliseconds: Double
    package var gflops: Double
    package var share: Double
  }

  package var loadMilliseconds = 0.0
  package var prepareMilliseconds = 0.0
  package var firstMilliseconds = 0.0
  package var times: [Double] = []
  package var peakBytes = 0
  package var arenaBytes = 0
  package var flops = 0
  package var layers: [Layer] = []
  package var threads = 0
  package var isa = ""
  package var device = ""
  package var shapes: [Shape] = []

  /// Of the sorted times, at a fraction of the way.
  package func quantile(_ fraction: Double) -> Double {
    let sorted = times.sorted()
    return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))]
  }

  package var json: JSONValue {
    func number(_ value: Double) -> JSONValue { .number((value * 1000).rounded() / 1000) }
    return .object([
      JSONMember("load_ms", number(loadMilliseconds)), JSONMember("prepare_ms", number(prepareMilliseconds)),
      JSONMember("first_ms", number(firstMilliseconds)), JSONMember("median_ms", number(quantile(0.5))),
      JSONMember("min_ms", number(times.min() ?? 0)), JSONMember("p90_ms", number(quantile(0.9))),
      JSONMember("runs", .integer(times.count)), JSONMember("peak_rss_bytes", .integer(peakBytes)),
      JSONMember("arena_bytes", .integer(arenaBytes)), JSONMember("flops", .integer(flops)),
      JSONMember("threads", .integer(threads)), JSONMember("isa", .string(isa)),
      JSONMember("device", .string(device)),
      JSONMember("shapes", .array(shapes.map { .string($0.description) })),
      JSONMember(
        "layers",
        .array(
          layers.map {
            .object([
              JSONMember("node", .string($0.node)), JSONMember("kernel", .string($0.kernel)),
              JSONMember("ms", number($0.milliseconds)), JSONMember("gflops", number($0.gflops)),
              JSONMember("share", number($0.share)),
            ])
          })),
    ])
  }
}

/// Loads, prepares and runs a model on seeded noise, and takes the times.
package enum BenchRunner {
  /// - Parameters:
  ///   - sizes: of the inputs.
  ///   - perLayer: also the median time of every step.
  package static func run(
    path: String, engine: Engine, sizes: InputSizes, runs: Int, warmup: Int, perLayer: Bool, backend: String = "auto"
  ) throws(FCNError) -> BenchReport {
    var report = BenchReport()
    var start = monotonicSeconds()
    func lap() -> Double {
      let now = monotonicSeconds()
      defer { start = now }
      return (now - start) * 1000
    }
    let model = try Model(path: path, engine: engine)
    report.loadMilliseconds = lap()
    report.shapes = try sizes.shapes(of: model)
    start = monotonicSeconds()
    // The plan judges the sizes before memory is taken for them.
    let prepared = try model.prepared(report.shapes, backend: backend)
    report.prepareMilliseconds = lap()
    let inputs = try noise(model, report.shapes, seed: 1)
    start = monotonicSeconds()
    _ = try time(prepared, inputs)
    report.firstMilliseconds = lap()
    for _ in 0..<warmup { _ = try time(prepared, inputs) }
    for _ in 0..<runs { report.times.append(try time(prepared, inputs)) }
    report.peakBytes = peakResidentBytes()
    report.arenaBytes = prepared.executable.arenaBytes
    report.threads = engine.threads
    report.isa = engine.instructionSet
    report.device = engine.deviceName
    let costs = prepared.plan.steps.map { step in
      step.sizing.flops(step.node, inputs: step.inputs.map { $0.map { prepared.plan.sized.type($0.id) } })
    }
    report.flops = costs.reduce(0, saturatingSum)
    if perLayer { report.layers = try layers(prepared, inputs, costs, runs: max(1, runs)) }
    return report
  }

  private static func time(_ prepared: PreparedPlan, _ inputs: [HostTensor]) throws(FCNError) -> Double {
    let start = monotonicSeconds()
    do throws(RuntimeError) { _ = try prepared.run(inputs) } catch { throw FCNError(error) }
    return (monotonicSeconds() - start) * 1000
  }

  private static func layers(
    _ prepared: PreparedPlan, _ inputs: [HostTensor], _ costs: [Int], runs: Int
  ) throws(FCNError) -> [BenchReport.Layer] {
    let steps = prepared.plan.steps
    let recorder = StepRecorder(count: steps.count)
    for _ in 0..<runs {
      do throws(RuntimeError) {
        _ = try prepared.run(inputs, control: RunControl(onTime: { recorder.record($0, $1) }))
      } catch { throw FCNError(error) }
    }
    let times = recorder.medians()
    let total = times.reduce(0, +)
    return steps.indices.map { index in
      let step = steps[index]
      let names = [step.node.label] + step.absorbed
      return BenchReport.Layer(
        node: names.joined(separator: " + "), kernel: step.isAlias ? "view" : step.offer.name,
        milliseconds: times[index], gflops: times[index] > 0 ? Double(costs[index]) / times[index] * 1e-6 : 0,
        share: total > 0 ? times[index] / total : 0)
    }
  }

  /// Uniform noise in [0, 1) for floats, in 0…255 for integers.
  package static func noise(_ model: Model, _ shapes: [Shape], seed: UInt64) throws(FCNError) -> [HostTensor] {
    var generator = SeededGenerator(seed)
    var result: [HostTensor] = []
    do throws(TensorError) {
      for (port, shape) in zip(model.graph.inputs, shapes) {
        let type = model.graph[port].elementType ?? .float32
        let count = try shape.checkedCount()
        let values = (0..<count).map { _ in
          let noise = generator.real(in: 0...1)
          return type.isFloat ? noise : (noise * 256).rounded(.down)
        }
        result.append(try HostTensor(doubles: values, elementType: type, shape: shape))
      }
    } catch { throw FCNError(error) }
    return result
  }
}

/// Times of steps; used by one run at a time.
private final class StepRecorder {
  private var samples: [[Double]]

  init(count: Int) { samples = Array(repeating: [], count: count) }

  /// A fallback may have other steps.
  func record(_ index: Int, _ milliseconds: Double) {
    if samples.indices.contains(index) { samples[index].append(milliseconds) }
  }

  func medians() -> [Double] {
    samples.map { $0.isEmpty ? 0 : $0.sorted()[$0.count / 2] }
  }
}
