import Glibc

/// What the kernel shows of GPUs. Opening Vulkan loads every driver that is installed, some tens of megabytes of it to
/// draw on the processor, which is no use where there is no GPU to find.
enum DeviceNodes {
  private static let others = [
    "/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kgsl-3d0", "/dev/mali0", "/dev/pvrsrvkm", "/dev/nvmap",
  ]

  /// Whether there may be a GPU: a render node, or a node of a driver that has its own.
  static var areThere: Bool {
    (128..<192).contains { access("/dev/dri/renderD\($0)", F_OK) == 0 } || others.contains { access($0, F_OK) == 0 }
  }
}
