package import CVulkan

/// How the Vulkan backend works; every field has a default that suits most.
package struct VulkanOptions: Sendable {
  /// Which device. Default: the best that is no processor, if there is one.
  package var device = DeviceRequest.auto
  /// Name of the loader's library; nil: the platform's.
  package var library: String?
  /// Folder of the pipeline cache; nil: none is kept. It is made if it is missing.
  package var cacheFolder: String?
  /// With the validation layer; its messages are counted. Default: without.
  package var validates = false
  /// Bounds of buffers are checked by the device. Default: not.
  package var robustBufferAccess = false
  /// Bytes of one binding and of one buffer, and groups along an axis, where they are to be below the device's limits.
  package var largestRange: Int?
  package var largestBuffer: Int?
  package var largestGroupCount: Int?
  /// Bytes that weights and arenas may take together; nil: 0.8 of the heap, or what the driver says is free.
  package var heapBudget: Int?
  /// Lanes of a subgroup are not shuffled. Default: they are where the device can.
  package var avoidsShuffles = false
  /// Inputs are read as texel buffers; nil: on processors, where that is far faster.
  package var usesTexelBuffers: Bool?
  /// Kernels of convolutions. Default: the fastest by sizes.
  package var convolution = ConvolutionFamily.auto
  /// Operations of the first segments of commands; the times of runs decide about later ones. Nil: by the device.
  package var segmentFlops: Int?
  /// Milliseconds without progress after which a run is given up; nil: by the device.
  package var watchdogMilliseconds: Double?
  /// Arenas are filled with NaN before they are used, which tests do.
  package var fillsArenas = false
  /// Replaces functions of the driver after they are loaded, which tests do.
  package var adjust: (@Sendable (inout fcn_vk) -> Void)?
  /// Hears in one line what failed and what was done instead.
  package var warn: (@Sendable (String) -> Void)?
  /// Index of a barrier that is left out, which tests do.
  package var omittedBarrier: Int?

  package init() {}
}

/// `auto`, `vulkan`, `vulkan:N` or `vulkan:NAME`.
package enum DeviceRequest: Sendable, Hashable {
  /// The best device that is no processor; none is no error.
  case auto
  /// The best device.
  case best
  case index(Int)
  /// A part of the name, in any case.
  case name(String)

  /// The part after `vulkan:`; nil: `vulkan` alone.
  package init(argument: String?) {
    guard let argument else {
      self = .best
      return
    }
    self = Int(argument).map(DeviceRequest.index) ?? .name(argument)
  }
}

/// Which kernels convolutions may take.
package enum ConvolutionFamily: String, Sendable, Hashable {
  case auto
  /// Without Winograd's transforms.
  case direct
  /// Matrix products in tiles of shared memory.
  case sharedMemory = "shared"
}
