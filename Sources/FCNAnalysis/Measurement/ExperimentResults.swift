package import FCNTensor

/// The outcome of one test of a static statement.
package enum ClaimStatus: String, Sendable { case confirmed, loose, contradicted, skipped }

package struct Claim: Sendable {
  package var output: String
  package var axis: String
  package var statement: String
  package var status: ClaimStatus
  package var detail: String

  package init(_ output: String, _ axis: String, _ statement: String, _ status: ClaimStatus, _ detail: String = "") {
    self.output = output
    self.axis = axis
    self.statement = statement
    self.status = status
    self.detail = detail
  }
}

/// The error of one shift, over all samples; in deviations σ of the output.
package struct ShiftOutcome: Sendable {
  package var output: String
  package var axis: String
  package var shift: Int
  package var outputShift: Int
  package var isWhole: Bool
  package var maximum = 0.0
  /// Largest |difference| over largest |value|.
  package var relative = 0.0
  package var rms: [Double] = []
  package var agreement: [Double] = []
  package var overlapRMS: [Double] = []
  package var overlapAgreement: [Double] = []
}

/// Errors by distance to one border, in σ.
package struct BorderOutcome: Sendable {
  package var output: String
  package var axis: String
  package var isLow: Bool
  package var depth: Int
  package var maximum: [Double]
  package var mean: [Double]
  /// The largest, relative to the largest value of its channel.
  package var relative: [Double]
  package var p99: [Double]
}

/// The mean absolute gradient around one phase of one output.
package struct FieldOutcome: Sendable {
  package var output: String
  package var phase: [Int]
  package var rows: ClosedRange<Int>
  package var columns: ClosedRange<Int>
  package var map: [Double]
  package var samples: Int
  package var statistics: FieldStatistics
}

/// What contradicts the static geometry, small enough to look at.
package struct Contradiction: Sendable {
  package var claim: Claim
  /// The first node whose own statement fails; empty if only the output's does.
  package var node: String
  package var size: [Int]
  /// The two runs that should agree: inputs of both, and where the second begins in the first.
  package var files: [(name: String, tensor: HostTensor)]
  package var note: String
}
