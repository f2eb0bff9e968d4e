import FCNTensor
import Glibc

/// Real models beside the package (`../shared`); tests that use them are skipped where it is absent.
enum SharedFolder {
  static let path = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined() + "/shared"
  static var exists: Bool { access(path + "/models", R_OK) == 0 }

  static func bytes(_ name: String) throws -> [UInt8] {
    let file = try MappedFile(path: "\(path)/\(name)")
    return withExtendedLifetime(file) { Array(file.bytes) }
  }
}
