package import FCNGraph
package import FCNONNX
import FCNPasses
import FCNReference
import FCNRuntime
package import FCNTensor
import Logging
import Synchronization

/// A network, imported from ONNX. Immutable: one model may be run from many threads at once.
public final class Model: Sendable {
  /// A named input or output.
  public struct Port: Sendable {
    public let name: String
    /// Nil where the model does not say.
    public let elementType: Tensor.ElementType?
    /// Nil entries are free dimensions.
    public let shape: [Int?]
    /// Names of free dimensions, empty where fixed.
    public let dimensionNames: [String]
  }

  public let engine: Engine
  /// Where the model was read from, or a name given by the caller.
  public let name: String
  /// As imported, with the unsupported nodes.
  package let graph: Graph
  package let source: ImportedModel
  private let state = Mutex<State>(State())

  private struct State {
    var optimized: Graph?
    var plans: [(key: PlanKey, plan: PreparedPlan)] = []
  }

  private struct PlanKey: Hashable {
    var backend: String
    var shapes: [Shape]
    var regions: [Region]?
  }

  /// Plans kept for reuse; the least recently used goes first.
  private static let planLimit = 4

  /// Opens a model file; weights stay in the file until a plan packs them.
  /// - Throws: `FCNError.input` if the file cannot be read, `.invalidModel` if it is damaged or unsafe.
  public init(path: String, engine: Engine) throws(FCNError) {
    do throws(ONNXError) {
      source = try ImportedModel(path: path, mapsFile: engine.options.mapsFile)
    } catch { throw FCNError(error) }
    graph = source.graph
    name = path
    self.engine = engine
  }

  /// Imports a model from memory.
  /// - Throws: `FCNError.invalidModel` if the bytes are damaged or refer to external data.
  public init(bytes: [UInt8], name: String = "model", engine: Engine) throws(FCNError) {
    do throws(ONNXError) { source = try ImportedModel(bytes: bytes, name: name) } catch { throw FCNError(error) }
    graph = source.graph
    self.name = name
    self.engine = engine
  }

  public var inputs: [Port] { graph.inputs.map(port) }
  public var outputs: [Port] { graph.outputs.map(port) }
  /// `metadata_props`, in file order.
  public var metadata: [(key: String, value: String)] { graph.metadata }

  private func port(_ id: ValueID) -> Port {
    let value = graph[id]
    let dimensions = value.dimensions ?? []
    return Port(
      name: value.name, elementType: value.elementType.flatMap { Tensor.ElementType(rawValue: $0.rawValue) },
      shape: dimensions.map(\.fixedSize), dimensionNames: dimensions.map { $0.fixedSize == nil ? $0.description : "" })
  }

  /// Runs the network on whole tensors, in graph order.
  /// - Throws: `FCNError`: `.input` if they do not fit, `.unsupported` with every unsupported node, `.resources`.
  public func run(_ tensors: [Tensor]) throws(FCNError) -> [Tensor] {
    let prepared = try prepared(tensors.map(\.host.shape))
    do throws(RuntimeError) { return try prepared.run(tensors.map(\.host)).map(Tensor.init) } catch {
      throw FCNError(error)
    }
  }

  /// The graph after the passes.
  /// - Throws: `FCNError.unsupported` listing every node that this build does not execute.
  package func optimizedGraph(stopAfter: Int? = nil) throws(FCNError) -> Graph {
    try checkSupported()
    if stopAfter == nil, let known = state.withLock({ $0.optimized }) { return known }
    let result: Graph
    do throws(GraphError) { result = try PassPipeline.standard.optimized(graph, stopAfter: stopAfter) } catch {
      throw FCNError(error)
    }
    if stopAfter == nil { state.withLock { $0.optimized = result } }
    return result
  }

  package func checkSupported() throws(FCNError) {
    let missing = graph.unsupportedNodes
    if missing.isEmpty { return }
    let lines = missing.map { node, reason in
      let domain = node.origin.domain.isEmpty ? "" : node.origin.domain + "."
      return "\(node.name) (\(domain)\(node.origin.operatorName), opset \(node.origin.opset)): \(reason)"
    }
    let what = missing.count == 1 ? "node is" : "nodes are"
    throw FCNError(.unsupported, "\(missing.count) \(what) not supported: " + lines.joined(separator: "; "))
  }

  /// The graph at concrete input shapes, after the passes or as imported.
  package func sized(_ shapes: [Shape], optimized: Bool = true) throws(FCNError) -> SizedGraph {
    try checkSupported()
    let graph = optimized ? try optimizedGraph() : graph
    do throws(GraphError) { return try SizedGraph(graph, inputs: shapes, evaluator: ReferenceEvaluator()) } catch {
      throw FCNError(error)
    }
  }

  /// A plan for these input shapes, from the cache if it is there.
  /// - Parameters:
  ///   - name: `auto`: the engine's device. The reference backends run the graph as imported: they judge the passes
  ///     too.
  ///   - regions: the part wanted of each output; nil: the whole.
  package func prepared(
    _ shapes: [Shape], backend name: String = "auto", regions: [Region]? = nil
  ) throws(FCNError) -> PreparedPlan {
    let key = PlanKey(backend: name, shapes: shapes, regions: regions)
    let known: PreparedPlan? = state.withLock { state in
      guard let index = state.plans.firstIndex(where: { $0.key == key }) else { return nil }
      let entry = state.plans.remove(at: index)
      state.plans.append(entry)
      return entry.plan
    }
    if let known { return known }
    guard source.isUnchanged else {
      throw FCNError(.invalidModel, "\(self.name): the file changed while it was loaded")
    }
    let backend = try engine.backend(name)
    let sized = try sized(shapes, optimized: !name.hasPrefix("reference"))
    let result: PreparedPlan
    do throws(RuntimeError) {
      let plan = try Planner.plan(sized, backend: backend, outputs: regions, budget: engine.options.memoryBudget)
      result = try engine.prepared(plan, backend)
    } catch { throw FCNError(error) }
    engine.options.logger.debug(
      "planned",
      metadata: [
        "model": "\(self.name)", "backend": "\(name)", "shapes": "\(shapes.map(\.description))",
        "steps": "\(result.plan.steps.count)", "arena": "\(result.executable.arenaBytes)",
      ])
    return state.withLock { state in
      // Another thread may have been faster.
      if let entry = state.plans.first(where: { $0.key == key }) { return entry.plan }
      state.plans.append((key, result))
      if state.plans.count > Model.planLimit { state.plans.removeFirst() }
      return result
    }
  }
}
