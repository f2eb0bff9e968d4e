package import FCNGraph
package import FCNTensor

/// What is computed: the graph at its sizes, in which order, by which kernels, over which regions, where in memory.
package struct Plan: Sendable {
  package let sized: SizedGraph
  package let backendName: String
  package internal(set) var steps: [PlanStep] = []
  /// For every value that lives in the arena.
  package internal(set) var buffers: [StoredValue: PlanBuffer] = [:]
  /// Of this machine's memory, and of the device's.
  package internal(set) var arenaBytes = 0
  package internal(set) var deviceArenaBytes = 0
  /// Of where a value begins, in bytes. Shaders read and write either memory, and no device asks for more than 256.
  package var alignment: Int { steps.contains(where: \.isOnDevice) ? 256 : 64 }
  /// Values that share memory with no other.
  var sole: Set<StoredValue> = []
  /// The region that was asked of each output.
  package let outputRegions: [Region]
  package let storesDouble: Bool
  /// Bytes that the arena of this machine's memory may take.
  package internal(set) var budget = Int.max

  package init(sized: SizedGraph, backendName: String, outputRegions: [Region], storesDouble: Bool) {
    self.sized = sized
    self.backendName = backendName
    self.outputRegions = outputRegions
    self.storesDouble = storesDouble
  }

  /// The region of graph input `index` that the outputs need; empty if none.
  package func inputRegion(_ index: Int) -> Region? { buffers[StoredValue(sized.graph.inputs[index])]?.region }

  /// The element type in memory.
  package func storageType(_ id: ValueID) -> ElementType {
    let type = sized.type(id).elementType
    return storesDouble && type.isFloat ? .float64 : type
  }
}

/// One kernel call.
package struct PlanStep: Sendable {
  package var node: Node
  package var sizing: NodeSizing
  package var offer: KernelOffer
  package var refusals: [KernelOffer]
  package var inputs: [StoredValue?]
  /// After absorption: the value of the last absorbed node.
  package var outputs: [StoredValue?]
  package var outputRegions: [Region]
  /// Addend of the output's shape.
  package var residual: StoredValue?
  package var activation: UnaryFunction?
  /// Labels of the nodes absorbed, in order.
  package var absorbed: [String] = []
  /// The output shares the input's memory and nothing is computed.
  package var isAlias = false
  /// Inputs of a Concat that their producers write where the output lies.
  package var placedInputs: Set<Int> = []
  /// The step only brings its input into another layout; the node stands for it in messages.
  package var isReorder = false

  /// Whether a device runs the step: it reads or writes what lies there.
  package var isOnDevice: Bool {
    offer.outputLayout.isOnDevice || offer.inputLayouts.contains(where: \.isOnDevice)
  }
}

/// Where a value lies in the arena of its layout and while which steps it is needed.
package struct PlanBuffer: Sendable {
  package var elementType: ElementType
  package var shape: Shape
  package var region: Region
  package var layout = Layout.planar
  package var offset = 0
  package var firstStep: Int
  package var lastStep: Int

  package var byteCount: Int { layout.checkedCount(region).count * elementType.size }
}
