import OnnxFCN

/// The exit status of each kind of error.
func exitStatus(_ category: FCNError.Category) -> Int32 {
  switch category {
  case .usage: 1
  case .input: 2
  case .unsupported: 3
  case .invalidModel: 4
  case .resources: 5
  case .comparison: 6
  case .exactness: 7
  case .cancelled: 130
  }
}
