import FCNGraph
import FCNONNX
import FCNRuntime
package import FCNTensor

/// The outcome of test folders.
package struct TestReport: Sendable {
  package enum Status: String, Sendable { case passed, failed, skipped }

  package struct Entry: Sendable {
    package var name: String
    package var status: Status
    package var detail: String
  }

  package var tests: [Entry] = []

  package func count(_ status: Status) -> Int { tests.count { $0.status == status } }
  package var passed: Int { count(.passed) }
  package var failed: Int { count(.failed) }
  package var skipped: Int { count(.skipped) }

  package var json: JSONValue {
    .object([
      JSONMember("passed", .integer(passed)), JSONMember("failed", .integer(failed)),
      JSONMember("skipped", .integer(skipped)),
      JSONMember(
        "tests",
        .array(
          tests.map {
            .object([
              JSONMember("name", .string($0.name)), JSONMember("status", .string($0.status.rawValue)),
              JSONMember("detail", .string($0.detail)),
            ])
          })),
    ])
  }
}

/// Runs test folders: `model.onnx` with `test_data_set_*/input_*.pb, output_*.pb` or `case*/in_*.npy, out_*.npy`.
package struct TestRunner {
  private let engine: Engine
  private let backend: String
  private let names: Set<String>?
  /// Called after every test.
  private let onTest: (TestReport.Entry) -> Void

  /// - Parameter names: only folders of these names; nil: all.
  package init(
    engine: Engine, backend: String = "auto", names: Set<String>? = nil,
    onTest: @escaping (TestReport.Entry) -> Void = { _ in }
  ) {
    self.engine = engine
    self.backend = backend
    self.names = names
    self.onTest = onTest
  }

  /// Names of test folders, one a line; blank lines and lines after `#` do not count.
  package static func names(inFile path: String) throws(FCNError) -> [String] {
    let file: MappedFile
    do throws(TensorError) { file = try MappedFile(path: path, limit: 1 << 24) } catch { throw FCNError(error) }
    let text = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    return text.split(whereSeparator: \.isNewline).map { line in
      String(line.prefix { $0 != "#" }).split(separator: " ").joined()
    }.filter { !$0.isEmpty }
  }

  /// - Throws: `FCNError.input` if a path is no test folder nor a folder of them.
  package func run(_ paths: [String]) throws(FCNError) -> TestReport {
    var report = TestReport()
    for path in paths {
      let folders = try folders(path)
      guard !folders.isEmpty else {
        throw FCNError(.input, "\(path): expected a folder with model.onnx, or a folder of such folders")
      }
      for folder in folders where names?.contains(Folder.name(folder)) ?? true { run(folder, &report) }
    }
    return report
  }

  private func folders(_ path: String) throws(FCNError) -> [String] {
    if Folder.isFile(path + "/model.onnx") { return [path] }
    do throws(TensorError) {
      return try Folder.entries(of: path).map { path + "/" + $0 }.filter { Folder.isFile($0 + "/model.onnx") }
    } catch { throw FCNError(error) }
  }

  private func run(_ folder: String, _ report: inout TestReport) {
    let name = Folder.name(folder)
    func add(_ name: String, _ status: TestReport.Status, _ detail: String) {
      report.tests.append(.init(name: name, status: status, detail: detail))
      onTest(report.tests.last!)
    }
    let cases = ((try? Folder.entries(of: folder)) ?? []).filter {
      ($0.hasPrefix("case") || $0.hasPrefix("test_data_set_")) && Folder.isFolder(folder + "/" + $0)
    }
    if cases.isEmpty { return add(name, .failed, "no case* or test_data_set_* folder") }
    let model: Model
    do throws(FCNError) {
      model = try Model(path: folder + "/model.onnx", engine: engine)
      try model.checkSupported()
    } catch {
      for item in cases { add("\(name)/\(item)", error.category == .unsupported ? .skipped : .failed, error.message) }
      return
    }
    for item in cases {
      do throws(FCNError) {
        let failure = try compare(model, folder, item)
        add("\(name)/\(item)", failure == nil ? .passed : .failed, failure ?? "")
      } catch {
        add("\(name)/\(item)", error.category == .unsupported ? .skipped : .failed, error.message)
      }
    }
  }

  /// Nil if every output is within the tolerance.
  private func compare(_ model: Model, _ folder: String, _ item: String) throws(FCNError) -> String? {
    let path = folder + "/" + item
    let inputs = try tensors(path, ["in_", "input_"])
    let expected = try tensors(path, ["out_", "output_"])
    guard inputs.count == model.graph.inputs.count, expected.count == model.graph.outputs.count else {
      throw FCNError(
        .input,
        "expected \(model.graph.inputs.count) inputs and \(model.graph.outputs.count) outputs, "
          + "got \(inputs.count) and \(expected.count)")
    }
    let got = try model.run(inputs, backend: backend)
    let tolerance = try tolerance(folder, isCase: item.hasPrefix("case"))
    for (index, (result, reference)) in zip(got, expected).enumerated() {
      let comparison = TensorComparison(result, expected: reference, tolerance)
      if !comparison.isEqual { return "output \(model.graph[model.graph.outputs[index]].name): \(comparison.detail)" }
    }
    return nil
  }

  private func tensors(_ path: String, _ prefixes: [String]) throws(FCNError) -> [HostTensor] {
    let names: [String]
    do throws(TensorError) { names = try Folder.entries(of: path) } catch { throw FCNError(error) }
    var result: [HostTensor] = []
    for name in names where prefixes.contains(where: { name.hasPrefix($0) }) {
      let file = path + "/" + name
      if name.hasSuffix(".npy") {
        do throws(TensorError) { result.append(try NPY.read(path: file)) } catch { throw FCNError(error) }
      } else if name.hasSuffix(".pb") {
        do throws(ONNXError) { result.append(try TensorFile.read(path: file)) } catch { throw FCNError(error) }
      }
    }
    return result
  }

  private func tolerance(_ folder: String, isCase: Bool) throws(FCNError) -> Tolerance {
    let path = folder + "/tolerance.txt"
    guard Folder.isFile(path) else {
      return isCase ? .scaled(3e-4) : .elementwise(relative: 1e-3, absolute: 1e-5)
    }
    let file: MappedFile
    do throws(TensorError) { file = try MappedFile(path: path, limit: 4096) } catch { throw FCNError(error) }
    let text = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    let values = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    guard values.count == 2 else { throw FCNError(.input, "\(path): expected 'rtol atol', got \(text.prefix(40))") }
    return .elementwise(relative: values[0], absolute: values[1])
  }
}

extension Model {
  /// Whole tensors through a named backend.
  package func run(_ inputs: [HostTensor], backend: String) throws(FCNError) -> [HostTensor] {
    let prepared = try prepared(inputs.map(\.shape), backend: backend)
    do throws(RuntimeError) { return try prepared.run(inputs) } catch { throw FCNError(error) }
  }
}
