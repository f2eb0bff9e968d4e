import FCNTensor

/// Reads tensors of a scanned file.
struct TensorReader {
  private let source: ModelBytes
  private let external: ExternalFiles
  private let limits: LoaderLimits

  init(source: ModelBytes, external: ExternalFiles, _ limits: LoaderLimits) {
    self.source = source
    self.external = external
    self.limits = limits
  }

  /// The tensor's values: shared with the file where they are stored as they are used.
  ///
  /// Accepts raw bytes, external data, and every typed field, packed or not; float16 and bfloat16 in `int32_data` are
  /// their 16 bits, integers wider than the element type are cut.
  /// - Throws: `ONNXError.unsupported` for element types that are not stored here, `.invalid`, `.limit`, `.unsafe`,
  ///   `.file`.
  func tensor(_ proto: ProtoTensor, _ place: String) throws(ONNXError) -> HostTensor {
    do throws(ONNXError) {
      guard !proto.isSegment else { throw ONNXError(.unsupported, "a segment of a tensor") }
      guard let elementType = proto.type.elementType else {
        throw ONNXError(.unsupported, "element type \(proto.type)")
      }
      let shape = try shape(proto)
      let byteCount = shape.count * elementType.size
      let storage =
        proto.isExternal
        ? try external.storage(ExternalLocation(proto.external), byteCount: byteCount)
        : try storage(proto, elementType, count: shape.count)
      do throws(TensorError) {
        return try HostTensor(elementType: elementType, shape: shape, storage: storage)
      } catch { throw ONNXError(error) }
    } catch { throw error.at(place) }
  }

  private func shape(_ proto: ProtoTensor) throws(ONNXError) -> Shape {
    guard proto.dims.count <= limits.rank else {
      throw ONNXError(.limit, "rank: expected at most \(limits.rank), got \(proto.dims.count)")
    }
    if let dim = proto.dims.first(where: { $0 < 0 }) {
      throw ONNXError(.invalid, "dimension: expected ≥ 0, got \(dim)")
    }
    let shape = Shape(proto.dims.map { Int($0) })
    do throws(TensorError) { _ = try shape.checkedCount() } catch { throw ONNXError(error) }
    return shape
  }

  private func storage(_ proto: ProtoTensor, _ type: ElementType, count: Int) throws(ONNXError) -> Storage {
    let spans = proto.payload.filter { !$0.range.isEmpty }
    let needed = count * type.size
    guard let first = spans.first else {
      guard needed == 0 else { throw ONNXError(.invalid, "data: expected \(needed) bytes, got none") }
      return source.storage(0..<0)
    }
    guard spans.allSatisfy({ $0.field == first.field }) else {
      throw ONNXError(.invalid, "data: expected one field, got several")
    }
    if first.field == 9 {
      guard spans.count == 1 else { throw ONNXError(.invalid, "raw_data is given \(spans.count) times") }
      guard first.range.count == needed else {
        throw ONNXError(.invalid, "raw_data: expected \(needed) bytes, got \(first.range.count)")
      }
      return source.storage(first.range)
    }
    guard first.field == proto.type.typedField else {
      throw ONNXError(.invalid, "data: field \(first.field) does not hold \(proto.type)")
    }
    let isFixed = first.field == 4 || first.field == 10
    if isFixed, first.isPacked, spans.count == 1, first.range.count == needed { return source.storage(first.range) }
    return try TypedPayload(source.bytes, spans, type, isFixed: isFixed).storage(count: count)
  }
}
