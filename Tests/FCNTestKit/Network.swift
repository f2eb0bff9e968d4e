package import FCNGraph
import FCNONNX
import FCNPasses
package import FCNTensor

/// A committed network with its recorded inputs.
package struct Network: Sendable, CustomStringConvertible {
  package let name: String
  package var description: String { name }

  package init(name: String) { self.name = name }

  package static let testdata = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/testdata"

  package static let all: [Network] = [
    "coordconv", "deblur", "decompose", "deeplabv3_mnv3", "density", "fcn16s", "fcn32s", "fcn8s", "fcn_resnet50",
    "fpn_efficientnet_b0", "lraspp_mnv3", "masked", "plain", "segnet", "segnet_shaped", "unet3d", "unet_anysize",
    "unet_bilinear", "unet_deconv", "unet_nearest", "unet_resnet34", "unet_softmax", "unet_stride2", "unet_valid",
    "coordconv_constant", "position_embedding", "resnet50_features", "unet_align_corners", "unet_deconv3",
    "unet_instance_norm", "unet_reflect", "unet_squeeze", "unet_valid_dynamic", "uniform", "vgg16_pool5",
  ].map { Network(name: $0) }

  package func graph(optimized: Bool = true) throws -> Graph {
    let graph = try ImportedModel(path: "\(Network.testdata)/networks/\(name)/model.onnx").graph
    return optimized ? try PassPipeline.standard.optimized(graph) : graph
  }

  package func recorded(_ prefix: String) throws -> [HostTensor] {
    let folder = "\(Network.testdata)/networks/\(name)/case0"
    return try Folder.entries(of: folder).filter { $0.hasPrefix(prefix) }.map { try NPY.read(path: "\(folder)/\($0)") }
  }

  package func inputs() throws -> [HostTensor] { try recorded("in_") }
}
