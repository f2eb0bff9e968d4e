package import FCNAnalysis
import FCNTensor

/// A contradiction as files: what was claimed and found, and the tensors that show it.
package enum ContradictionFolder {
  /// Writes `example.json` and the tensors as NPY into a new folder.
  /// - Returns: the folders, one per contradiction.
  /// - Throws: `FCNError` if a file cannot be written.
  package static func write(_ contradictions: [Contradiction], model: String, to path: String) throws(FCNError)
    -> [String]
  {
    var folders: [String] = []
    for (index, contradiction) in contradictions.enumerated() {
      let folder = contradictions.count == 1 ? path : "\(path)_\(index + 1)"
      do throws(TensorError) {
        try Folder.make(folder)
        for file in contradiction.files {
          try AtomicFile.write(try NPY.encode(file.tensor), to: "\(folder)/\(file.name).npy")
        }
        let text = document(contradiction, model: model).serialized(pretty: true) + "\n"
        try AtomicFile.write(Array(text.utf8), to: "\(folder)/example.json")
      } catch { throw FCNError(writing: error) }
      folders.append(folder)
    }
    return folders
  }

  private static func document(_ contradiction: Contradiction, model: String) -> JSONValue {
    [
      "model": .string(model), "output": .string(contradiction.claim.output),
      "axis": .string(contradiction.claim.axis), "claimed": .string(contradiction.claim.statement),
      "found": .string(contradiction.claim.detail), "firstFailingNode": .string(contradiction.node),
      "note": .string(contradiction.note), "size": .array(contradiction.size.map(JSONValue.integer)),
      "files": .array(contradiction.files.map { .string($0.name + ".npy") }),
    ]
  }
}
