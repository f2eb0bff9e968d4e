package import FCNTensor
import Synchronization

/// Cancellation, progress and observation of one run.
package final class RunControl: @unchecked Sendable {
  private let flag = Atomic<Bool>(false)
  /// Called after every step with its index and the number of steps.
  package let onStep: (@Sendable (Int, Int) -> Void)?
  /// Called after every step with each output it made.
  package let observer: ((_ step: Int, _ view: BufferView) -> Void)?

  package init(
    onStep: (@Sendable (Int, Int) -> Void)? = nil, observer: ((_ step: Int, _ view: BufferView) -> Void)? = nil
  ) {
    self.onStep = onStep
    self.observer = observer
  }

  /// The run stops within the current step.
  package func cancel() { flag.store(true, ordering: .relaxed) }
  package var isCancelled: Bool { flag.load(ordering: .relaxed) }
}

/// Memory that holds a region of a tensor in C order.
package struct BufferView: @unchecked Sendable {
  package let pointer: UnsafeMutableRawPointer
  package let elementType: ElementType
  /// Of the whole tensor.
  package let shape: Shape
  /// The part held, global coordinates.
  package let region: Region

  package init(pointer: UnsafeMutableRawPointer, elementType: ElementType, shape: Shape, region: Region) {
    self.pointer = pointer
    self.elementType = elementType
    self.shape = shape
    self.region = region
  }

  package var count: Int { region.count }
  package var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: pointer, count: count * elementType.size)
  }
}
