import FCNImage
import FCNRuntime
import FCNTensor

extension PicturePipeline {
  /// What kind of output the network has, and so what is written by default.
  package var defaultKind: OutputKind {
    switch output.meaning {
    case .segmentation: .labels
    case .image: .image
    case .density: .density
    }
  }

  /// The files of one item.
  package func files(_ item: PictureBatch.Item, _ plan: OutputPlan) -> [PictureBatch.File] {
    plan.requests.map { PictureBatch.File(kind: $0.kind.rawValue, path: $0.path(name: item.name)) }
      + plan.saves.map {
        PictureBatch.File(
          kind: $0.name,
          path: FileTemplate.expand($0.template, name: item.name, kind: $0.name, fileExtension: "npy"))
      }
  }

  /// - Throws: `FCNError.usage` for an output that the network does not have.
  package func check(_ plan: OutputPlan) throws(FCNError) {
    let names = model.outputs.map(\.name)
    for save in plan.saves where !names.contains(save.name) {
      throw FCNError(.usage, "save \(save.name): expected one of \(names.joined(separator: ", "))")
    }
  }

  /// Runs one picture and writes its files; nothing is written if any part fails.
  /// - Parameters:
  ///   - hasStatistics: whether the entry tells areas and parts of the classes.
  ///   - toStandardOutput: takes the bytes of a request without a file.
  package func run(
    _ item: PictureBatch.Item, _ plan: OutputPlan, control: PictureControl, hasStatistics: Bool = true,
    toStandardOutput: ([UInt8]) throws(FCNError) -> Void
  ) -> PictureBatch.Entry {
    var entry = PictureBatch.Entry(input: item.label, status: .done, files: files(item, plan))
    do throws(FCNError) {
      let result: PictureResult
      switch item.source {
      case .file(let path): result = try process(path: path, control: control)
      case .bytes(let bytes): result = try process(bytes: bytes, name: item.label, control: control)
      }
      var encoded: [[UInt8]] = []
      for request in plan.requests {
        encoded.append(try result.encoded(request.kind, fileExtension: request.fileExtension))
      }
      let names = model.outputs.map(\.name)
      for save in plan.saves {
        guard let index = names.firstIndex(of: save.name) else { continue }
        do throws(TensorError) { encoded.append(try NPY.encode(result.outputs[index])) } catch { throw FCNError(error) }
      }
      try control.check()
      for (file, bytes) in zip(entry.files, encoded) {
        if let path = file.path { try PictureBatch.write(bytes, to: path) } else { try toStandardOutput(bytes) }
      }
      let targets = entry.files.compactMap(\.path)
      let tellsTrusted = plan.requests.contains { $0.kind == .trusted }
      entry.summary =
        result.summary(tellsTrusted: tellsTrusted) + (targets.isEmpty ? "" : " → " + targets.joined(separator: ", "))
      entry.notes = result.notes + (tellsTrusted ? result.trusted.note.map { [$0] } ?? [] : [])
      if hasStatistics { entry.statistics = result.statistics }
    } catch {
      entry.status = .failed
      entry.error =
        error.message.contains(item.label) ? error : FCNError(error.category, "\(item.label): \(error.message)")
      entry.files = []
    }
    return entry
  }

  /// What would be done with one picture, from its header alone.
  package func dryRun(_ item: PictureBatch.Item, _ plan: OutputPlan) -> PictureBatch.Entry {
    var entry = PictureBatch.Entry(input: item.label, status: .planned, files: files(item, plan))
    do throws(FCNError) {
      let header: PictureHeader
      do throws(ImageError) {
        switch item.source {
        case .file(let path): header = try PictureReader.header(path: path)
        case .bytes(let bytes):
          header = try PictureReader.header(bytes: bytes, name: item.label)
        }
      } catch { throw FCNError(error) }
      let (resampled, network) = try sizes(height: header.height, width: header.width)
      let prepared = try model.prepared(shapes(network), backend: options.backend)
      let targets = entry.files.map { $0.path ?? "standard output" }.joined(separator: ", ")
      entry.summary =
        "\(item.label): \(header.height)×\(header.width), resampled \(resampled.height)×\(resampled.width), "
        + "network \(network.height)×\(network.width), \(prepared.executable.arenaBytes / 1_048_576) MiB to work in"
        + " → \(targets)"
      entry.statistics = [
        "height": .integer(header.height), "width": .integer(header.width),
        "network": ["height": .integer(network.height), "width": .integer(network.width)],
        "arenaBytes": .integer(prepared.executable.arenaBytes),
      ]
    } catch {
      entry.status = .failed
      entry.error =
        error.message.contains(item.label) ? error : FCNError(error.category, "\(item.label): \(error.message)")
    }
    return entry
  }
}

extension PictureReader {
  fileprivate static func header(bytes: [UInt8], name: String) throws(ImageError) -> PictureHeader {
    try bytes.withUnsafeBytes { buffer in
      Result { () throws(ImageError) in try header(bytes: buffer, name: name) }
    }.get()
  }
}
