/// Bounds on what a model file may ask of the loader; each is checked before memory is taken. With the defaults the
/// worst file tried (4 MB, two million empty attributes) takes 1.2 GB to open.
package struct LoaderLimits: Sendable {
  /// Bytes of the model file, without external data. Default 2 GiB, the bound of protobuf.
  package var fileBytes = 1 << 31
  /// Bytes of the file's structure without tensor payloads. Default 256 MiB.
  package var skeletonBytes = 1 << 28
  /// Messages inside messages. Default 32.
  package var depth = 32
  /// Bytes of one name or text. Default 1 MiB.
  package var textBytes = 1 << 20
  /// Messages of every kind. Default 2 million.
  package var messages = 2_000_000
  /// Single fields, elements of unpacked lists counted each. Default 8 million.
  package var fields = 8_000_000
  /// Nodes, those of subgraphs and functions included. Default 100 000.
  package var nodes = 100_000
  /// Axes of a tensor. Default 8.
  package var rank = 8
  /// Whether external data may have more than one name in the file system. Default false: a hard link that came with
  /// a model can name any file of the same volume.
  package var allowsHardLinks = false

  package init() {}
}
