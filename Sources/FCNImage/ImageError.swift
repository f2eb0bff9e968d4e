package import FCNTensor

/// What can go wrong with pictures: reading, writing, and turning them into tensors and back.
package struct ImageError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable {
    /// The file cannot be opened or read.
    case file
    /// The bytes are no PNG or JPEG, or damaged, or end too early.
    case format
    /// A form of PNG or JPEG, or a combination of picture and tensor, that is outside this build.
    case unsupported
    /// The picture exceeds `PictureLimits`.
    case limit
    /// Sizes, channels, depths or parameters do not fit together.
    case mismatch
    /// Memory could not be had.
    case memory
  }

  package let code: Code
  package let detail: String

  package init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  /// The same failure, said of a picture called `name`.
  package init(_ error: TensorError, name: String? = nil) {
    let prefix = name.map { "\($0): " } ?? ""
    switch error.code {
    case .size, .mismatch: self.init(.mismatch, prefix + error.detail)
    case .file: self.init(.file, prefix + error.detail)
    case .format: self.init(.format, prefix + error.detail)
    case .memory, .space: self.init(.memory, prefix + error.detail)
    }
  }

  package var description: String { detail }
}

extension Storage {
  /// Uninitialised owned storage, with this room's error.
  static func forPicture(count: Int) throws(ImageError) -> Storage {
    do throws(TensorError) { return try Storage(count: count) } catch { throw ImageError(error) }
  }
}
