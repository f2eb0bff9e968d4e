import FCNGraph
package import FCNTensor
import Synchronization

/// Cancellation, progress and observation of one run.
package final class RunControl: @unchecked Sendable {
  private let flag = Atomic<Bool>(false)
  private let parent: RunControl?
  /// Called after every step with its index and the number of steps.
  package let onStep: (@Sendable (Int, Int) -> Void)?
  /// Called after every step with its index and its time in milliseconds; the run may be slower then.
  package let onTime: ((_ step: Int, _ milliseconds: Double) -> Void)?
  /// Called after every step with each output it made.
  package let observer: ((_ step: Int, _ view: BufferView) -> Void)?

  /// - Parameter parent: cancels this one too.
  package init(
    onStep: (@Sendable (Int, Int) -> Void)? = nil,
    onTime: ((_ step: Int, _ milliseconds: Double) -> Void)? = nil,
    observer: ((_ step: Int, _ view: BufferView) -> Void)? = nil,
    parent: RunControl? = nil
  ) {
    self.parent = parent
    self.onStep = onStep
    self.onTime = onTime
    self.observer = observer
  }

  /// The run stops within the current step.
  package func cancel() { flag.store(true, ordering: .relaxed) }
  package var isCancelled: Bool { flag.load(ordering: .relaxed) || parent?.isCancelled ?? false }
}

/// Memory that holds a region of a tensor.
package struct BufferView: @unchecked Sendable {
  package let pointer: UnsafeMutableRawPointer
  package let elementType: ElementType
  /// Of the whole tensor.
  package let shape: Shape
  /// The part held, global coordinates.
  package let region: Region
  package let layout: Layout

  package init(
    pointer: UnsafeMutableRawPointer, elementType: ElementType, shape: Shape, region: Region, layout: Layout = .planar
  ) {
    self.pointer = pointer
    self.elementType = elementType
    self.shape = shape
    self.region = region
    self.layout = layout
  }

  /// Elements of the region.
  package var count: Int { region.count }
  package var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: pointer, count: layout.checkedCount(region).count * elementType.size)
  }

  /// The region's elements in C order.
  package func copied() throws(TensorError) -> HostTensor {
    let tensor = try HostTensor(elementType, region.shape, zeroed: false)
    switch layout {
    case .planar: tensor.storage.mutableBytes.copyMemory(from: UnsafeRawBufferPointer(bytes))
    case .blocked, .quads:
      let lanes = layout.lanes
      let source = pointer.assumingMemoryBound(to: Float.self)
      let plane = region.ranges[2...].reduce(1) { $0 * $1.count }
      let blocks = region[1].count.dividedUp(by: lanes)
      tensor.storage.mutableBytes.withMemoryRebound(to: Float.self) { target in
        for image in region[0].indices {
          let n = image - region[0].lowerBound
          for c in 0..<region[1].count {
            let from = source + (n * blocks + c / lanes) * plane * lanes + c % lanes
            let to = (n * region[1].count + c) * plane
            for index in 0..<plane { target[to + index] = from[index * lanes] }
          }
        }
      }
    }
    return tensor
  }
}
