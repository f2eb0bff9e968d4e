import Testing

/// The suites that need a device, one test at a time: fault injection counts calls, and a processor is the device.
@Suite(.disabled(if: Vulkan.isMissing, Vulkan.reason), .serialized) enum DeviceTests {}
