import FCNGraph
import FCNONNX
import Testing

/// Third-party models and today's exporters, where the shared folder is beside the package.
@Suite(.enabled(if: SharedFolder.exists, "the shared models are not beside the package"))
struct RealModelTests {
  @Test(arguments: [
    "models/acnet_arnet_b64", "models/bodypix_s16", "models/deeplab_dm05_portrait", "models/deeplabv3_mnv2",
    "models/membrane_unet", "models/meshnet3d_niivue", "models/pan_skin_clothes_hair", "models/ppocrv2_mobile_det",
    "models/sci_lowlight", "models/selfie_landscape", "models/style_mosaic", "models/superres_zoo10",
    "models/ultraface_rfb320", "models/unet_sedgen", "models/waifu2x_upconv7", "models/xfeat_interp",
    "exports/labelfree3d", "exports/lraspp_dynamo_external", "exports/lraspp_torchscript", "exports/membrane_fp16",
  ])
  func importsWhole(_ name: String) throws {
    let graph = try ImportedModel(path: "\(SharedFolder.path)/\(name)/model.onnx").graph
    #expect(graph.unsupportedNodes.map { "\($0.node.label): \($0.reason)" } == [])
    #expect(!graph.nodes.isEmpty)
  }

  /// What cannot run can still be looked at, with every reason.
  @Test(arguments: ["maskrcnn_tiny", "membrane_qdq", "membrane_qlinear", "segnet_dynamo"])
  func importsForInspection(_ name: String) throws {
    let graph = try ImportedModel(path: "\(SharedFolder.path)/exports/\(name)/model.onnx").graph
    for (node, reason) in graph.unsupportedNodes {
      #expect(!reason.isEmpty && !node.origin.operatorName.isEmpty && node.origin.opset > 0)
    }
  }
}
