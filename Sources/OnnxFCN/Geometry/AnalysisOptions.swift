/// How the geometry of a network is measured.
public struct AnalysisOptions: Sendable {
  /// The image size that borders are derived for; nil: see `Model.geometry`.
  public var size: [Int]?
  /// Pictures (PNG or JPEG files) to take crops of; empty: seeded noise.
  public var pictures: [String]
  /// Preprocessing of the pictures.
  public var pictureOptions: PictureOptions
  /// Images that the experiments are made on.
  public var samples: Int
  /// Of noise, crops and channel weights.
  public var seed: UInt64
  /// Told the part that is done, 0 to 1.
  public var onProgress: (@Sendable (Double) -> Void)?

  public init(
    size: [Int]? = nil, pictures: [String] = [], pictureOptions: PictureOptions = PictureOptions(), samples: Int = 3,
    seed: UInt64 = 1, onProgress: (@Sendable (Double) -> Void)? = nil
  ) {
    self.size = size
    self.pictures = pictures
    self.pictureOptions = pictureOptions
    self.samples = samples
    self.seed = seed
    self.onProgress = onProgress
  }
}
