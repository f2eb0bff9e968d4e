package import FCNGraph
package import FCNRuntime
package import FCNTensor

/// Why an experiment could not be made.
package enum ExperimentError: Error, Sendable {
  case graph(GraphError)
  case runtime(RuntimeError)
  case tensor(TensorError)
}

extension ExperimentDesign {
  /// The outputs for the crop of `canvas` at `origin`.
  func run(
    _ canvas: Canvas, at origin: [Int], size: [Int]? = nil, _ runner: NetworkRunner
  ) throws(ExperimentError) -> [OutputValues] {
    try tensors(canvas, at: origin, size: size, runner).map(OutputValues.init)
  }

  func tensors(
    _ canvas: Canvas, at origin: [Int], size: [Int]? = nil, _ runner: NetworkRunner
  ) throws(ExperimentError) -> [HostTensor] {
    let inputs: [HostTensor]
    do throws(TensorError) { inputs = try canvas.crop(at: origin, size: size ?? self.size) } catch {
      throw .tensor(error)
    }
    do throws(RuntimeError) { return try runner.run(inputs) } catch { throw .runtime(error) }
  }
}
