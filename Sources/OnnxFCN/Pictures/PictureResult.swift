package import FCNImage
package import FCNSegmentation
package import FCNTensor

/// What a network said about one picture.
public struct PictureResult: Sendable {
  package enum Content: Sendable {
    case none
    /// Labels on the picture's grid; the scores as the network gave them.
    case segmentation(LabelMap, scores: HostTensor, ScoreReading)
    /// An image on the output's grid.
    case image(Picture, source: String)
    /// `[1, C, H, W]` or `[1, H, W, C]` on the output's grid, padding cut off; the sum over all.
    case density(HostTensor, sum: Double)
  }

  package let pipeline: PicturePipeline
  /// The picture's name, for messages.
  public let name: String
  package let fitted: PicturePipeline.Fitted
  package let view: OutputView
  package let mapping: GridMapping
  package private(set) var content = Content.none
  /// Every output of the network as it is, in graph order.
  package var outputs: [HostTensor] = []
  /// From the encoded picture to the result.
  public internal(set) var seconds = 0.0
  /// What was assumed about the output; one line each.
  public private(set) var notes: [String] = []

  init(
    pipeline: PicturePipeline, name: String, fitted: PicturePipeline.Fitted, view: OutputView, mapping: GridMapping
  ) {
    self.pipeline = pipeline
    self.name = name
    self.fitted = fitted
    self.view = view
    self.mapping = mapping
    if fitted.picture.hasAlpha, pipeline.preprocessing.alpha == .drop,
      fitted.picture.channels != pipeline.input.channels
    {
      notes.append("the alpha channel is dropped")
    }
  }

  /// Pixels of the picture.
  public var height: Int { fitted.picture.height }
  public var width: Int { fitted.picture.width }

  /// The class of each pixel in raster order, `labelHeight` × `labelWidth`; nil if the output is an image or a density.
  public var labels: [UInt16]? { labelMap?.labels }
  public var labelHeight: Int { labelMap?.height ?? 0 }
  public var labelWidth: Int { labelMap?.width ?? 0 }
  /// One per label, or empty.
  public var classNames: [String] { labelMap?.classNames ?? [] }
  /// The sum of a density output.
  public var densitySum: Double? { if case .density(_, let sum) = content { sum } else { nil } }

  package var labelMap: LabelMap? { if case .segmentation(let map, _, _) = content { map } else { nil } }

  /// The probability of each class, float32 `[1, C, H, W]` (`[1, H, W, C]` for such a network) on the picture's grid.
  /// - Throws: `FCNError.usage` if the output is no segmentation by scores.
  public func probabilities() throws(FCNError) -> Tensor { try values(Probabilities.tensor, hasChannels: true) }

  /// The probability of the label chosen, float32 `[H, W]` on the picture's grid.
  /// - Throws: `FCNError.usage` if the output is no segmentation by scores.
  public func confidence() throws(FCNError) -> Tensor { try values(Probabilities.confidence, hasChannels: false) }

  private func values(
    _ make: (HostTensor, ScoreReading) throws(SegmentationError) -> HostTensor, hasChannels: Bool
  ) throws(FCNError) -> Tensor {
    guard case .segmentation(_, let scores, let reading) = content, reading.kind != .labels else {
      throw FCNError(.usage, "probabilities: the output \(pipeline.output.name) has no scores of classes")
    }
    let tensor: HostTensor
    do throws(SegmentationError) { tensor = try make(scores, reading) } catch { throw FCNError(error) }
    do throws(TensorError) {
      let isLast = hasChannels && view.hint == .last
      let channels = hasChannels ? view.channels : 1
      let shape: Shape = isLast ? [1, view.height, view.width, channels] : [1, channels, view.height, view.width]
      let mapped = try mapping.values(try tensor.reshaped(shape), isChannelsLast: isLast)
      if hasChannels { return Tensor(mapped) }
      return Tensor(try mapped.reshaped([mapped.shape[2], mapped.shape[3]]))
    } catch { throw FCNError(error) }
  }

  mutating func readScores(_ tensor: HostTensor) throws(FCNError) {
    let plan = pipeline.preprocessing
    do throws(SegmentationError) {
      let reading = try ScoreReading(
        tensor, final: pipeline.output.final.activation, activation: plan.activation, channels: view.hint,
        threshold: plan.threshold)
      notes += reading.assumptions.map { "assumed \($0)" }
      var names = plan.classNames
      if names.isEmpty, pipeline.options.palette != nil { names = pipeline.palette.classNames }
      let fits =
        reading.kind == .labels || names.isEmpty || names.count == reading.classCount
        || reading.firstLabel == 1 && names.count == reading.layout.channels
      if !fits, !plan.areNamesGiven {
        notes.append("\(names.count) class names for \(reading.classCount) labels are not used")
        names = []
      }
      let raw: LabelMap
      do throws(SegmentationError) { raw = try LabelMap(tensor, reading, classNames: names) } catch {
        guard error.code == .option, !plan.areNamesGiven, !names.isEmpty else { throw error }
        notes.append("\(names.count) class names do not cover the labels and are not used")
        raw = try LabelMap(tensor, reading)
      }
      content = .segmentation(try mapping.labels(raw), scores: tensor, reading)
    } catch { throw FCNError(error) }
  }

  mutating func readImage(_ tensor: HostTensor, _ settled: Preprocessing) throws(FCNError) {
    let isLast = view.hint == .last
    let (scaling, source) = pipeline.output.imageScaling(input: pipeline.preprocessing.scaling)
    let depth = fitted.resampled.bitDepth
    let isInverse = scaling == pipeline.preprocessing.scaling
    var inverse = isInverse ? settled.normalization : scaling.normalization(bitDepth: depth)
    if view.channels != pipeline.input.channels, isInverse, let count = inverse.channelCount, count != view.channels {
      inverse = .unit
      notes.append("assumed the image output to be in 0…1")
    }
    do throws(TensorError) {
      let shape: Shape =
        isLast ? [1, view.height, view.width, view.channels] : [1, view.channels, view.height, view.width]
      let cropped = try mapping.cropped(try tensor.reshaped(shape), isChannelsLast: isLast)
      do throws(ImageError) {
        var picture = try Picture(
          fromTensor: cropped, layout: isLast ? .nhwc : .nchw, inverse: inverse, bgr: pipeline.preprocessing.bgr,
          bitDepth: depth)
        if isResizedBack {
          picture = try picture.resized(width: width, height: height)
        }
        content = .image(picture, source: source)
        if isInverse, pipeline.preprocessing.isAssumed {
          notes.append("assumed the image output to be in the range of the input, \(scaling)")
        }
      } catch { throw TensorError(.mismatch, error.detail) }
    } catch { throw FCNError(error) }
  }

  mutating func readDensity(_ tensor: HostTensor) throws(FCNError) {
    let isLast = view.hint == .last
    do throws(TensorError) {
      let shape: Shape =
        isLast ? [1, view.height, view.width, view.channels] : [1, view.channels, view.height, view.width]
      let cropped = try mapping.cropped(try tensor.reshaped(shape), isChannelsLast: isLast)
      content = .density(cropped, sum: cropped.doubles().reduce(0, +))
    } catch { throw FCNError(error) }
  }
}

extension Normalization {
  /// How many channels it is made for; nil: any.
  var channelCount: Int? {
    switch self {
    case .imagenet: 3
    case .affine(let scale, let offset) where max(scale.count, offset.count) > 1: max(scale.count, offset.count)
    case .none, .unit, .minus1, .zscore, .percentile, .affine: nil
    }
  }
}
