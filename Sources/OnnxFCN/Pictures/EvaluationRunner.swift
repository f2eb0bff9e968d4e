import FCNImage
import FCNSegmentation
package import FCNTensor

/// Predictions in files against truth in files.
package struct EvaluationRunner {
  package struct Options: Sendable {
    /// Nil: the highest label + 1, 255 read as 1 where truth holds just 0 and 255.
    package var classCount: Int?
    package var ignore: Int?
    /// As `--map`.
    package var map: String?
    package init() {}
  }

  /// A picture of each that belong together.
  package struct Pair: Sendable, Hashable {
    package var name: String
    package var prediction: String
    package var truth: String
  }

  private let pairs: [Pair]
  private let options: Options
  private let map: ValueMap?
  private var notes: [String]

  /// - Parameters:
  ///   - prediction, truth: two files, or two folders whose files are matched by name without extension; a prediction
  ///     may be called `{name}_labels` or `{name}_prob`.
  /// - Throws: `FCNError.usage` for a bad option, `.input` if nothing matches.
  package init(prediction: String, truth: String, options: Options) throws(FCNError) {
    self.options = options
    if let count = options.classCount, !(1...4096).contains(count) {
      throw FCNError(.usage, "classes: expected 1…4096, got \(count)")
    }
    do throws(SegmentationError) {
      if let text = options.map { map = try ValueMap(parsing: text) } else { map = nil }
    } catch { throw FCNError(error) }
    notes = []
    pairs = try EvaluationRunner.pairs(prediction, truth, &notes)
  }

  private static func pairs(_ prediction: String, _ truth: String, _ notes: inout [String]) throws(FCNError) -> [Pair] {
    let areFolders = (Folder.isFolder(prediction), Folder.isFolder(truth))
    guard areFolders.0 == areFolders.1 else {
      throw FCNError(.usage, "expected two files or two folders, got \(prediction) and \(truth)")
    }
    if !areFolders.0 { return [Pair(name: FileTemplate.stem(truth), prediction: prediction, truth: truth)] }
    let truths = try files(truth)
    var predictions: [String: String] = [:]
    for (stem, path) in try files(prediction) {
      if let other = predictions.updateValue(path, forKey: stem) {
        throw FCNError(.input, "\(other) and \(path): two predictions of the same name")
      }
    }
    var pairs: [Pair] = []
    var missing: [String] = []
    var used: Set<String> = []
    for (stem, path) in truths {
      if let found = [stem, stem + "_labels", stem + "_prob"].first(where: { predictions[$0] != nil }) {
        used.insert(found)
        pairs.append(Pair(name: stem, prediction: predictions[found]!, truth: path))
      } else {
        missing.append(stem)
      }
    }
    if pairs.isEmpty { throw FCNError(.input, "no prediction in \(prediction) has the name of a truth in \(truth)") }
    if !missing.isEmpty {
      notes.append("\(missing.count) of \(truths.count) truths have no prediction: \(list(missing))")
    }
    let unused = predictions.keys.filter { !used.contains($0) }.sorted()
    if !unused.isEmpty { notes.append("\(unused.count) predictions have no truth: \(list(unused))") }
    return pairs
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
  }

  private static func files(_ folder: String) throws(FCNError) -> [(stem: String, path: String)] {
    let entries: [String]
    do throws(TensorError) { entries = try Folder.entries(of: folder) } catch { throw FCNError(error) }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return entries.filter { !$0.hasPrefix(".") && ["png", "npy"].contains(FileTemplate.fileExtension($0) ?? "") }
      .map { (FileTemplate.stem($0), prefix + $0) }
  }

  /// Reads every pair and measures. A pair that cannot be read or does not fit is left out and listed.
  /// - Throws: `FCNError.input` if no pair is left, `.usage` for options that do not fit.
  package func run() throws(FCNError) -> EvaluationOutcome {
    var outcome = EvaluationOutcome(notes: notes)
    var values = LabelValues()
    var usable: [Pair] = []
    for pair in pairs {
      do throws(FCNError) {
        values.add(truth: try EvaluationFile.labels(pair.truth), ignore: options.ignore)
        values.add(prediction: try EvaluationFile(pair.prediction))
        usable.append(pair)
      } catch { outcome.fail(pair, error) }
    }
    guard !usable.isEmpty else { throw outcome.failures[0].error }
    let settled = settle(values, &outcome)
    var evaluation: Evaluation
    do throws(SegmentationError) { evaluation = try Evaluation(settled) } catch { throw FCNError(error) }
    for pair in usable {
      do throws(FCNError) {
        try add(pair, &evaluation)
      } catch { outcome.fail(pair, error) }
    }
    guard outcome.failures.count < pairs.count else { throw outcome.failures[0].error }
    outcome.report = evaluation.report
    return outcome
  }

  private func settle(_ values: LabelValues, _ outcome: inout EvaluationOutcome) -> EvaluationOptions {
    let isBinary = map == nil && options.ignore != 255 && values.truths == [0, 255]
    let count = options.classCount ?? values.classCount(isBinary: isBinary, map: map)
    if options.classCount == nil { outcome.notes.append("\(count) classes, from the data") }
    var settled = EvaluationOptions(classCount: count)
    settled.ignore = options.ignore
    settled.map = map
    if isBinary, count == 2 {
      settled.map = ValueMap([255: 1])
      outcome.notes.append("truth has the values 0 and 255 and there are two classes: 255 is read as 1")
    }
    if values.isScored { settled.weights = try? BorderWeights() }
    return settled
  }

  private func add(_ pair: Pair, _ evaluation: inout Evaluation) throws(FCNError) {
    let truth = try EvaluationFile.labels(pair.truth)
    let prediction = try EvaluationFile(pair.prediction)
    do throws(SegmentationError) {
      switch prediction {
      case .scores(let tensor, let reading):
        try evaluation.add(name: pair.name, scores: PredictedScores(tensor, reading), truth: truth)
      case .labels(let map):
        try evaluation.add(name: pair.name, prediction: map, truth: truth)
      }
    } catch { throw FCNError(error, file: pair.prediction) }
  }
}

