// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A room of the house: its name and the rooms it may import (tools/check-layers holds the same table).
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func suite(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: ["FCNTestKit"] + dependencies, swiftSettings: strict)
}

let package = Package(
  name: "onnx-fcn",
  products: [
    .library(name: "OnnxFCN", targets: ["OnnxFCN"]),
    .executable(name: "onnx-fcn", targets: ["onnx-fcn"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // 0: system libraries
    .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
    // 1: C rooms
    .target(name: "COnnxProto", dependencies: ["CProtobufC"], exclude: ["onnx.proto"]),
    .target(name: "CFCNKernels"),
    .target(name: "CFCNShaders", exclude: ["modules"]),
    .target(name: "CFCNCodecs", dependencies: ["CPNG", "CJPEG"]),
    .target(name: "CVulkan"),
    .target(name: "COpenBLAS"),
    // 2–7
    room("FCNTensor"),
    room("FCNGraph", ["FCNTensor"]),
    room("FCNImage", ["FCNTensor", "CFCNCodecs"]),
    room("FCNReference", ["FCNTensor", "FCNGraph"]),
    room("FCNONNX", ["FCNTensor", "FCNGraph", "COnnxProto"]),
    room("FCNSegmentation", ["FCNTensor"]),
    room("FCNPasses", ["FCNTensor", "FCNGraph", "FCNReference"]),
    room("FCNRuntime", ["FCNTensor", "FCNGraph", "FCNReference"]),
    room("FCNBackendCPU", ["FCNTensor", "FCNGraph", "FCNRuntime", "CFCNKernels", "COpenBLAS"]),
    room("FCNBackendVulkan", ["FCNTensor", "FCNGraph", "FCNRuntime", "CVulkan", "CFCNShaders"]),
    room("FCNAnalysis", ["FCNTensor", "FCNGraph", "FCNReference", "FCNRuntime"]),
    room(
      "OnnxFCN",
      [
        "FCNTensor", "FCNGraph", "FCNImage", "FCNReference", "FCNONNX", "FCNSegmentation", "FCNPasses", "FCNRuntime",
        "FCNBackendCPU", "FCNBackendVulkan", "FCNAnalysis", .product(name: "Logging", package: "swift-log"),
      ]),
    // 8
    .executableTarget(
      name: "onnx-fcn",
      dependencies: [
        "OnnxFCN", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    // tests
    .target(
      name: "FCNTestKit",
      dependencies: ["FCNTensor", "FCNGraph", "FCNReference", "FCNRuntime", "FCNPasses", "FCNONNX"],
      path: "Tests/FCNTestKit",
      swiftSettings: strict),
    suite("FCNTensorTests", ["FCNTensor"]),
    suite("FCNGraphTests", ["FCNTensor", "FCNGraph", "FCNReference"]),
    suite("FCNGeometryTests", ["FCNTensor", "FCNGraph", "FCNReference"]),
    suite("FCNImageTests", ["FCNTensor", "FCNImage", "CFCNCodecs"]),
    suite("FCNReferenceTests", ["FCNTensor", "FCNGraph", "FCNReference"]),
    suite("FCNONNXTests", ["FCNTensor", "FCNGraph", "FCNONNX"]),
    suite("FCNSegmentationTests", ["FCNTensor", "FCNImage", "FCNSegmentation"]),
    suite(
      "FCNRuntimeTests",
      ["FCNTensor", "FCNGraph", "FCNReference", "FCNPasses", "FCNRuntime", "FCNBackendCPU", "FCNONNX"]),
    suite(
      "FCNAnalysisTests",
      ["FCNTensor", "FCNGraph", "FCNReference", "FCNRuntime", "FCNBackendCPU", "FCNONNX", "FCNAnalysis"]),
    suite(
      "FCNVulkanTests",
      [
        "FCNTensor", "FCNGraph", "FCNReference", "FCNPasses", "FCNRuntime", "FCNBackendCPU", "FCNBackendVulkan",
        "FCNONNX", "OnnxFCN", "CVulkan", "CFCNShaders",
      ]),
    suite("OnnxFCNTests", ["OnnxFCN", "FCNTensor", "FCNImage"]),
  ]
)
