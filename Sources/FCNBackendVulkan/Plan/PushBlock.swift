import FCNRuntime

/// The push constants that all shaders share, word by word as Shaders/common/params.glsl has them.
struct PushBlock: Sendable {
  private(set) var words = [UInt32](repeating: 0, count: 32)

  /// All words 0.
  init() {}

  /// The box computed, `[N][C4][D][H][W]`, and the held source; sizes of the source's image.
  init(_ output: DeviceTensor, source: DeviceTensor) {
    self[0] = output.n.count
    self[1] = output.blocks.count
    (self[2], self[3], self[4]) = (output.d.count, output.h.count, output.w.count)
    (self[5], self[6], self[7]) = (output.d.lowerBound, output.h.lowerBound, output.w.lowerBound)
    self[8] = output.blocks.lowerBound
    self[9] = source.blocks.count
    (self[10], self[11], self[12]) = (source.d.count, source.h.count, source.w.count)
    (self[13], self[14], self[15]) = (source.d.lowerBound, source.h.lowerBound, source.w.lowerBound)
    // Images of the source before the first of the output: n·sc4 + c − sc0 counts blocks.
    self[16] = source.blocks.lowerBound - (output.n.lowerBound - source.n.lowerBound) * source.blocks.count
    (self[17], self[18], self[19]) = (source.imageD, source.imageH, source.imageW)
    self[20] = output.imageChannels
  }

  subscript(index: Int) -> Int {
    get { Int(Int32(bitPattern: words[index])) }
    set { words[index] = UInt32(bitPattern: Int32(newValue)) }
  }

  /// For shaders that count the source's blocks from the first held one: images before the first of the output are
  /// slices of depth.
  mutating func countBlocksFromFirst(_ output: DeviceTensor, source: DeviceTensor) {
    let images = output.n.lowerBound - source.n.lowerBound
    self[13] = source.d.lowerBound - images * source.blocks.count * source.d.count
    self[16] = source.blocks.lowerBound
  }

  /// Word 21, added to the x index of the group.
  var base: Int {
    get { self[21] }
    set { self[21] = newValue }
  }

  /// Words 22 and 23: parameters of the activation or function.
  mutating func setParameters(_ a: Float, _ b: Float) {
    (words[22], words[23]) = (a.bitPattern, b.bitPattern)
  }

  /// Words 24 to 31, free for each shader.
  mutating func setExtra(_ values: Int...) {
    for (index, value) in values.enumerated() { self[24 + index] = value }
  }

  /// One row of all positions, for shaders that need no coordinates.
  mutating func flatten() {
    self[4] = self[2] * self[3] * self[4]
    (self[2], self[3]) = (1, 1)
  }
}
