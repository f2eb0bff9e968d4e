package import FCNRuntime

/// Which device a request means.
package enum DeviceChoice {
  /// Nil: none, which only `auto` allows.
  ///
  /// - Throws: `RuntimeError.device` naming every device, where an explicit request cannot be met.
  package static func choose(_ request: DeviceRequest, among devices: [DeviceInfo]) throws(RuntimeError) -> DeviceInfo?
  {
    let usable = distinct(devices.filter { $0.refusal == nil })
    switch request {
    case .auto: return best(usable.filter { $0.kind != .cpu })
    case .best:
      if let device = best(usable) { return device }
      throw missing("vulkan", devices)
    case .index(let index):
      guard let device = devices.first(where: { $0.index == index }), device.refusal == nil else {
        throw missing("vulkan:\(index)", devices)
      }
      return device
    case .name(let part):
      let wanted = part.lowercased()
      if let device = best(usable.filter { $0.name.lowercased().contains(wanted) }) { return device }
      throw missing("vulkan:\(part)", devices)
    }
  }

  /// Discrete before integrated before virtual before a processor; then the larger memory, then the order.
  private static func best(_ devices: [DeviceInfo]) -> DeviceInfo? {
    func rank(_ device: DeviceInfo) -> (Int, Int, Int) {
      (DeviceInfo.Kind.allCases.firstIndex(of: device.kind)!, -device.localBytes, device.index)
    }
    return devices.min { rank($0) < rank($1) }
  }

  /// One device may be there under two drivers: Mesa's, else the first.
  private static func distinct(_ devices: [DeviceInfo]) -> [DeviceInfo] {
    var result: [DeviceInfo] = []
    for device in devices {
      let twin = result.firstIndex { $0.deviceUUID == device.deviceUUID && device.deviceUUID.contains { $0 != 0 } }
      guard let twin else {
        result.append(device)
        continue
      }
      if device.driver.lowercased().contains("mesa") && !result[twin].driver.lowercased().contains("mesa") {
        result[twin] = device
      }
    }
    return result
  }

  private static func missing(_ request: String, _ devices: [DeviceInfo]) -> RuntimeError {
    let list = devices.map { device in
      "\(device.index) \(device.name) (\(device.kind.rawValue)\(device.refusal.map { ", " + $0 } ?? ""))"
    }
    let got = list.isEmpty ? "no Vulkan device" : list.joined(separator: "; ")
    return RuntimeError(.device, "device \(request): expected one of this machine's, which has \(got)")
  }
}
