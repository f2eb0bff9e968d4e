import FCNImage
import FCNSegmentation
import FCNTensor

extension PictureResult {
  /// The kinds that this result can be written as.
  public var availableKinds: Set<OutputKind> {
    switch content {
    case .none: [.stats]
    case .segmentation(_, _, let reading):
      Set(
        [.labels, .trusted, .stats] + (reading.kind == .labels ? [] : [.prob, .confidence])
          + (mapping.isAligned ? [.overlay] : []))
    case .image: [.image, .trusted, .stats]
    case .density: [.density, .trusted, .stats]
    }
  }

  /// The bytes of a file of one kind.
  /// - Throws: `FCNError.usage` for a kind that this result does not have or another extension.
  public func encoded(_ kind: OutputKind, fileExtension: String? = nil) throws(FCNError) -> [UInt8] {
    let fileExtension = fileExtension ?? kind.extensions[0]
    guard kind.extensions.contains(fileExtension) else {
      throw FCNError(
        .usage, "\(kind.rawValue): expected \(kind.extensions.joined(separator: ", ")), got \(fileExtension)")
    }
    switch (kind, content) {
    case (.stats, _): return Array((statistics.serialized(pretty: true) + "\n").utf8)
    case (.labels, .segmentation(let map, _, _)):
      return fileExtension == "npy" ? try npy(map) : try indexed(map)
    case (.overlay, .segmentation(let map, _, _)): return try overlay(map, fileExtension)
    case (.prob, .segmentation): return try npy(try probabilities().host)
    case (.confidence, .segmentation): return try npy(try confidence().host)
    case (.image, .image(let picture, _)): return try encode(picture, fileExtension)
    case (.density, .density(let tensor, _)): return try npy(tensor)
    case (.trusted, .segmentation), (.trusted, .image), (.trusted, .density): return try mask(trusted, fileExtension)
    default:
      let what = pipeline.output.meaning.rawValue
      throw FCNError(.usage, "\(kind.rawValue): the output \(pipeline.output.name) is read as \(what), which has none")
    }
  }

  private func npy(_ tensor: HostTensor) throws(FCNError) -> [UInt8] {
    do throws(TensorError) { return try NPY.encode(tensor) } catch { throw FCNError(error) }
  }

  private func npy(_ map: LabelMap) throws(FCNError) -> [UInt8] {
    do throws(TensorError) {
      let type: ElementType = map.bytes == nil ? .uint16 : .uint8
      let tensor = try HostTensor(
        integers: map.labels.map(Int64.init), elementType: type, shape: [map.height, map.width])
      return try NPY.encode(tensor)
    } catch { throw FCNError(error) }
  }

  private func mask(_ region: TrustedRegion, _ fileExtension: String) throws(FCNError) -> [UInt8] {
    let mask = region.mask
    if fileExtension == "npy" {
      do throws(TensorError) {
        return try NPY.encode(
          try HostTensor(
            integers: mask.map(Int64.init), elementType: .uint8, shape: [region.height, region.width]))
      } catch { throw FCNError(error) }
    }
    do throws(ImageError) {
      let picture = try Picture(width: region.width, height: region.height, channels: 1, samples: mask)
      return try PNGEncoder(level: 6, texts: [PNGText("Software", "onnx-fcn")]).encode(picture)
    } catch { throw FCNError(error) }
  }

  private var texts: [PNGText] {
    var texts = [PNGText("Software", "onnx-fcn")]
    if !classNames.isEmpty {
      texts.append(PNGText("onnxfcn.classes", JSONValue.array(classNames.map(JSONValue.string)).serialized()))
    }
    return texts
  }

  private func indexed(_ map: LabelMap) throws(FCNError) -> [UInt8] {
    let encoder = PNGEncoder(level: 6, texts: texts)
    do throws(ImageError) {
      guard let bytes = map.bytes else {
        return try encoder.encode(try Picture(width: map.width, height: map.height, channels: 1, samples: map.labels))
      }
      let highest = Int(bytes.max() ?? 0)
      let count = min(256, max(map.classCount, highest + 1))
      return try encoder.encode(
        indices: bytes, width: map.width, height: map.height, palette: pipeline.palette.bytes(count: count))
    } catch { throw FCNError(error) }
  }

  private func overlay(_ map: LabelMap, _ fileExtension: String) throws(FCNError) -> [UInt8] {
    guard mapping.isAligned else {
      throw FCNError(.usage, "overlay: the output's grid \(view.height)x\(view.width) cannot be laid over the picture")
    }
    let picture: Picture
    do throws(ImageError) {
      let colors = try fitted.picture.droppingAlpha().converted(toBitDepth: 8)
      picture = colors.channels == 1 ? try colors.replicatedToRGB() : try colors.selecting([0, 1, 2])
    } catch { throw FCNError(error) }
    let blended: [UInt8]
    do throws(SegmentationError) {
      blended = try Overlay.blend(
        picture: picture.withSamples(UInt8.self) { Array($0) }, labels: map, palette: pipeline.palette,
        alpha: pipeline.options.overlayAlpha)
    } catch { throw FCNError(error) }
    let result: Picture
    do throws(ImageError) {
      result = try Picture(width: picture.width, height: picture.height, channels: 3, samples: blended)
    } catch { throw FCNError(error) }
    return try encode(result, fileExtension)
  }

  private func encode(_ picture: Picture, _ fileExtension: String) throws(FCNError) -> [UInt8] {
    do throws(ImageError) {
      if fileExtension == "png" { return try PNGEncoder().encode(picture) }
      return try JPEGEncoder().encode(try picture.droppingAlpha().converted(toBitDepth: 8))
    } catch { throw FCNError(error) }
  }
}
