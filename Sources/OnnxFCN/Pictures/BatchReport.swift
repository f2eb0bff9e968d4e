package import FCNTensor

/// What became of a batch, as one document.
package struct BatchReport: Sendable {
  package var model: String
  package var notes: [String] = []
  package var preprocessing: JSONValue = .null
  package var entries: [PictureBatch.Entry] = []
  /// Interrupted before all inputs were reached.
  package var isInterrupted = false

  package init(model: String) { self.model = model }

  package func count(_ status: PictureBatch.Entry.Status) -> Int { entries.count { $0.status == status } }
  /// Of the first input that failed.
  package var firstError: FCNError? { entries.lazy.compactMap(\.error).first }

  /// `{"model", "notes", "preprocessing", "inputs": [{"input", "status", "outputs", "error"?, "result"?}], "done",
  /// "skipped", "failed", "interrupted"}`
  package var json: JSONValue {
    [
      "model": .string(model), "notes": .array(notes.map(JSONValue.string)), "preprocessing": preprocessing,
      "inputs": .array(entries.map(\.json)), "done": .integer(count(.done)), "skipped": .integer(count(.skipped)),
      "failed": .integer(count(.failed)), "interrupted": .bool(isInterrupted),
    ]
  }
}
