import FCNGraph
import FCNONNX

enum CommittedNetwork {
  static func graph(_ folder: String, _ name: String) throws -> Graph {
    try ImportedModel(path: "\(folder)/\(name)/model.onnx").graph
  }

  static func graph(_ folder: String, file name: String) throws -> Graph {
    try ImportedModel(path: "\(folder)/\(name).onnx").graph
  }
}
