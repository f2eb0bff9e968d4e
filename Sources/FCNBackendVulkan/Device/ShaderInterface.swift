import CFCNShaders

/// What every shader agrees on with the host: one set of bindings and one block of push constants.
enum ShaderInterface {
  /// Bindings: weights, input, bias or table, residual or second input, output, second output.
  static let bindingCount = 6
  static let pushBytes = 128

  /// Whether this build has a module of that name.
  static func has(_ name: String) -> Bool { fcn_shader_named(name) != nil }
}

/// What the inputs of a shader are bound as.
enum BindingForm: Sendable, Hashable, CaseIterable {
  case buffers
  /// Slots 0 to 3 as texel buffers of four floats.
  case texels

  var texels: Int { self == .texels ? 4 : 0 }
  /// Of the shader's name.
  var suffix: String { self == .texels ? "_tex" : "" }
}

/// A shader with its specialization constants.
struct PipelineKey: Hashable, Sendable {
  var shader: String
  /// By constant id; constants left out keep the shader's default.
  var constants: [UInt32: UInt32] = [:]
}
