/// NumPy's array file, format 1.0 to 3.0 (numpy.lib.format): magic, version, a Python dictionary, raw elements.
package enum NPY {
  private static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  /// Reads a file; its pages are mapped, not copied, when C-ordered and little endian.
  /// - Throws: `TensorError` for a missing, damaged or big-endian file, an unknown dtype, or trailing or missing bytes.
  package static func read(path: String) throws(TensorError) -> HostTensor {
    let file = try MappedFile(path: path)
    let header = try parse(file.bytes, name: path)
    let storage = Storage(mapping: file, range: header.offset..<file.bytes.count)
    return try tensor(header, storage, name: path)
  }

  /// Parses bytes in memory (copied).
  package static func read(bytes: [UInt8], name: String) throws(TensorError) -> HostTensor {
    var header: Header?
    var failure: TensorError?
    bytes.withUnsafeBytes { buffer in
      do throws(TensorError) { header = try parse(buffer, name: name) } catch { failure = error }
    }
    if let failure { throw failure }
    let storage = try Storage(count: bytes.count - header!.offset)
    bytes.withUnsafeBytes {
      storage.mutableBytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[header!.offset...]))
    }
    return try tensor(header!, storage, name: name)
  }

  /// The file's bytes, format 1.0, C order. bfloat16 has no NumPy type and is widened to float32.
  package static func encode(_ tensor: HostTensor) throws(TensorError) -> [UInt8] {
    let tensor =
      tensor.elementType == .bfloat16
      ? try HostTensor(doubles: tensor.doubles(), elementType: .float32, shape: tensor.shape) : tensor
    let dims = tensor.shape.dims.map(String.init)
    let shape = dims.count == 1 ? "(\(dims[0]),)" : "(\(dims.joined(separator: ", ")))"
    var text = "{'descr': '\(descriptor(tensor.elementType))', 'fortran_order': False, 'shape': \(shape), }"
    text += String(repeating: " ", count: (64 - (10 + text.utf8.count + 1) % 64) % 64) + "\n"
    let length = text.utf8.count
    var result = magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
    result += text.utf8
    result += tensor.storage.bytes
    return result
  }

  private struct Header {
    var type: ElementType
    var shape: Shape
    var isFortran: Bool
    var offset: Int
  }

  private static func tensor(_ header: Header, _ storage: Storage, name: String) throws(TensorError) -> HostTensor {
    do throws(TensorError) {
      let shape = header.isFortran ? Shape(header.shape.dims.reversed()) : header.shape
      let tensor = try HostTensor(elementType: header.type, shape: shape, storage: storage)
      return header.isFortran && shape.rank > 1 ? try reversedAxes(tensor) : tensor
    } catch { throw TensorError(.format, "\(name): \(error.detail)") }
  }

  private static func reversedAxes(_ tensor: HostTensor) throws(TensorError) -> HostTensor {
    let target = Shape(tensor.shape.dims.reversed())
    let result = try HostTensor(tensor.elementType, target, zeroed: false)
    let size = tensor.elementType.size
    let strides = tensor.shape.strides
    var index = [Int](repeating: 0, count: target.rank)
    for to in 0..<target.count {
      var from = 0
      for axis in 0..<target.rank { from += index[axis] * strides[target.rank - 1 - axis] }
      (result.storage.mutableBytes.baseAddress! + to * size).copyMemory(
        from: tensor.storage.bytes.baseAddress! + from * size, byteCount: size)
      var axis = target.rank - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < target[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
    return result
  }

  private static func parse(_ bytes: UnsafeRawBufferPointer, name: String) throws(TensorError) -> Header {
    func damaged(_ what: String) -> TensorError { TensorError(.format, "\(name): damaged NPY file: \(what)") }
    guard bytes.count >= 10, bytes.prefix(6).elementsEqual(magic) else {
      throw TensorError(.format, "\(name): expected an NPY file (magic \\x93NUMPY)")
    }
    let version = bytes[6]
    let start = version == 1 ? 10 : 12
    guard (1...3).contains(version), bytes.count >= start else { throw damaged("version \(version)") }
    var length = Int(bytes[8]) | Int(bytes[9]) << 8
    if version > 1 { length |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24 }
    guard length <= 65_536, start + length <= bytes.count else { throw damaged("header length \(length)") }
    let text = String(decoding: bytes[start..<start + length], as: UTF8.self)
    guard let descr = value(of: "descr", in: text), let order = value(of: "fortran_order", in: text),
      let shapeText = value(of: "shape", in: text)
    else { throw damaged("header \(text.prefix(80))") }
    guard let type = elementType(String(descr)) else {
      throw TensorError(.format, "\(name): dtype \(descr): expected a little-endian float, integer or bool")
    }
    var dims: [Int] = []
    for part in shapeText.split(separator: ",") {
      let digits = part.filter { $0 != " " }
      if digits.isEmpty { continue }
      guard let dim = Int(digits), dim >= 0 else { throw damaged("shape \(shapeText)") }
      dims.append(dim)
    }
    guard dims.count <= 8 else { throw damaged("rank \(dims.count), expected at most 8") }
    return Header(type: type, shape: Shape(dims), isFortran: order == "True", offset: start + length)
  }

  /// The text of one value of the header's dictionary: without quotes or parentheses.
  private static func value(of key: String, in text: String) -> Substring? {
    guard let found = text.firstRange(of: "'\(key)':") else { return nil }
    let rest = text[found.upperBound...].drop { $0 == " " }
    guard let first = rest.first else { return nil }
    if first == "(" || first == "'" {
      let body = rest.dropFirst()
      guard let end = body.firstIndex(of: first == "(" ? ")" : "'") else { return nil }
      return body[..<end]
    }
    return rest.prefix { $0 != "," && $0 != "}" && $0 != " " }
  }

  private static func descriptor(_ type: ElementType) -> String {
    switch type {
    case .float16: "<f2"
    case .float32, .bfloat16: "<f4"
    case .float64: "<f8"
    case .int8: "|i1"
    case .int16: "<i2"
    case .int32: "<i4"
    case .int64: "<i8"
    case .uint8: "|u1"
    case .uint16: "<u2"
    case .uint32: "<u4"
    case .uint64: "<u8"
    case .bool: "|b1"
    }
  }

  private static func elementType(_ descr: String) -> ElementType? {
    ElementType.allCases.first { type in
      type != .bfloat16
        && (descriptor(type) == descr || (type.size == 1 && "<" + descriptor(type).dropFirst() == descr))
    }
  }
}
