import CFCNKernels

/// Instruction sets that the kernels are compiled for.
package enum InstructionSet: String, Sendable, CaseIterable {
  case avx512, avx2, neon, portable

  var code: fcn_isa {
    switch self {
    case .avx512: FCN_ISA_AVX512
    case .avx2: FCN_ISA_AVX2
    case .neon: FCN_ISA_NEON
    case .portable: FCN_ISA_PORTABLE
    }
  }

  package var isAvailable: Bool { fcn_isa_available(code) != 0 }

  /// The fastest that this machine executes.
  package static var best: InstructionSet { allCases.first(where: \.isAvailable) ?? .portable }
}

/// Which family of kernels is preferred.
package enum KernelFamily: String, Sendable, CaseIterable {
  /// Our own kernels, then OpenBLAS, then the reference.
  case auto
  /// As `auto`, without Winograd: a result does not depend on where the image begins, not even in the last bits.
  case direct
  /// OpenBLAS for every convolution and matrix product.
  case blas
  /// Only the reference.
  case reference
}
