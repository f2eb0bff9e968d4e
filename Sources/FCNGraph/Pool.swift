package enum PoolFunction: Sendable, Hashable {
  /// `columnMajor`: ONNX `storage_order` 1 for the flat indices.
  case max(columnMajor: Bool)
  /// `countsPadding`: ONNX `count_include_pad`.
  case average(countsPadding: Bool)
  /// (Σ|x|ᵖ)^(1/p)
  case lp(Int)
}

/// ONNX MaxPool, AveragePool, LpPool (1–22): x `[N, C, …]`.
package struct Pool: Sendable, Hashable {
  package var function: PoolFunction
  package var window: Window
  /// ONNX `ceil_mode`; windows that would start in the far padding are dropped.
  package var roundsUp: Bool
  package init(function: PoolFunction, window: Window, roundsUp: Bool = false) {
    self.function = function
    self.window = window
    self.roundsUp = roundsUp
  }
}

/// ONNX MaxUnpool (9–22): values are put where the flat indices of a MaxPool say, zeros elsewhere.
package struct MaxUnpool: Sendable, Hashable {
  package var window: Window
  package init(window: Window) { self.window = window }
}
