import FCNTensor

/// The driver's pipeline cache on disk: our header with a checksum, then the driver's bytes, whose own header is
/// checked too, since drivers trust it.
struct PipelineCacheFile: Sendable {
  private static let magic: [UInt8] = Array("FCNVKPC1".utf8)
  private static let limit = 1 << 28
  private let folder: String
  private let path: String
  private let vendor: UInt32
  private let device: UInt32
  private let uuid: [UInt8]

  init(folder: String, _ info: DeviceInfo) {
    self.folder = folder
    (vendor, device, uuid) = (info.vendor, info.device, info.cacheUUID)
    let digits = info.cacheUUID.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let numbers = [info.vendor, info.device, info.driverVersion].map { String($0, radix: 16) }.joined(separator: "-")
    path = "\(folder)/vk-\(numbers)-\(digits).bin"
  }

  /// The driver's bytes; nil where there are none for this device and driver.
  func read() -> [UInt8]? {
    guard let file = try? MappedFile(path: path, limit: PipelineCacheFile.limit, maps: false) else { return nil }
    return withExtendedLifetime(file) {
      let head = PipelineCacheFile.magic.count + 8
      guard file.bytes.count >= head, file.bytes.prefix(8).elementsEqual(PipelineCacheFile.magic) else { return nil }
      let data = Array(file.bytes.dropFirst(head))
      let sum = file.bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      return sum == PipelineCacheFile.checksum(data) && isOurs(data) ? data : nil
    }
  }

  /// The header that Vulkan prescribes: length 32, version 1, vendor, device, UUID.
  func isOurs(_ data: [UInt8]) -> Bool {
    guard data.count >= 32 else { return false }
    return data.withUnsafeBytes { bytes in
      let words = (0..<4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
      return words == [32, 1, vendor, device] && bytes[16..<32].elementsEqual(uuid)
    }
  }

  /// Failure costs time only.
  func write(_ data: [UInt8]) {
    guard isOurs(data) else { return }
    let sum = withUnsafeBytes(of: PipelineCacheFile.checksum(data)) { Array($0) }
    let parent = folder.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    if !parent.isEmpty { try? Folder.make(parent) }
    try? Folder.make(folder)
    try? AtomicFile.write(PipelineCacheFile.magic + sum + data, to: path)
  }

  /// FNV-1a.
  private static func checksum(_ data: [UInt8]) -> UInt64 {
    data.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
