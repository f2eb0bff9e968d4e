package import FCNGraph
package import FCNTensor

/// A device and its kernels.
package protocol Backend: Sendable {
  var name: String { get }
  /// Float values are stored as Double (`reference64`).
  var storesDouble: Bool { get }
  /// No value in the arena of the device lies across a multiple of so many bytes.
  var slabBytes: Int { get }
  /// Best first; the first without a refusal is taken.
  ///
  /// - Parameter layouts: of each input, how it is made; other layouts cost a step.
  func offers(for node: Node, sizing: NodeSizing, in graph: SizedGraph, layouts: [Layout]) -> [KernelOffer]
  /// Whether the kernel behind an offer can apply `function` as it stores.
  func absorbs(_ function: UnaryFunction, offer: KernelOffer) -> Bool
  func prepare(_ plan: Plan) throws(RuntimeError) -> any Executable
}

extension Backend {
  package var slabBytes: Int { .max }
}

/// A backend of this machine's memory that lends its kernels to the backend of a device, one step at a time.
package protocol HostBackend: Backend {
  var pool: ThreadPool { get }
  /// The kernel of a step that the backend offered, and of steps between the layouts of this machine's memory.
  func kernel(for step: PlanStep, in plan: Plan) throws(RuntimeError) -> any StepKernel
}

/// A prepared plan: immutable, shared by threads.
package protocol Executable: Sendable {
  var plan: Plan { get }
  /// Parts that the request runs in, one after another in the same memory; observers see each step once for each part.
  var partCount: Int { get }
  /// Bytes of a session's arenas.
  var arenaBytes: Int { get }
  func makeSession() throws(RuntimeError) -> any SessionCore
}

extension Executable {
  package var partCount: Int { 1 }
  package var arenaBytes: Int { plan.arenaBytes + plan.deviceArenaBytes }
}

/// One thread's mutable state.
package protocol SessionCore: AnyObject {
  /// Reads the planned region of every input and writes that of every output.
  func run(_ inputs: [any RegionSource], into outputs: [any RegionSink], control: RunControl) throws(RuntimeError)
}
