package import FCNTensor

/// A dense tensor: element type, shape, elements in C order. A value; copies share memory.
public struct Tensor: Sendable {
  public enum ElementType: String, Sendable, CaseIterable {
    case float16, bfloat16, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64, bool
  }

  package let host: HostTensor

  package init(_ host: HostTensor) { self.host = host }

  /// Float32 elements in C order.
  /// - Throws: `FCNError.input` unless `values` has exactly the product of `shape`.
  public init(shape: [Int], floats values: [Float]) throws(FCNError) {
    do throws(TensorError) { host = try HostTensor(values, shape: Shape(shape)) } catch { throw FCNError(error) }
  }

  /// Int64 elements in C order.
  /// - Throws: `FCNError.input` unless `values` has exactly the product of `shape`.
  public init(shape: [Int], integers values: [Int64]) throws(FCNError) {
    do throws(TensorError) { host = try HostTensor(values, shape: Shape(shape)) } catch { throw FCNError(error) }
  }

  /// Raw little-endian elements in C order.
  /// - Throws: `FCNError.input` unless the byte count fits.
  public init(shape: [Int], elementType: ElementType, bytes: [UInt8]) throws(FCNError) {
    do throws(TensorError) {
      let storage = try Storage(count: bytes.count)
      bytes.withUnsafeBytes { storage.mutableBytes.copyMemory(from: $0) }
      host = try HostTensor(elementType: .init(rawValue: elementType.rawValue)!, shape: Shape(shape), storage: storage)
    } catch { throw FCNError(error) }
  }

  /// Reads a NumPy `.npy` file.
  /// - Throws: `FCNError.input` for a missing or damaged file.
  public init(npy path: String) throws(FCNError) {
    do throws(TensorError) { host = try NPY.read(path: path) } catch { throw FCNError(error) }
  }

  public var shape: [Int] { host.shape.dims }
  public var elementType: ElementType { ElementType(rawValue: host.elementType.rawValue)! }
  /// Number of elements.
  public var count: Int { host.count }

  /// Every element as Float (rounded where the type is wider).
  public var floats: [Float] {
    if host.elementType == .float32 { return host.withElements(Float.self) { Array($0) } }
    return host.doubles().map(Float.init)
  }

  /// The elements' bytes, read-only, for the duration of `body`.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try body(host.storage.bytes)
  }

  /// Writes a NumPy `.npy` file, whole or not at all.
  public func writeNPY(to path: String) throws(FCNError) {
    do throws(TensorError) { try AtomicFile.write(try NPY.encode(host), to: path) } catch {
      throw FCNError(writing: error)
    }
  }
}
