import FCNAnalysis
import FCNImage
import FCNTensor

/// Crops of pictures as inputs for experiments; a picture that is too small is continued by its mirror image.
struct PictureCanvas {
  private let pipeline: PicturePipeline
  private let pictures: [HostTensor]
  private let seed: UInt64

  /// - Throws: `FCNError.input` for a picture that cannot be read, `.usage` if the network takes no pictures.
  init(_ model: Model, options: AnalysisOptions) throws(FCNError) {
    pipeline = try PicturePipeline(model: model, options: options.pictureOptions)
    seed = options.seed
    var pictures: [HostTensor] = []
    for path in options.pictures { pictures.append(try pipeline.tensor(path: path)) }
    self.pictures = pictures
  }

  func canvas(_ index: Int, _ size: [Int], _ grid: InputGrid) throws(TensorError) -> Canvas {
    let noise = try Canvas(noise: seed &+ UInt64(index), grid: grid, size: size)
    var generator = SeededGenerator(seed &+ UInt64(index))
    let picture = pictures[index % pictures.count]
    var target = noise.tensors[grid.image].shape.region
    for (axis, length) in zip(grid.axes, size) { target[axis] = 0..<length }
    var tables: [[Int]] = []
    for axis in 0..<picture.shape.rank {
      let available = picture.shape[axis]
      let wanted = target[axis].count
      let start = grid.axes.contains(axis) ? generator.integer(in: 0...max(0, available - wanted)) : 0
      tables.append((0..<wanted).map { PictureCanvas.mirrored(start + $0, available) })
    }
    var tensors = noise.tensors
    tensors[grid.image] = try PictureCanvas.gathered(picture, tables)
    return Canvas(grid: grid, tensors: tensors)
  }

  /// 0, 1 … n−1, n−2 … 1, 0, 1 …
  private static func mirrored(_ index: Int, _ count: Int) -> Int {
    if count <= 1 { return 0 }
    let phase = index % (2 * count - 2)
    return phase < count ? phase : 2 * count - 2 - phase
  }

  private static func gathered(_ tensor: HostTensor, _ tables: [[Int]]) throws(TensorError) -> HostTensor {
    let values = tensor.doubles()
    let strides = tensor.shape.strides
    var offsets = [0]
    for (table, stride) in zip(tables, strides) {
      offsets = offsets.flatMap { offset in table.map { offset + $0 * stride } }
    }
    return try HostTensor(
      doubles: offsets.map { values[$0] }, elementType: tensor.elementType, shape: Shape(tables.map(\.count)))
  }
}
