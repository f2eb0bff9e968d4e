/// Ids of the specialization constants in Shaders/common/params.glsl.
enum ShaderConstant {
  static let kernelH: UInt32 = 0
  static let kernelW: UInt32 = 1
  static let strideH: UInt32 = 2
  static let strideW: UInt32 = 3
  static let padTop: UInt32 = 4
  static let padLeft: UInt32 = 5
  static let dilationH: UInt32 = 6
  static let dilationW: UInt32 = 7
  static let activation: UInt32 = 8
  static let residual: UInt32 = 9
  static let op: UInt32 = 10
  static let kernelD: UInt32 = 11
  static let strideD: UInt32 = 12
  static let padFront: UInt32 = 13
  static let dilationD: UInt32 = 14
  static let flags: UInt32 = 15
  /// Three: taps along d, h and w.
  static let tapsD: UInt32 = 16
  /// Five: axes of the source that become n, c, d, h and w.
  static let sourceAxis: UInt32 = 16
  /// Invocations of a workgroup.
  static let lanes: UInt32 = 19
}
