import FCNGraph
import FCNRuntime
import FCNTensor

/// Tensors in, tensors out: no pre- or post-processing.
package struct TensorRun: Sendable {
  private let model: Model
  private let backend: String
  private let given: [String: HostTensor]
  /// The one input that a positional tensor goes to; nil if all are given by name.
  private let free: String?

  /// - Parameters:
  ///   - tensors: inputs by name.
  ///   - takesOne: whether one more tensor comes with every run.
  /// - Throws: `FCNError.usage` if names and inputs do not fit.
  package init(model: Model, backend: String, tensors: [String: Tensor], takesOne: Bool) throws(FCNError) {
    self.model = model
    self.backend = backend
    given = tensors.mapValues(\.host)
    let names = model.inputs.map(\.name)
    for name in tensors.keys.sorted() where !names.contains(name) {
      throw FCNError(.usage, "input \(name): expected one of \(names.joined(separator: ", "))")
    }
    let missing = names.filter { tensors[$0] == nil }
    guard missing.count == (takesOne ? 1 : 0) else {
      let list = missing.isEmpty ? "none" : missing.joined(separator: ", ")
      throw FCNError(
        .usage,
        takesOne ? "expected one input that is not given by name, got \(list)" : "inputs without a tensor: \(list)")
    }
    free = missing.first
  }

  /// The files of one run: the outputs that `-o` and `--save` name. A template with `{kind}` in it takes every output
  /// (`{kind}` is its name), one without takes the first.
  package func files(template: String?, saves: [(name: String, template: String)], name: String) throws(FCNError)
    -> [PictureBatch.File]
  {
    let names = model.outputs.map(\.name)
    var files: [PictureBatch.File] = []
    func path(_ template: String, _ output: String) -> String {
      let safe = String(output.map { $0 == "/" ? "_" : $0 })
      return FileTemplate.expand(template, name: name, kind: safe, fileExtension: "npy")
    }
    if template == "-" {
      files.append(.init(kind: names[0], path: nil))
    } else if let template = template ?? (saves.isEmpty ? "{name}_{kind}.npy" : nil) {
      try FileTemplate.check(template)
      let isFolder = template.hasSuffix("/") || Folder.isFolder(template)
      let full = isFolder ? (template.hasSuffix("/") ? template : template + "/") + "{name}_{kind}.npy" : template
      let wanted = full.contains("{kind}") ? names : [names[0]]
      files += wanted.map { .init(kind: $0, path: path(full, $0)) }
    }
    for save in saves {
      guard names.contains(save.name) else {
        throw FCNError(.usage, "save \(save.name): expected one of \(names.joined(separator: ", "))")
      }
      files.append(.init(kind: save.name, path: path(save.template, save.name)))
    }
    return files
  }

  /// Runs once and writes.
  package func run(
    _ item: PictureBatch.Item?, _ files: [PictureBatch.File], isDry: Bool = false, control: PictureControl,
    toStandardOutput: ([UInt8]) throws(FCNError) -> Void
  ) -> PictureBatch.Entry {
    let label = item?.label ?? model.name
    var entry = PictureBatch.Entry(input: label, status: isDry ? .planned : .done, files: files)
    do throws(FCNError) {
      let start = monotonicSeconds()
      let inputs = try inputs(item)
      let prepared = try model.prepared(inputs.map(\.shape), backend: backend)
      var shapes = prepared.plan.sized.graph.outputs.map { prepared.plan.sized.type($0).shape }
      if !isDry {
        let results: [HostTensor]
        do throws(RuntimeError) { results = try prepared.run(inputs, control: control.run) } catch {
          throw FCNError(error)
        }
        try control.check()
        shapes = results.map(\.shape)
        try write(results, files, toStandardOutput)
      }
      let names = model.outputs.map(\.name)
      let targets = files.map { $0.path ?? "standard output" }.joined(separator: ", ")
      entry.summary =
        "\(label): " + zip(names, shapes).map { "\($0) \($1)" }.joined(separator: ", ")
        + ", \(decimal(monotonicSeconds() - start, 2)) s → \(targets)"
      entry.statistics = [
        "outputs": .array(
          zip(names, shapes).map { ["name": .string($0), "shape": .array($1.dims.map(JSONValue.integer))] }),
        "seconds": .number(monotonicSeconds() - start),
      ]
    } catch {
      entry.status = .failed
      entry.files = []
      entry.error = error.message.contains(label) ? error : FCNError(error.category, "\(label): \(error.message)")
    }
    return entry
  }

  private func inputs(_ item: PictureBatch.Item?) throws(FCNError) -> [HostTensor] {
    var tensors = given
    if let free, let item {
      do throws(TensorError) {
        switch item.source {
        case .file(let path): tensors[free] = try NPY.read(path: path)
        case .bytes(let bytes): tensors[free] = try NPY.read(bytes: bytes, name: item.label)
        }
      } catch { throw FCNError(error) }
    }
    var list: [HostTensor] = []
    for port in model.inputs {
      guard let tensor = tensors[port.name] else { throw FCNError(.usage, "input \(port.name): not given") }
      if let type = port.elementType, type.rawValue != tensor.elementType.rawValue {
        throw FCNError(
          .input, "input \(port.name): expected \(type.rawValue), got \(tensor.elementType.rawValue) \(tensor.shape)")
      }
      list.append(tensor)
    }
    return list
  }

  private func write(
    _ results: [HostTensor], _ files: [PictureBatch.File], _ toStandardOutput: ([UInt8]) throws(FCNError) -> Void
  ) throws(FCNError) {
    let names = model.outputs.map(\.name)
    for file in files {
      guard let index = names.firstIndex(of: file.kind) else { continue }
      let bytes: [UInt8]
      do throws(TensorError) { bytes = try NPY.encode(results[index]) } catch { throw FCNError(error) }
      if let path = file.path { try PictureBatch.write(bytes, to: path) } else { try toStandardOutput(bytes) }
    }
  }
}
