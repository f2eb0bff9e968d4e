extension GraphGeometry {
  /// Whether node `index`, or something on the way to it, reads copies of samples beyond the border. There an output
  /// may depend on the image although none of its phase does: the copy is one of another phase.
  ///
  /// - Parameter copies: the same of every value that enters.
  func readsCopies(_ index: Int, _ source: Int, _ copies: [Bool]) -> Bool {
    sized.graph.nodes[index].inputs.enumerated().contains { place, input in
      guard let input, dependence(source, input) != .none else { return false }
      return copies[input.index]
        || rules[index]?.inputs[place].contains { $0.rule.border?.copies ?? false } ?? false
    }
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
