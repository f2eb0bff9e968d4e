import FCNGraph
import FCNRuntime

/// Planar feature maps in the host's arena to quads in the device's, and back: shaders read and write host memory
/// directly, so there is no staging.
enum ReorderShader {
  /// Positions of a workgroup.
  private static let width = 256

  static func make(_ builder: inout StepBuilder) throws(RuntimeError) {
    guard let x = builder.input(0), let y = builder.output() else { return }
    let toDevice = y.layout.isOnDevice
    let planar = toDevice ? x : y
    var push = PushBlock(y, source: x)
    let plane = planar.positions
    let image = planar.channels.count * plane
    if toDevice {
      // The planar box may begin at any channel and image: what lies before is a number of elements along the row.
      push[16] = y.blocks.lowerBound
      let first = (y.n.lowerBound - x.n.lowerBound) * image + (y.channels.lowerBound - x.channels.lowerBound) * plane
      push[15] = x.w.lowerBound - first
    }
    push.setExtra(plane, 1, image)
    var shader = toDevice ? "planar_to_quads" : "quads_to_planar"
    if let pooled = builder.pooledPositions {
      shader = "indices_to_planar"
      push.setExtra(plane, 1, image, pooled, y.n.lowerBound)
    }
    var dispatch = Dispatch(
      shader, push,
      groups: [y.positions.dividedUp(by: width), y.blocks.count, y.n.count])
    dispatch.bindings[1] = x.binding
    dispatch.bindings[4] = y.binding
    try builder.add(dispatch, activates: false)
  }
}
