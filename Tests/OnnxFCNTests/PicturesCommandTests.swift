import FCNTensor
import Glibc
import OnnxFCN
import Testing

/// The built binary beside the test bundle, run as a child process.
struct Command {
  static let path: String? = {
    let folder = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let candidate = folder.joined(separator: "/") + "/onnx-fcn"
    return access(candidate, X_OK) == 0 ? candidate : nil
  }()

  let status: Int32
  let output: [UInt8]
  let errors: String

  /// - Parameters:
  ///   - standardOutput: where it goes instead of `output`.
  ///   - environment: `NAME=value`, before what the tests were given.
  init(
    _ arguments: [String], input: String = "/dev/null", standardOutput: String? = nil, environment: [String] = []
  ) throws {
    let folder = try TemporaryFolder()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, standardOutput ?? folder.path + "/out", O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, folder.path + "/err", O_WRONLY | O_CREAT, 0o600)
    var pointers: [UnsafeMutablePointer<CChar>?] = ([Command.path!] + arguments).map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    let given = environment.map { strdup($0) }
    defer { for pointer in given { free(pointer) } }
    var variables: [UnsafeMutablePointer<CChar>?] = given
    var next = environ
    while let variable = next.pointee {
      let name = String(cString: variable).prefix { $0 != "=" } + "="
      if !environment.contains(where: { $0.hasPrefix(name) }) { variables.append(variable) }
      next += 1
    }
    variables.append(nil)
    var child = pid_t()
    guard posix_spawn(&child, Command.path!, &actions, nil, &pointers, &variables) == 0 else {
      throw FCNError(.usage, "posix_spawn: \(errno)")
    }
    var result: Int32 = 0
    while waitpid(child, &result, 0) < 0 && errno == EINTR {}
    status = result & 0x7F == 0 ? result >> 8 & 0xFF : -1
    output = standardOutput == nil ? try FileBytes.read(folder.path + "/out") : []
    errors = String(decoding: try FileBytes.read(folder.path + "/err"), as: UTF8.self)
  }
}

@Suite(.enabled(if: Command.path != nil, "the binary onnx-fcn is not beside the tests"))
struct PicturesCommandTests {
  /// Where OpenBLAS does not load, what needs it says so and everything else runs.
  @Test func missingOpenBLAS() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Array("no library".utf8), to: folder.path + "/libopenblas.so.0")
    let others = getenv("LD_LIBRARY_PATH").map { ":" + String(cString: $0) } ?? ""
    let environment = ["LD_LIBRARY_PATH=\(folder.path)\(others)"]
    let bench = ["bench", TestData.model, "--size", "32x32", "--runs", "1", "--warmup", "0"]
    let needing = try Command(bench + ["--kernels", "blas"], environment: environment)
    #expect(needing.status == 3, "\(needing.errors)")
    #expect(needing.errors.contains("matrix products need OpenBLAS (Debian: libopenblas0), which does not load"))
    let other = try Command(bench, environment: environment)
    #expect(other.status == 0, "\(other.errors)")
    withExtendedLifetime(folder) {}
  }

  @Test(
    arguments: [
      (["--help"], 0), (["--version"], 0), (["run", "--help"], 0), (["eval", "--help"], 0), (["run"], 1),
      (["run", "--tile", "auto", "m", "x"], 1), (["nonsense"], 1), (["run", TestData.model], 1),
      (["run", TestData.model, "/nowhere.png"], 2), (["run", "/nowhere.onnx", TestData.image], 2),
      (["run", TestData.image, TestData.image], 4),
      (["run", TestData.model, TestData.image, "--max-memory", "1k", "-o", "-"], 5),
      (["run", TestData.model, TestData.image, "-o", "-", "--output", "labels,overlay"], 1),
      (["run", TestData.model, TestData.image, "-o", "-", "--json"], 1),
      (["eval", "--prediction", "/nowhere.png", "--truth", TestData.truth], 2),
    ] as [([String], Int32)])
  func exitStatusTellsTheKindOfError(_ arguments: [String], _ expected: Int32) throws {
    let command = try Command(arguments)
    #expect(command.status == expected, "\(arguments): \(command.errors)")
    if expected != 0 {
      #expect(command.errors.split(separator: "\n").last?.hasPrefix("onnx-fcn: error: ") == true)
      #expect(command.output.isEmpty || arguments.contains("--json"))
    }
  }

  @Test func picturesGoThroughPipes() throws {
    let folder = try TemporaryFolder()
    let (picture, _) = try TestData.crop(48)
    let file = folder.path + "/in.png"
    try AtomicFile.write(try PNGPicture.encode(picture), to: file)
    let piped = try Command(["run", TestData.model, "-", "-o", "-"], input: file)
    #expect(piped.status == 0)
    #expect(piped.output.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(piped.errors.contains("stdin: 48×48"))
    let named = try Command(["run", TestData.model, file, "-o", folder.path + "/out.png", "--quiet"])
    #expect(named.status == 0 && named.errors.isEmpty && named.output.isEmpty)
    #expect(try FileBytes.read(folder.path + "/out.png") == piped.output)
    #expect(try Command(["run", TestData.model, file, "-o", folder.path + "/out.png"]).status == 1)
    #expect(try Command(["run", TestData.model, file, "-o", folder.path + "/out.png", "--resume"]).status == 0)
    #expect(try Command(["run", TestData.model, file, "-o", folder.path + "/out.png", "--overwrite"]).status == 0)
  }

  @Test func tensorsGoInAndOutAsTheyAre() throws {
    let folder = try TemporaryFolder()
    let path = TestData.path + "/demo/case0"
    let out = folder.path + "/y.npy"
    #expect(try Command(["run", TestData.model, path + "/in_0.npy", "-o", out]).status == 0)
    let named = ["--input", "image=\(path)/in_0.npy", "--save", "probability=\(folder.path)/z.npy"]
    #expect(try Command(["run", TestData.model] + named).status == 0)
    let got = try NPY.read(path: out)
    let expected = try NPY.read(path: path + "/out_0.npy")
    #expect(got.shape == expected.shape)
    #expect(zip(got.doubles(), expected.doubles()).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(try NPY.read(path: folder.path + "/z.npy").doubles() == got.doubles())
  }

  @Test func reportsAreOneDocument() throws {
    let command = try Command(["run", TestData.model, "/nowhere.png", "--json"])
    let report = try JSONValue(parsing: command.output, name: "report")
    #expect(report["failed"]?.int == 1)
    #expect(report["inputs"]?.elements?.first?["error"]?["category"]?.text == "input")
    let failure = try Command(["run", "/nowhere.onnx", "/nowhere.png", "--json"])
    #expect(try JSONValue(parsing: failure.output, name: "report")["error"]?["category"]?.text == "input")
  }
}
