import FCNGraph
import FCNTensor

/// Tries a network at sizes of its own choosing, before any picture is there.
struct NetworkProbe {
  let model: Model
  let input: PictureInput
  let others: [String: HostTensor]

  func shapes(_ size: SizeSearch.Size) -> [Shape] {
    let graph = model.graph
    return graph.inputs.indices.map {
      $0 == input.index
        ? input.shape(height: size.height, width: size.width) : others[graph[graph.inputs[$0]].name]!.shape
    }
  }

  private func runs(_ size: SizeSearch.Size) -> Bool { (try? model.sized(shapes(size))) != nil }

  /// The declared size, else one near 256x256, else the size of another picture-like input.
  func size() throws(FCNError) -> SizeSearch.Size {
    let spatial = others.values.first { $0.shape.rank == 4 }.map { ($0.shape[2], $0.shape[3]) }
    let start = SizeSearch.Size(
      height: input.fixedHeight ?? spatial?.0 ?? 256, width: input.fixedWidth ?? spatial?.1 ?? 256)
    let search = SizeSearch { self.runs($0) ? .fits : .refused }
    if let found = search.next(from: start) { return found }
    _ = try model.sized(shapes(start))
    return start
  }

  /// By how much the output grows when the input does, from two sizes; nil if only one runs.
  func growth(
    from first: SizeSearch.Size, output: Int
  ) -> (network: SizeSearch.Size, output: SizeSearch.Size)? {
    let search = SizeSearch { self.runs($0) ? .fits : .refused }
    let target = SizeSearch.Size(height: first.height * 2, width: first.width * 2)
    guard let second = search.next(from: target), let a = view(first, output), let b = view(second, output) else {
      return nil
    }
    return (
      SizeSearch.Size(height: second.height - first.height, width: second.width - first.width),
      SizeSearch.Size(height: b.height - a.height, width: b.width - a.width)
    )
  }

  private func view(_ size: SizeSearch.Size, _ output: Int) -> OutputView? {
    guard let sized = try? model.sized(shapes(size)) else { return nil }
    return OutputView(
      sized.type(sized.graph.outputs[output]).shape, input: input, height: size.height, width: size.width)
  }
}