/// The labels that occur in a set of pictures.
private struct LabelValues {
  private(set) var truths: Set<UInt16> = []
  private var predictions = 0
  private(set) var isScored = false

  mutating func add(truth: LabelMap, ignore: Int?) {
    var seen = [Bool](repeating: false, count: 65_536)
    for label in truth.labels { seen[Int(label)] = true }
    for value in seen.indices where seen[value] && value != ignore { truths.insert(UInt16(value)) }
  }

  mutating func add(prediction: EvaluationFile) {
    switch prediction {
    case .labels(let map): predictions = max(predictions, Int(map.labels.max() ?? 0) + 1)
    case .scores(_, let reading):
      isScored = true
      predictions = max(predictions, reading.classCount)
    }
  }

  func classCount(isBinary: Bool, map: ValueMap?) -> Int {
    if isBinary { return max(2, predictions) }
    let highest = truths.map { Int(map?.pairs[$0] ?? $0) }.max() ?? 0
    return max(1, highest + 1, predictions)
  }
}

/// A prediction or truth in a file: a label PNG, or NPY with labels or scores.
private enum EvaluationFile {
  case labels(LabelMap)
  case scores(HostTensor, ScoreReading)

  init(_ path: String) throws(FCNError) {
    guard path.lowercased().hasSuffix(".npy") else {
      self = .labels(try EvaluationFile.labels(path))
      return
    }
    let tensor: HostTensor
    do throws(TensorError) { tensor = try NPY.read(path: path) } catch { throw FCNError(error) }
    do throws(SegmentationError) {
      let reading = try ScoreReading(tensor, final: .unknown)
      guard reading.layout.images == 1 else {
        throw SegmentationError(.mismatch, "expected one picture, got \(tensor.shape)")
      }
      self = reading.kind == .labels ? .labels(try LabelMap(tensor, reading)) : .scores(tensor, reading)
    } catch { throw FCNError(error, file: path) }
  }

  static func labels(_ path: String) throws(FCNError) -> LabelMap {
    if path.lowercased().hasSuffix(".npy") {
      guard case .labels(let map) = try EvaluationFile(path) else {
        throw FCNError(.input, "\(path): expected integer labels")
      }
      return map
    }
    let image: IndexImage
    do throws(ImageError) { image = try PictureReader.readLabels(path: path) } catch { throw FCNError(error) }
    do throws(SegmentationError) {
      return try LabelMap(
        width: image.width, height: image.height, labels: image.values, classCount: LabelMap.classes(in: image.values))
    } catch { throw FCNError(error, file: path) }
  }
}

/// What an evaluation found, and what could not be evaluated.
package struct EvaluationOutcome: Sendable {
  package var notes: [String]
  package fileprivate(set) var failures: [(name: String, error: FCNError)] = []
  fileprivate var report: EvaluationReport?

  fileprivate init(notes: [String]) { self.notes = notes }

  fileprivate mutating func fail(_ pair: EvaluationRunner.Pair, _ error: FCNError) {
    failures.append((pair.name, error))
  }

  /// A table for people.
  package var lines: [String] { report?.lines ?? [] }

  package var json: JSONValue {
    let failed: [JSONValue] = failures.map { ["name": .string($0.name), "error": $0.error.json] }
    var members = report?.json.members ?? []
    members.removeAll { $0.key == "notes" }
    members.append(JSONMember("notes", .array((notes + (report?.notes ?? [])).map(JSONValue.string))))
    members.append(JSONMember("failures", .array(failed)))
    return .object(members)
  }

  /// The mean over pictures of one class's measures, for tests.
  package func mean(_ label: Int) -> (dice: Double?, jaccard: Double?) {
    guard let figures = report?.meanFigures, figures.dice.indices.contains(label) else { return (nil, nil) }
    return (figures.dice[label], figures.jaccard[label])
  }
}
