import FCNTensor
import Glibc
import OnnxFCN

/// Models that mutations start from: the committed ones, and real ones where the shared folder is beside the package.
enum MutationModels {
  private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
  private static let shared = root.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/shared/models"

  static let committed =
    [
      "coordconv", "deblur", "decompose", "deeplabv3_mnv3", "density", "fcn8s", "fcn_resnet50", "lraspp_mnv3",
      "masked", "plain", "segnet_shaped", "unet3d", "unet_anysize", "unet_bilinear", "unet_deconv", "unet_softmax",
      "unet_valid",
    ].map { "\(root)/testdata/networks/\($0)" } + ["\(root)/testdata/demo"]

  static let real = ["sci_lowlight", "unet_sedgen", "selfie_landscape", "ultraface_rfb320", "superres_zoo10"]
    .map { "\(shared)/\($0)" }

  static var hasReal: Bool { access(shared, R_OK) == 0 }

  static func bytes(_ folder: String) throws -> [UInt8] {
    let file = try MappedFile(path: "\(folder)/model.onnx")
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  /// Of the first test case's first input.
  static func shape(_ folder: String) throws -> [Int] { try Tensor(npy: "\(folder)/case0/in_0.npy").shape }

  static func name(_ folder: String) -> String { folder.split(separator: "/").last.map(String.init) ?? "" }
}
