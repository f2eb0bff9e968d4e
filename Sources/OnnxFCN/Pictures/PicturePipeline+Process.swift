package import FCNImage
import FCNRuntime
import FCNSegmentation
package import FCNTensor

extension PicturePipeline {
  /// Runs the network on an image file (PNG or JPEG; EXIF orientation is followed).
  /// - Throws: `FCNError`: `.input` for a damaged file or a size that does not fit, `.resources`, `.cancelled`.
  public func process(path: String, control: PictureControl = PictureControl()) throws(FCNError) -> PictureResult {
    let start = monotonicSeconds()
    let picture: Picture
    do throws(ImageError) { picture = try PictureReader.read(path: path) } catch { throw FCNError(error) }
    return try process(picture, name: Folder.name(path), control: control, start: start)
  }

  /// Runs the network on an encoded image in memory; `name` is for messages.
  public func process(
    bytes: [UInt8], name: String, control: PictureControl = PictureControl()
  ) throws(FCNError) -> PictureResult {
    let start = monotonicSeconds()
    let picture: Picture
    do throws(ImageError) { picture = try PictureReader.read(bytes: bytes, name: name) } catch { throw FCNError(error) }
    return try process(picture, name: name, control: control, start: start)
  }

  package func process(
    _ picture: Picture, name: String, control: PictureControl = PictureControl(), start: Double = monotonicSeconds()
  ) throws(FCNError) -> PictureResult {
    try control.check()
    let fitted = try fit(picture)
    let prepared = try model.prepared(shapes(fitted.network), backend: options.backend)
    try control.check()
    let (tensor, settled) = try inputTensor(fitted)
    let results: [HostTensor]
    do throws(RuntimeError) { results = try prepared.run(tensors(tensor), control: control.run) } catch {
      throw FCNError(error)
    }
    try control.check()
    var result = try read(results[output.index], fitted, settled, name: name, start: start)
    result.outputs = results
    return result
  }

  /// A picture at the size at which it goes in.
  package struct Fitted: Sendable {
    package var picture: Picture
    package var resampled: Picture
    package var network: SizeSearch.Size
  }

  /// The sizes that a picture of this size would take: resampled, then padded.
  package func sizes(height: Int, width: Int) throws(FCNError) -> (resampled: SizeSearch.Size, network: SizeSearch.Size)
  {
    let (newHeight, newWidth) = options.size.applied(height: height, width: width)
    let resampled = SizeSearch.Size(height: newHeight, width: newWidth)
    return (resampled, try networkSize(resampled))
  }

  private func fit(_ picture: Picture) throws(FCNError) -> Fitted {
    let (size, network) = try sizes(height: picture.height, width: picture.width)
    do throws(ImageError) {
      var resampled = try picture.resized(width: size.width, height: size.height)
      if input.elementType == .uint8, resampled.bitDepth == 16 { resampled = try resampled.converted(toBitDepth: 8) }
      return Fitted(picture: picture, resampled: resampled, network: network)
    } catch { throw FCNError(error) }
  }

  /// The input tensor of a picture file at its own size: nothing is resampled or padded.
  package func tensor(path: String) throws(FCNError) -> HostTensor {
    var picture: Picture
    do throws(ImageError) {
      picture = try PictureReader.read(path: path)
      if input.elementType == .uint8, picture.bitDepth == 16 { picture = try picture.converted(toBitDepth: 8) }
    } catch { throw FCNError(error) }
    let size = SizeSearch.Size(height: picture.height, width: picture.width)
    return try inputTensor(Fitted(picture: picture, resampled: picture, network: size)).0
  }

  /// The padded input tensor, and the preprocessing with its statistics settled (for the inverse).
  private func inputTensor(_ fitted: Fitted) throws(FCNError) -> (HostTensor, Preprocessing) {
    let picture = fitted.resampled
    var alpha = preprocessing.alpha
    if alpha == .drop, picture.hasAlpha, picture.channels == input.channels { alpha = .keep }
    let steps = Preprocessing(
      channels: preprocessing.channels, bgr: preprocessing.bgr, alpha: alpha,
      normalization: preprocessing.scaling.normalization(bitDepth: picture.bitDepth))
    let tensor: HostTensor
    let settled: Preprocessing
    do throws(ImageError) {
      settled = try steps.resolved(for: picture, channels: input.channels)
      tensor = try settled.apply(
        picture, layout: input.layout, elementType: input.elementType, channels: input.channels)
    } catch { throw FCNError(error) }
    do throws(TensorError) {
      let padded = try options.border.padded(
        tensor, height: fitted.network.height, width: fitted.network.width, isChannelsLast: input.layout == .nhwc)
      return (
        try padded.reshaped(input.shape(height: fitted.network.height, width: fitted.network.width)), settled
      )
    } catch { throw FCNError(error) }
  }

  private func read(
    _ tensor: HostTensor, _ fitted: Fitted, _ settled: Preprocessing, name: String, start: Double
  ) throws(FCNError) -> PictureResult {
    let size = fitted.network
    guard let view = OutputView(tensor.shape, input: input, height: size.height, width: size.width) else {
      throw FCNError(.input, "output \(output.name): \(tensor.shape) is no picture")
    }
    let mapping = mapping(picture: fitted.picture, resampled: fitted.resampled, network: size, view: view)
    var result = PictureResult(pipeline: self, name: name, fitted: fitted, view: view, mapping: mapping)
    switch output.meaning {
    case .segmentation: try result.readScores(tensor)
    case .image: try result.readImage(tensor, settled)
    case .density: try result.readDensity(tensor)
    }
    result.seconds = monotonicSeconds() - start
    return result
  }
}

extension Model {
  /// Runs the network on an image file and reads its output: labels, probabilities, or an image. For many pictures make
  /// one `PicturePipeline`.
  /// - Throws: `FCNError`.
  public func process(
    picture path: String, options: PictureOptions = PictureOptions(), control: PictureControl = PictureControl()
  ) throws(FCNError) -> PictureResult {
    try PicturePipeline(model: self, options: options).process(path: path, control: control)
  }

  /// Runs the network on an encoded image (PNG or JPEG) in memory.
  /// - Throws: `FCNError`.
  public func process(
    pictureBytes bytes: [UInt8], name: String = "picture", options: PictureOptions = PictureOptions(),
    control: PictureControl = PictureControl()
  ) throws(FCNError) -> PictureResult {
    try PicturePipeline(model: self, options: options).process(bytes: bytes, name: name, control: control)
  }
}
