/// How a picture is fed to a network and how its output is read. Every default says "as found".
public struct PictureOptions: Sendable, Hashable {
  /// What turns stored values into the network's input.
  public enum Preprocess: Sendable, Hashable {
    /// Searched for: beside the model, in its metadata, in its graph; else assumed and said.
    case auto
    /// Stored values.
    case none
    /// Divided by the largest value of the type: 0…1.
    case unit
    /// 0…1, then less the ImageNet mean, divided by its deviation.
    case imagenet
    /// −1…1.
    case minus1
    /// Less the picture's mean, divided by its deviation, per channel.
    case zscore
    /// The picture's two percentiles (0…100) to 0 and 1, per channel.
    case percentile(low: Double, high: Double)
    /// A JSON file in the form of `MODEL.onnx.json` or `preprocessor_config.json`.
    case file(path: String)
  }

  public enum Alpha: String, Sendable, Hashable, CaseIterable { case drop, composite, keep }
  /// What lies beyond the picture where it is padded; `zero` is 0 in the network's input.
  public enum Border: String, Sendable, Hashable, CaseIterable { case reflect, replicate, zero }
  /// Where the channels of the input are.
  public enum Layout: String, Sendable, Hashable, CaseIterable { case nchw, nhwc }
  public enum Activation: String, Sendable, Hashable, CaseIterable { case auto, none, softmax, sigmoid }

  /// At which size the picture goes in.
  public enum Size: Sendable, Hashable {
    /// Its own.
    case keep
    /// Resampled to this many pixels.
    case exact(height: Int, width: Int)
    /// Resampled so that the shorter side has this many pixels.
    case short(Int)
  }

  public var preprocess = Preprocess.auto
  /// Channels of the picture, in the order in which the network takes them.
  public var channels: [Int]?
  /// Whether the network takes blue, green, red; nil: as found.
  public var bgr: Bool?
  public var alpha: Alpha?
  public var layout: Layout?
  public var size = Size.keep
  public var border = Border.reflect
  public var activation: Activation?
  /// On the probability, 0…1.
  public var threshold: Double?
  /// One per label.
  public var classNames: [String]?
  /// `voc`, `cityscapes`, `glasbey`, or a palette file; nil: `voc`.
  public var palette: String?
  /// The share of the colour in overlays, 0…1.
  public var overlayAlpha = 0.5
  /// The output that is read; nil: the first that looks like a picture.
  public var outputName: String?
  /// Whether an assumption about the preprocessing is an error.
  public var isStrict = false
  /// `auto`: the engine's device; `cpu`; `vulkan`; or `reference` for the plain operators.
  public var backend = "auto"

  public init() {}
}

extension PictureOptions.Preprocess {
  /// As `--preprocess` has it: a name, `percentile:LO,HI`, or a file that ends in `.json`.
  /// - Throws: `FCNError.usage` for anything else.
  public init(parsing text: String) throws(FCNError) {
    switch text {
    case "auto": self = .auto
    case "none": self = .none
    case "unit": self = .unit
    case "imagenet": self = .imagenet
    case "minus1": self = .minus1
    case "zscore": self = .zscore
    case _ where text.hasPrefix("percentile:"):
      let parts = text.dropFirst("percentile:".count).split(separator: ",", omittingEmptySubsequences: false)
      let ends = parts.compactMap { Double($0) }
      guard parts.count == 2, ends.count == 2, ends[0] >= 0, ends[0] < ends[1], ends[1] <= 100 else {
        throw FCNError(.usage, "preprocess: expected percentile:LO,HI with 0 ≤ LO < HI ≤ 100, got \(text)")
      }
      self = .percentile(low: ends[0], high: ends[1])
    case _ where text.hasSuffix(".json"): self = .file(path: text)
    default:
      throw FCNError(
        .usage,
        "preprocess: expected auto, none, unit, imagenet, minus1, zscore, percentile:LO,HI or a .json file, got \(text)"
      )
    }
  }
}

extension PictureOptions.Size {
  /// As `--size` has it: `keep`, `HxW` or `short:N`.
  /// - Throws: `FCNError.usage` for anything else.
  public init(parsing text: String) throws(FCNError) {
    func count(_ text: Substring) -> Int? { Int(text).flatMap { (1...1 << 20).contains($0) ? $0 : nil } }
    let sides = text.split(separator: "x", omittingEmptySubsequences: false)
    if text == "keep" {
      self = .keep
    } else if text.hasPrefix("short:"), let side = count(text.dropFirst("short:".count)) {
      self = .short(side)
    } else if sides.count == 2, let height = count(sides[0]), let width = count(sides[1]) {
      self = .exact(height: height, width: width)
    } else {
      throw FCNError(.usage, "size: expected keep, HxW or short:N, got \(text)")
    }
  }

  /// The size at which a picture of `height` × `width` goes in.
  package func applied(height: Int, width: Int) -> (height: Int, width: Int) {
    switch self {
    case .keep: return (height, width)
    case .exact(let newHeight, let newWidth): return (newHeight, newWidth)
    case .short(let side):
      let (low, high) = (min(height, width), max(height, width))
      let long = max(1, (high * side + low / 2) / low)
      return height <= width ? (side, long) : (long, side)
    }
  }
}
