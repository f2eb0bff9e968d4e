import OnnxFCN
import Testing

/// What the command line says where a device cannot run a network: one line, the processor's result.
@Suite(
  .enabled(if: Command.path != nil, "the binary onnx-fcn is not beside the tests"),
  .enabled(if: VulkanPresence.hasDevice, "no Vulkan device"))
struct DeviceWarningTests {
  /// More blocks of channels than a device has workgroups along y.
  @Test(arguments: [false, true]) func tooManyChannels(_ isQuiet: Bool) throws {
    let folder = try LoaderRuleFolder()
    let channels = 262_148
    let pool = Wire.node("MaxPool", ["x"], ["y"], [Wire.attribute("kernel_shape", [2, 2])])
    try folder.write("model.onnx", Wire.model(nodes: [pool], input: [1, channels, 2, 2]))
    try Tensor(shape: [1, channels, 2, 2], floats: (0..<channels * 4).map(Float.init))
      .writeNPY(to: "\(folder.path)/x.npy")
    let output = "\(folder.path)/out.npy"
    let command = try Command(
      ["run", "\(folder.path)/model.onnx", "\(folder.path)/x.npy", "-o", output, "--device", "vulkan"]
        + ["--no-pipeline-cache"] + (isQuiet ? ["--quiet"] : []))
    #expect(command.status == 0, "\(command.errors)")
    let warnings = command.errors.split(separator: "\n").filter { $0.hasPrefix("onnx-fcn: warning: ") }
    #expect(warnings.count == (isQuiet ? 0 : 1), "\(command.errors)")
    #expect(warnings.allSatisfy { $0.contains("65535") && $0.hasSuffix("the processor takes over") })
    #expect(try Tensor(npy: output).floats == (0..<channels).map { Float($0 * 4 + 3) })
  }
}

private enum VulkanPresence {
  static let hasDevice = (try? Engine(options: EngineOptions(device: "vulkan"))) != nil
}
