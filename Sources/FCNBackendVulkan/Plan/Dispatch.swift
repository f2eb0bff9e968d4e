/// Bytes of a buffer that a dispatch reads or writes.
package struct Interval: Sendable, Hashable {
  package var buffer: BufferKind
  package var bytes: Range<Int>

  package init(_ buffer: BufferKind, _ bytes: Range<Int>) {
    self.buffer = buffer
    self.bytes = bytes
  }

  func overlaps(_ other: Interval) -> Bool { buffer == other.buffer && bytes.overlaps(other.bytes) }
}

/// One call of a shader.
struct Dispatch: Sendable {
  var shader: String
  /// Specialization constants by id; those left out keep the shader's default.
  var constants: [UInt32: Int] = [:]
  var push: PushBlock
  /// Slots 0 weights, 1 input, 2 bias or table, 3 residual or second input, 4 output, 5 second output.
  var bindings = [Binding?](repeating: nil, count: ShaderInterface.bindingCount)
  /// Along x, y and z.
  var groups: [Int]
  var flops = 0
  var node = ""
  /// Set as it is added to a step.
  var form = BindingForm.buffers
  /// Slot 4 is read as well.
  var readsOutput = false

  init(_ shader: String, _ push: PushBlock, groups: [Int]) {
    self.shader = shader
    self.push = push
    self.groups = groups
  }

  var key: PipelineKey {
    PipelineKey(
      shader: shader + form.suffix,
      constants: constants.mapValues { UInt32(bitPattern: Int32(truncatingIfNeeded: $0)) })
  }

  private func intervals(_ slots: Range<Int>) -> [Interval] {
    bindings[slots].compactMap { binding in
      guard let binding, binding.buffer != .weights else { return nil }
      return Interval(binding.buffer, binding.offset..<binding.offset + binding.range)
    }
  }

  var reads: [Interval] { intervals(readsOutput ? 0..<5 : 0..<4) }
  var writes: [Interval] { intervals(4..<6) }
}
