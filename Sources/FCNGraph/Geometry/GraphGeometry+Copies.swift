extension GraphGeometry {
  /// Whether something on the way to node `index` reads copies of samples beyond the border. There an output may depend
  /// on the image although none of its phase does: the copy is one of another phase.
  func copiesAtBorder(_ index: Int, _ source: Int) -> Bool {
    let producers = sized.graph.producers()
    var seen: Set<Int> = []
    var waiting = [index]
    while let next = waiting.popLast() {
      guard seen.insert(next).inserted else { continue }
      for (place, input) in sized.graph.nodes[next].inputs.enumerated() {
        guard let input, dependence(source, input) != .none else { continue }
        if rules[next]?.inputs[place].contains(where: { $0.rule.border?.copies ?? false }) ?? false { return true }
        if let producer = producers[input.index] { waiting.append(producer) }
      }
    }
    return false
  }
}

extension Border {
  /// Whether a sample beyond the border is another one inside.
  fileprivate var copies: Bool {
    switch self {
    case .zero, .ignored, .constant: false
    case .edge, .reflect, .wrap: true
    }
  }
}
