import FCNBackendCPU
import FCNRuntime

/// The backends of one machine on two threads: every instruction set in every family of kernels, and the reference.
enum Backends {
  struct Choice: Sendable, CustomStringConvertible {
    let set: InstructionSet
    let family: KernelFamily
    var description: String { "\(set.rawValue) \(family.rawValue)" }
    var backend: CPUBackend { CPUBackend(pool: Backends.pool, instructionSet: set, family: family) }
  }

  static let pool = ThreadPool(threadCount: 2)

  static let choices: [Choice] = InstructionSet.allCases.filter(\.isAvailable).flatMap { set in
    [KernelFamily.auto, .direct, .blas].map { Choice(set: set, family: $0) }
  }

  /// The best instruction set's kernels, OpenBLAS, and the reference.
  static let families: [any Backend] = [
    CPUBackend(pool: pool), CPUBackend(pool: pool, family: .direct), CPUBackend(pool: pool, family: .blas),
    ReferenceBackend(pool: pool),
  ]
}
