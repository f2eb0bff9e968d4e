import FCNTensor

/// Whole small files.
package enum FileBytes {
  /// - Throws: `FCNError.input` if the file is missing or larger than `limit` bytes.
  package static func read(_ path: String, limit: Int = 1 << 24) throws(FCNError) -> [UInt8] {
    do throws(TensorError) {
      let file = try MappedFile(path: path, limit: limit, maps: false)
      return withExtendedLifetime(file) { Array(file.bytes) }
    } catch { throw FCNError(error) }
  }
}
