import ArgumentParser
import OnnxFCN

/// Takes the inputs of `run` one after another and reports.
struct BatchRunner {
  let command: RunCommand
  let control: PictureControl
  let meter: ProgressMeter
  var report: BatchReport

  mutating func runPictures(_ pipeline: PicturePipeline, _ items: [PictureBatch.Item]) throws(FCNError) {
    let plan = try OutputPlan(
      outputs: command.output, first: command.first, saves: try command.namedFiles(command.save, "save"),
      defaultKind: pipeline.defaultKind, isFolder: { PictureBatch.isFolder($0) })
    try pipeline.check(plan)
    report.notes = pipeline.notes
    report.preprocessing = pipeline.preprocessing.json
    for line in pipeline.notes { note(line) }
    let files = items.map { pipeline.files($0, plan) }
    try prepare(items, files)
    for (index, item) in items.enumerated() where !skips(item, files[index]) {
      if control.isCancelled { break }
      meter.begin(item.label, index: index, of: items.count)
      let entry =
        command.dryRun
        ? pipeline.dryRun(item, plan)
        : pipeline.run(
          item, plan, control: control, hasStatistics: command.json,
          toStandardOutput: { bytes throws(FCNError) in try Console.data(bytes) })
      finish(entry)
    }
  }

  mutating func runTensors(
    _ model: Model, _ items: [PictureBatch.Item], _ tensors: [String: Tensor], _ options: PictureOptions
  ) throws(FCNError) {
    guard command.output.isEmpty else {
      throw FCNError(.usage, "--output: for pictures; tensors go by -o and --save NAME=FILE.npy")
    }
    let run = try TensorRun(model: model, backend: options.backend, tensors: tensors, takesOne: !items.isEmpty)
    let saves = try command.namedFiles(command.save, "save")
    var files: [[PictureBatch.File]] = []
    let names = items.isEmpty ? [FileTemplate.stem(command.model)] : items.map(\.name)
    for name in names { files.append(try run.files(template: command.first, saves: saves, name: name)) }
    let all: [PictureBatch.Item?] = items.isEmpty ? [nil] : items
    try prepare(items.isEmpty ? [PictureBatch.Item(file: command.model)] : items, files)
    for (index, item) in all.enumerated() {
      if let item, skips(item, files[index]) { continue }
      if control.isCancelled { break }
      meter.begin(item?.label ?? command.model, index: index, of: all.count)
      finish(
        run.run(
          item, files[index], isDry: command.dryRun, control: control,
          toStandardOutput: { bytes throws(FCNError) in try Console.data(bytes) }))
    }
  }

  private func prepare(_ items: [PictureBatch.Item], _ files: [[PictureBatch.File]]) throws(FCNError) {
    try PictureBatch.check(files, items: items, existing: command.existing)
    if files.contains(where: { $0.contains { $0.path == nil } }), Console.isOutputTerminal {
      throw FCNError(.usage, "-o -: standard output is a terminal; redirect it")
    }
  }

  private mutating func skips(_ item: PictureBatch.Item, _ files: [PictureBatch.File]) -> Bool {
    guard command.resume, PictureBatch.isDone(files) else { return false }
    report.entries.append(PictureBatch.Entry(input: item.label, status: .skipped, files: files))
    return true
  }

  private mutating func finish(_ entry: PictureBatch.Entry) {
    meter.end()
    for line in entry.notes where !report.notes.contains(line) {
      report.notes.append(line)
      note(line)
    }
    if let error = entry.error, error.category != .cancelled { Console.report(error) }
    if !entry.summary.isEmpty { note(entry.summary) }
    report.entries.append(entry)
  }

  private func note(_ line: String) { if !command.quiet { Console.note(line) } }

  /// The document and the exit status.
  mutating func finish() throws {
    report.isInterrupted = control.isCancelled
    if report.entries.count > 1 {
      let failed = report.count(.failed)
      let skipped = report.count(.skipped)
      let planned = report.count(.planned)
      note(
        "\(report.count(.done)) done" + (planned > 0 ? ", \(planned) planned" : "")
          + (skipped > 0 ? ", \(skipped) skipped" : "") + (failed > 0 ? ", \(failed) failed" : ""))
    }
    if command.json { try Console.document(JSONText(report.json)) }
    if report.isInterrupted {
      Console.note("onnx-fcn: error: interrupted")
      throw ExitCode(exitStatus(.cancelled))
    }
    if let error = report.firstError { throw ExitCode(exitStatus(error.category)) }
  }
}
