/// The last operator of a graph as far as it tells what an output's numbers are.
package enum FinalActivation: Sendable, Hashable {
  case softmax, sigmoid, argmax
  /// The graph ends in something that leaves any real number (a convolution, an addition …).
  case none
  case unknown
}

/// `--activation`: what turns the output into probabilities.
package enum ActivationOption: String, Sendable, CaseIterable {
  /// As the graph says, else as the values look.
  case auto
  /// Nothing: the values are probabilities already.
  case none
  case softmax, sigmoid
}

/// What an output's numbers are.
package enum ScoreKind: Sendable, Hashable {
  /// Any real numbers; softmax over the classes makes them probabilities. The highest class is the label.
  case logits
  /// Any real numbers; the sigmoid makes each class's a probability of its own.
  case sigmoidLogits
  /// Probabilities that sum to 1 over the classes. The highest class is the label.
  case softmax
  /// A probability of its own for each class.
  case sigmoid
  /// The label itself.
  case labels

  /// Whether each class is decided by the threshold, and label 0 is "no class".
  package var isThresholded: Bool { self == .sigmoid || self == .sigmoidLogits }
  package var isLogits: Bool { self == .logits || self == .sigmoidLogits }
}
